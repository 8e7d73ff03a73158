"""`cictl hook`: what it prints, and where its settings come from."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cictl.wiring.app import App
from cictl.wiring.jenkins import push_token_file
from tests.running import Run

TOKEN = "3ae01cd6c7243b0353f21495c9963735"
CONFIG = """\
version: 1
jenkins: {url: "https://ci.example.com/jenkins"}
services:
  checkout: {path: examples/checkout, repo: "https://git.example.com/shop/checkout.git"}
  cart: {path: examples/cart}
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cictl.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "app.git"
    subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)
    return path


def test_the_token_that_bootstrap_keeps_is_taken_where_none_is_installed(run: Run, repository: Path) -> None:
    install = ("hook", "install", str(repository), "--service", "checkout", "-o", "name")
    assert run(*install).status == 2
    kept = push_token_file(App(), "https://ci.example.com/jenkins")
    kept.keep(TOKEN)
    assert run(*install).stdout == "hook/created\n"
    kept.keep(TOKEN[::-1])
    assert run(*install).stdout == "hook/unchanged\n"
    assert any(TOKEN in path.read_text() for path in (repository / "hooks").glob("post-receive.cictl*"))


def test_it_is_installed_shown_and_removed(run: Run, repository: Path) -> None:
    install = ("hook", "install", str(repository), "--service", "checkout", "--token-file", "token", "-o", "name")
    assert run(*install, "--dry-run").stdout == "hook/created\n"
    assert not (repository / "hooks" / "post-receive").exists()
    assert [run(*install).stdout for _ in range(2)] == ["hook/created\n", "hook/unchanged\n"]
    shown = json.loads(run("hook", "show", str(repository), "-o", "json").stdout)
    assert (shown["kind"], shown["tellsJenkins"], shown["jenkins"], shown["repositoryUrl"]) == (
        "PushHook",
        True,
        "https://ci.example.com/jenkins",
        "https://git.example.com/shop/checkout.git",
    )
    removed = run("hook", "remove", str(repository)).stdout.splitlines()
    assert removed[1].split(maxsplit=2) == ["hook", "removed", "with its token and log"]
    assert ["hook", "none"] in [line.split() for line in run("hook", "show", str(repository)).stdout.splitlines()]


def test_the_token_may_come_by_the_environment_and_is_printed_nowhere(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JENKINS_NOTIFY_TOKEN", TOKEN)
    done = run("-vv", "hook", "install", str(repository), "--repo-url", f"https://{TOKEN}.example.com/a.git")
    assert done.status == 0
    assert (repository / "hooks" / "post-receive.cictl-token").read_text(encoding="utf-8") == f"{TOKEN}\n"
    assert TOKEN not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--token-file", "token"), 2, "--service"),
        (("--service", "cart", "--token-file", "token"), 3, "no repository"),
        (("--service", "chekout", "--token-file", "token"), 4, "checkout"),
        (("--service", "checkout"), 2, "no token"),
        (("--service", "checkout", "--token-file", "missing"), 4, "cannot be read"),
        (("--service", "checkout", "--token-file", "cictl.yaml"), 3, "holds no token"),
        (("--service", "checkout", "--token-file", "token", "--url", "ci.example.com"), 2, "not an address"),
        (("--service", "checkout", "--token-file", "token", "--url", "http://a:b@ci"), 2, "holds a user or password"),
    ],
)
def test_what_is_missing_is_said(run: Run, repository: Path, words: tuple[str, ...], status: int, said: str) -> None:
    done = run("hook", "install", str(repository), *words)
    assert (done.status, said in done.stderr) == (status, True), done.stderr
    assert not (repository / "hooks" / "post-receive").exists()


def test_a_place_that_is_none(run: Run, repository: Path) -> None:
    done = run("hook", "show", "https://git.example.com/app.git")
    assert (done.status, "ssh" in done.stderr) == (2, True)
    assert run("hook", "show", str(repository / "missing")).status == 4


def test_without_a_configuration_the_environment_names_jenkins(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    subprocess.run(["git", "init", "-q", "--bare", "app.git"], check=True)
    app = App(environ={"JENKINS_URL": "http://ci:8080/", "PATH": "/usr/bin:/bin"}, directory=tmp_path)
    words = ("hook", "install", "app.git", "--repo-url", "git@h:a.git", "--token-file", "token")
    assert "tells http://ci:8080 of git@h:a.git" in run(*words, app=app).stdout


@pytest.mark.parametrize("forge", ["github", "gitlab", "gitea"])
def test_what_to_enter_at_a_forge(run: Run, repository: Path, forge: str) -> None:
    assert repository.exists()
    done = run("hook", "url", "checkout", "--forge", forge)
    assert f"https://ci.example.com/jenkins/{forge}-webhook/" in done.stdout
    assert "git/notifyCommit?url=https%3A%2F%2Fgit.example.com%2Fshop%2Fcheckout.git&token=TOKEN" in done.stdout
