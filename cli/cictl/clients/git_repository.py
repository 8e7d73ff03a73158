"""What Git knows of a folder: commit, remote, and what was not committed; writes nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.git_python import opened
from cictl.core.image_source import ChangedFile, SourceFacts, hash_changes
from cictl.errors import CictlError, ConfigInvalid, FarSideFailed

if TYPE_CHECKING:
    import git

_REFUSED_OWNER = "dubious ownership"
_NO_COMMIT = "does not have any commits yet"
_NO_RENAMES = ("--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
_SYMLINK, _PROGRAM, _FILE = "120000", "100755", "100644"  # as Git writes modes
_GONE = "0"


class GitRepository:
    """The repository around a folder."""

    def facts(self, folder: Path, paths: Sequence[Path]) -> SourceFacts:
        """Return the commit that FOLDER is at, and whether anything under PATHS differs from it."""
        hint = "put the service under Git: its images are named after commits"
        with opened(folder, hint=hint, problem=lambda said: _problem(said, folder)) as repository:
            return _facts(repository, paths)


def _facts(repository: git.Repo, paths: Sequence[Path]) -> SourceFacts:
    repository.git.update_environment(GIT_OPTIONAL_LOCKS="0")  # others may work in the same checkout
    commit, committed_at = str(repository.git.log("-1", "--no-show-signature", "--format=%H %ct")).split()
    changes = hash_changes(_changed_files(repository, paths))
    return SourceFacts(commit, int(committed_at), _remote(repository), changes)


def _changed_files(repository: git.Repo, paths: Sequence[Path]) -> Iterator[ChangedFile]:
    root = Path(repository.working_dir)
    status = repository.git.status(*_NO_RENAMES, "--", *(str(path.resolve()) for path in paths))
    for entry in filter(None, str(status).split("\0")):
        yield _changed_file(root, entry[3:])


def _changed_file(root: Path, name: str) -> ChangedFile:
    path = root / name
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return ChangedFile(name, _SYMLINK, os.fsencode(path.readlink()))
        if stat.S_ISREG(mode):
            return ChangedFile(name, _PROGRAM if mode & stat.S_IXUSR else _FILE, path.read_bytes())
    except FileNotFoundError:
        return ChangedFile(name, _GONE, None)
    return ChangedFile(name, _FILE, b"")  # a folder with a repository of its own


def _remote(repository: git.Repo) -> str | None:
    names = [remote.name for remote in repository.remotes]
    if not names:
        return None
    return next(repository.remote("origin" if "origin" in names else names[0]).urls, None)


def _problem(words: str, folder: Path) -> CictlError:
    if _REFUSED_OWNER in words:
        hint = f"git config --global --add safe.directory {folder}"
        return ConfigInvalid(f"git refuses {folder}: it belongs to somebody else", hint=hint)
    if _NO_COMMIT in words:
        hint = "commit something: images are named after commits"
        return ConfigInvalid(f"the Git repository of {folder} has no commit yet", hint=hint)
    return FarSideFailed(f"git cannot tell the state of {folder}: {words}")
