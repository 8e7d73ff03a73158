"""What git says of real working trees."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cictl.clients.working_tree import changed_files, find_working_tree


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


def test_changed_is_what_the_last_commit_and_the_files_change(tmp_path: Path) -> None:
    root = _repository(tmp_path / "shop")
    (root / "second").touch()
    _git(root, "add", "second")
    _git(root, "commit", "-q", "-m", "second")
    (root / "first").write_text("changed")
    (root / "new").touch()
    tree = find_working_tree(root)
    assert tree is not None
    assert sorted(changed_files(tree) or ()) == ["first", "new", "second"]


def test_the_first_commit_has_nothing_to_compare_with(tmp_path: Path) -> None:
    tree = find_working_tree(_repository(tmp_path / "shop"))
    assert tree is not None
    assert changed_files(tree) is None
