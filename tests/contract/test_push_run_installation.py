"""The hook that runs pipelines: what it keeps of what was there, what may be told to it, what cannot be installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.contract.push_server import NEEDS_JAVA, PROGRAMS, Server

pytestmark = NEEDS_JAVA


def test_the_hook_before_goes_on_and_comes_back(server: Server) -> None:
    hook = server.bare / "hooks" / "post-receive"
    hook.write_text('#!/bin/sh\ncat > "$TRACES/stdin"; echo chained; exit 7\n', encoding="utf-8")
    hook.chmod(0o755)
    server.install()
    commit = server.commit()
    said = server.push("HEAD:main", option="wait")
    assert "remote: chained" in said
    assert "run 1: not_built" in said
    assert server.trace("stdin").endswith(f" {commit} refs/heads/main\n")
    server.cictl("hook", "remove", str(server.bare))
    assert "chained" in hook.read_text(encoding="utf-8")
    assert not (server.bare / "cictl-runs" / "settings.json").exists()
    assert len(server.runs()) == 1
    config = ["git", "-C", str(server.bare), "config", "receive.advertisePushOptions"]
    assert subprocess.run(config, check=False).returncode == 1


def test_credentials_and_variables_are_named_and_kept_for_the_owner(server: Server, tmp_path: Path) -> None:
    secret = tmp_path / "login"
    secret.write_text("ann:h4rd-to-guess\n", encoding="utf-8")
    server.environ["SPECIAL"] = "told nobody"
    server.install("--credential", f"login={secret}", "--variable", "SPECIAL")
    settings = server.bare / "cictl-runs" / "settings.json"
    assert settings.stat().st_mode & 0o077 == 0
    shown = server.cictl("hook", "show", str(server.bare))
    assert "SPECIAL" in shown
    assert "told nobody" not in shown
    (server.clone / "Jenkinsfile").write_text(
        "node { withCredentials([usernameColonPassword(credentialsId: 'login', variable: 'LOGIN')]) "
        "{ sh 'echo $LOGIN $SPECIAL' } }\n",
        encoding="utf-8",
    )
    server.commit("")
    said = server.push("HEAD:main", option="wait=all")
    assert "told nobody" in said
    assert "h4rd-to-guess" not in said
    everything = [
        path.read_text(errors="replace") for path in (server.bare / "cictl-runs").rglob("*") if path.is_file()
    ]
    assert not any("h4rd-to-guess" in text for text in everything)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--run", "git@example.com:shop.git"), 2, "on another machine"),
        (("--run", "{bare}", "--service", "checkout"), 2, "--service excludes --run"),
        (("{bare}", "--jenkinsfile", "x"), 2, "--jenkinsfile is for --run"),
        (("{bare}", "--timeout", "1h"), 2, "--timeout is for --run"),
        (("--run", "{bare}", "--timeout", "0s"), 2, "longer than 0s"),
        (("--run", "{bare}", "--jenkinsfile", "../x"), 2, "no file of the repository"),
        (("--run", "{bare}", "--credential", "a=/nowhere"), 4, "neither such a file nor such a variable"),
        (("--run", "{bare}", "--variable", "NOT_THERE"), 4, "no environment variable NOT_THERE"),
        (("--run", "{bare}", "--library", "a=/nowhere"), 4, "no such folder"),
        (("--run", "/nowhere"), 4, "no Git repository"),
    ],
)
def test_what_cannot_be_installed(server: Server, words: tuple[str, ...], status: int, said: str) -> None:
    command = [str(PROGRAMS / "cictl"), "hook", "install", *(word.format(bare=server.bare) for word in words)]
    done = subprocess.run(command, env=server.environ, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert not (server.bare / "hooks" / "post-receive").exists()


def test_hooks_of_both_kinds_exclude_each_other_and_edits_are_seen(server: Server) -> None:
    server.install()
    token = server.traces / "token"
    token.write_text("3ae01cd6c7243b0353f21495c9963735\n", encoding="utf-8")
    jenkins = ("--url", "http://localhost:1", "--repo-url", "https://git.example.com/x.git", "--token-file", str(token))
    assert "runs pipelines by itself" in server.cictl("hook", "install", str(server.bare), *jenkins, check=False)
    hook = server.bare / "hooks" / "post-receive"
    hook.write_text(hook.read_text(encoding="utf-8") + "echo mine\n", encoding="utf-8")
    assert "edited by hand" in server.cictl("hook", "install", "--run", str(server.bare), check=False)
    assert "edited by hand" in server.cictl("hook", "remove", str(server.bare), check=False)
    assert "edited by hand" in server.cictl("hook", "show", str(server.bare))
