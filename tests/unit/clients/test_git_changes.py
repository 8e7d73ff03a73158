from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cictl.clients.git_changes import GitChanges
from cictl.errors import ConfigInvalid


def git(folder: Path, *arguments: str) -> str:
    author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    done = subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, **files: str) -> str:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x", "--allow-empty")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def test_files_that_differ(repository: Path) -> None:
    first = commit(repository, cart__a="1", checkout__b="1")
    commit(repository, cart__a="2")
    (repository / "checkout" / "b").rename(repository / "checkout" / "ü\nc")
    commit(repository)
    assert GitChanges(repository / "cart").since(first) == ("cart/a", "checkout/b", "checkout/ü\nc")


def test_what_was_changed_and_changed_back_does_not_differ(repository: Path) -> None:
    first = commit(repository, a="1")
    commit(repository, a="2")
    commit(repository, a="1")
    assert GitChanges(repository).since(first) == ()


@pytest.mark.parametrize("name", ["0" * 40, "no-such-branch", "--output=x", "HEAD:a", "$(touch x)"])
def test_a_commit_that_is_not_here(repository: Path, name: str) -> None:
    commit(repository, a="1")
    assert GitChanges(repository).since(name) is None
    assert not (repository / "x").exists()


def test_a_branch_and_a_short_name_are_commits_too(repository: Path) -> None:
    first = commit(repository, a="1")
    commit(repository, a="2")
    assert GitChanges(repository).since(first[:10]) == GitChanges(repository).since("main~1") == ("a",)


def test_paths_from_the_root_on(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    changes = GitChanges(repository)
    assert changes.inside(repository / "cart" / ".." / "cart") == "cart"
    assert changes.inside(tmp_path_factory.mktemp("elsewhere")) is None


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="is not in a Git repository"):
        GitChanges(tmp_path).since("main")
