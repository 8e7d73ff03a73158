"""Which files of a repository differ between two commits; writes nothing and fetches nothing."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.git_python import opened
from cictl.errors import FarSideFailed

if TYPE_CHECKING:
    import git


class GitChanges:
    """The repository around FOLDER."""

    def __init__(self, folder: Path) -> None:
        """Look at the repository around FOLDER when asked."""
        self._folder = folder

    def since(self, commit: str) -> tuple[str, ...] | None:
        """Return the files that HEAD has otherwise than COMMIT, from the root on; None where COMMIT is not here."""
        with self._opened() as repository:
            return _differing(repository, commit)

    def inside(self, path: Path) -> str | None:
        """Return PATH from the repository's root on, None where it is outside."""
        with self._opened() as repository:
            root = Path(repository.working_dir).resolve()
        return path.resolve().relative_to(root).as_posix() if path.resolve().is_relative_to(root) else None

    def _opened(self) -> AbstractContextManager[git.Repo]:
        return opened(
            self._folder,
            hint="run it in a checkout of the platform's repository",
            problem=lambda said: FarSideFailed(f"git cannot tell what changed in {self._folder}: {said}"),
        )


def _differing(repository: git.Repo, commit: str) -> tuple[str, ...] | None:
    found, *_ = repository.git.rev_parse(
        "--verify",
        "--quiet",
        "--end-of-options",
        f"{commit}^{{commit}}",
        with_exceptions=False,
        with_extended_output=True,
    )
    if found != 0:
        return None
    named = repository.git.rev_parse("--verify", "--end-of-options", f"{commit}^{{commit}}")
    name = str(named).split()[-1]
    listed = str(repository.git.diff("--name-only", "--no-renames", "-z", name, "HEAD", "--"))
    return tuple(file for file in listed.split("\0") if file)
