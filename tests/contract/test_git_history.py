"""Histories of real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cictl.clients.git_history import GitHistory
from cictl.errors import CictlError, FarSideFailed, NotFound


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root: Path, subject: str, **files: str) -> str:
    for name, content in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", subject)
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "platform"
    made.mkdir()
    git(made, "init", "--quiet", "--initial-branch=main")
    return made


@pytest.fixture
def commits(root: Path) -> list[str]:
    return [
        commit(root, "one", services__shop__service="1", charts__service__Chart="1"),
        commit(root, "two\n\nwith a body", services__shop__service="2"),
        commit(root, "of another", services__other__service="1", charts__service__Chart="3"),
        commit(root, 'three: "quotes" and Umläute', services__shop__service="3"),
    ]


def history(tmp_path: Path, root: Path, remote: str | None = None) -> GitHistory:
    return GitHistory(root / "services/shop", remote, cache=tmp_path / "cache")


def test_commits_between_are_those_of_the_service(tmp_path: Path, root: Path, commits: list[str]) -> None:
    found = history(tmp_path, root).between(commits[0], commits[3])
    assert [each.subject for each in found] == ['three: "quotes" and Umläute', "two"]
    assert {(each.author, each.email) for each in found} == {("Ann", "ann@example.com")}
    assert str(found[1]) == f"{commits[1][:12]} Ann: two"
    assert history(tmp_path, root).between(commits[3], commits[0]) == ()


def test_who_comes_after_whom(tmp_path: Path, root: Path, commits: list[str]) -> None:
    shop = history(tmp_path, root)
    assert shop.is_ancestor(commits[0], commits[1])
    assert not shop.is_ancestor(commits[1], commits[0])
    assert shop.newest(commits[1]).subject == "two"


def test_the_last_change_is_of_the_service_alone(tmp_path: Path, root: Path, commits: list[str]) -> None:
    shop = history(tmp_path, root)
    assert [shop.last_change(each).id for each in commits] == [commits[0], commits[1], commits[1], commits[3]]
    git(root, "commit", "--quiet", "--allow-empty", "--message", "nothing")
    assert shop.last_change(git(root, "rev-parse", "HEAD")).id == commits[3]
    (root / "services/none").mkdir()
    assert GitHistory(root / "services/none", None, cache=tmp_path).last_change(commits[1]).id == commits[1]


def test_files_are_those_of_the_commit(tmp_path: Path, root: Path, commits: list[str]) -> None:
    (root / "services/shop/service").write_text("not committed")
    elsewhere = tmp_path / "elsewhere"
    with history(tmp_path, root).files(commits[1], root / "charts/service", elsewhere) as (folder, chart, other):
        assert (folder / "service").read_text() == "2"
        assert (chart / "Chart").read_text() == "1"
        assert other == elsewhere
    assert not folder.exists()
    assert (root / "services/shop/service").read_text() == "not committed"


def test_links_that_lead_out_are_left_out(tmp_path: Path, root: Path) -> None:
    shop = root / "services/shop"
    shop.mkdir(parents=True)
    (shop / "inside").symlink_to("service")
    (shop / "outside").symlink_to("../../../secret")
    (shop / "absolute").symlink_to("/etc/passwd")
    newest = commit(root, "links", services__shop__service="1")
    with history(tmp_path, root).files(newest) as (folder,):
        assert sorted(each.name for each in folder.iterdir()) == ["inside", "service"]
        assert (folder / "inside").read_text() == "1"


def test_a_chart_that_the_commit_lacks_is_taken_as_it_is(tmp_path: Path, root: Path, commits: list[str]) -> None:
    young = root / "young"
    young.mkdir()
    with history(tmp_path, root).files(commits[0], young) as (_, chart):
        assert chart == young


def test_a_shallow_clone_fetches_into_a_repository_of_its_own(tmp_path: Path, root: Path, commits: list[str]) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", str(shallow))
    git(root, "config", "uploadpack.allowAnySHA1InWant", "true")
    shop = history(tmp_path, shallow)
    assert [each.subject for each in shop.between(commits[1], commits[3])] == ['three: "quotes" and Umläute']
    with shop.files(commits[0]) as (folder,):
        assert (folder / "service").read_text() == "1"
    assert git(shallow, "rev-list", "--count", "--all") == "1"


def test_a_repository_of_the_services_own(tmp_path: Path, root: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    git(own, "init", "--quiet", "--initial-branch=main")
    newest = commit(own, "mine", service="own")
    shop = GitHistory(tmp_path / "nowhere", str(own), cache=tmp_path / "cache")
    with shop.files(newest, root) as (folder, chart):
        assert (folder / "service").read_text() == "own"
        assert chart == root


@pytest.mark.parametrize(
    ("wanted", "remote", "error", "words"),
    [
        pytest.param("main", None, NotFound, "'main' is no commit", id="not-a-commit"),
        pytest.param("--output=x", None, NotFound, "is no commit", id="an-option"),
        pytest.param("0" * 40, None, NotFound, "is not in the repository", id="unknown"),
        pytest.param(
            "0" * 40,
            "https://me:hunter22@127.0.0.1:1/x",
            FarSideFailed,
            "access 'https://127.0.0.1:1/x/': ",
            id="unreachable",
        ),
    ],
)
def test_what_git_cannot_tell(
    tmp_path: Path, root: Path, commits: list[str], wanted: str, remote: str | None, error: type[CictlError], words: str
) -> None:
    assert commits
    with pytest.raises(error) as caught:
        history(tmp_path, root, remote).newest(wanted)
    assert words in caught.value.message
    assert caught.value.hint
    assert "hunter22" not in caught.value.message
