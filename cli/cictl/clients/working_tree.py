"""What git says of a working tree, in as few calls as can be; where there is no git or no repository, nothing."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_LONGEST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class WorkingTree:
    """One repository's checked-out files; BRANCH is None where HEAD is detached."""

    root: Path
    commit: str | None
    branch: str | None
    url: str | None


def find_working_tree(folder: Path) -> WorkingTree | None:
    """Return the working tree that FOLDER is in."""
    root = _git(folder, "rev-parse", "--show-toplevel")
    if root is None:
        return None
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    branch = _git(folder, "symbolic-ref", "--short", "--quiet", "HEAD")
    return WorkingTree(Path(root), commit, branch, _git(folder, "config", "--get", "remote.origin.url"))


@dataclass(frozen=True, slots=True)
class Changes:
    """What a build would list as changes: names of FILES, whole MESSAGES of commits."""

    files: tuple[str, ...]
    messages: tuple[str, ...]


def find_changes(tree: WorkingTree, target: str | None = None) -> Changes | None:
    """Return what the last commit changes, or all since TARGET, a branch, and what differs; None without a before."""
    base = "HEAD~1" if target is None else _fork(tree, target)
    committed = _git(tree.root, "diff", "--name-only", "-z", base) if base is not None else None
    if committed is None:
        return None
    untracked = _git(tree.root, "ls-files", "--others", "--exclude-standard", "-z") or ""
    messages = _git(tree.root, "log", "-z", "--format=%B", f"{base}..HEAD") or ""
    return Changes(_parts(committed + "\0" + untracked), _parts(messages))


def _fork(tree: WorkingTree, target: str) -> str | None:
    """Return the commit at which HEAD left TARGET, here or at the remote; None if there is no such branch."""
    for name in (f"refs/remotes/origin/{target}", f"refs/heads/{target}"):
        if (commit := _git(tree.root, "merge-base", name, "HEAD")) is not None:
            return commit
    return None


def tag_time(tree: WorkingTree, tag: str) -> int | None:
    """Return when TAG was made, in epoch seconds; None if there is no such tag."""
    seconds = _git(tree.root, "for-each-ref", "--format=%(creatordate:unix)", f"refs/tags/{tag}")
    return int(seconds) if seconds is not None and seconds.isdigit() else None


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip("\n") for part in text.split("\0") if part.strip())


def is_clean(tree: WorkingTree) -> bool:
    """Whether TREE is what its commit holds: nothing changed and nothing added, but for what is ignored."""
    return _git(tree.root, "status", "--porcelain", "--untracked-files=normal") == ""


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=_LONGEST_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
