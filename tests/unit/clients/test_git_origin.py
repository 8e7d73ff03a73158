"""Where a folder's repository comes from, by Git's own files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cictl.clients.git_origin import Origin, origin_of

URL = "https://git.example.com/shop/ci.git"


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "ci" / "jobs" / "deep").mkdir(parents=True)
    _git(tmp_path, "init", "-q", "ci")
    _git(tmp_path / "ci", "remote", "add", "other", "https://elsewhere.example.com/x.git")
    _git(tmp_path / "ci", "remote", "add", "origin", URL)
    return tmp_path / "ci"


@pytest.mark.parametrize("below", ["", "jobs", "jobs/deep"])
def test_from_anywhere_in_it(repository: Path, below: str) -> None:
    assert origin_of(repository / below) == Origin(URL, below)


def test_a_file_of_it(repository: Path) -> None:
    (repository / "jobs" / "a.yaml").write_text("[]")
    assert origin_of(repository / "jobs" / "a.yaml") == Origin(URL, "jobs/a.yaml")


def test_a_worktree_and_a_link_are_the_same_repository(repository: Path) -> None:
    (repository / "jobs" / "a.yaml").write_text("[]")
    _git(repository, "add", ".")
    _git(repository, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x")
    _git(repository, "worktree", "add", "-q", "../tree")
    (repository.parent / "link").symlink_to(repository / "jobs")
    assert origin_of(repository.parent / "tree" / "jobs") == Origin(URL, "jobs")
    assert origin_of(repository.parent / "link") == Origin(URL, "jobs")


def test_without_an_origin_there_is_none(repository: Path) -> None:
    _git(repository, "remote", "remove", "origin")
    assert origin_of(repository / "jobs") is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ('[Remote "origin"]\n\tURL = "git@h:a.git" # mine\n\turl = other\n', "git@h:a.git"),
        ('[remote "origin"] # x\n url=h:a\n[remote "b"]\nurl = h:b\n', "h:a"),
        ('[remote "originals"]\nurl = h:b\n', None),
        ('[remote "origin"]\nurl =\n', None),
        ("\x00\xff[remote", None),
        ("", None),
    ],
)
def test_whatever_the_configuration_says(tmp_path: Path, text: str, address: str | None) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text(text)
    found = origin_of(tmp_path)
    assert (found.address if found else None) == address
