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


def changed_files(tree: WorkingTree) -> tuple[str, ...] | None:
    """Return what the last commit and the files that differ from it change; None if there is no commit before."""
    committed = _git(tree.root, "diff", "--name-only", "HEAD~1")
    untracked = _git(tree.root, "ls-files", "--others", "--exclude-standard")
    if committed is None:
        return None
    return tuple(line for line in [*committed.splitlines(), *(untracked or "").splitlines()] if line)


def is_clean(tree: WorkingTree) -> bool:
    """Whether TREE is what its commit holds: nothing changed and nothing added, but for what is ignored."""
    return _git(tree.root, "status", "--porcelain", "--untracked-files=normal") == ""


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONGEST_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
