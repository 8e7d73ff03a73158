"""What git says of real working trees."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cictl.clients.working_tree import find_changes, find_working_tree, tag_time


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def _repository(folder: Path) -> Path:
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "main")
    (folder / "first").touch()
    _git(folder, "add", "first")
    _git(folder, "commit", "-q", "-m", "first")
    return folder


def test_a_working_tree_is_found_from_within(tmp_path: Path) -> None:
    root = _repository(tmp_path / "shop")
    _git(root, "remote", "add", "origin", "https://git.example.com/shop.git")
    (root / "deep").mkdir()
    tree = find_working_tree(root / "deep")
    assert tree is not None
    assert (tree.root, tree.branch, tree.url) == (root, "main", "https://git.example.com/shop.git")
    assert len(tree.commit or "") == 40


def test_a_detached_head_is_on_no_branch(tmp_path: Path) -> None:
    root = _repository(tmp_path / "shop")
    _git(root, "checkout", "-q", "--detach")
    tree = find_working_tree(root)
    assert tree is not None
    assert tree.branch is None


def test_outside_of_a_repository_there_is_none(tmp_path: Path) -> None:
    assert find_working_tree(tmp_path) is None


def _commit(root: Path, name: str, message: str) -> None:
    (root / name).touch()
    _git(root, "add", name)
    _git(root, "commit", "-q", "-m", message)


def test_changed_is_what_the_last_commit_and_the_files_change(tmp_path: Path) -> None:
    root = _repository(tmp_path / "shop")
    _commit(root, "sécond", "second\n\nwith more to say\n")
    (root / "first").write_text("changed")
    (root / "new").touch()
    tree = find_working_tree(root)
    assert tree is not None
    changes = find_changes(tree)
    assert changes is not None
    assert sorted(changes.files) == ["first", "new", "sécond"]
    assert changes.messages == ("second\n\nwith more to say",)


def test_a_change_request_is_all_that_came_since_it_left_its_target(tmp_path: Path) -> None:
    root = _repository(tmp_path / "shop")
    _git(root, "checkout", "-q", "-b", "feature")
    _commit(root, "a", "one")
    _commit(root, "b", "two")
    _git(root, "checkout", "-q", "main")
    _commit(root, "c", "elsewhere")
    _git(root, "checkout", "-q", "feature")
    tree = find_working_tree(root)
    assert tree is not None
    changes = find_changes(tree, "main")
    assert changes is not None
    assert (changes.files, changes.messages) == (("a", "b"), ("two", "one"))
    assert find_changes(tree, "no-such-branch") is None


def test_the_first_commit_has_nothing_to_compare_with(tmp_path: Path) -> None:
    tree = find_working_tree(_repository(tmp_path / "shop"))
    assert tree is not None
    assert find_changes(tree) is None


def test_a_tag_has_the_time_at_which_it_was_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = _repository(tmp_path / "shop")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0100")
    _git(root, "tag", "-a", "-m", "release", "v1.2")
    tree = find_working_tree(root)
    assert tree is not None
    assert (tag_time(tree, "v1.2"), tag_time(tree, "v9")) == (1_700_000_000, None)
