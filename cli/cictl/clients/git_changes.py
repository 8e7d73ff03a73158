"""Which files of a repository differ between two commits; writes nothing and fetches nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.errors import ConfigInvalid, FarSideFailed, NotFound

if TYPE_CHECKING:
    import git


class GitChanges:
    """The repository around FOLDER."""

    def __init__(self, folder: Path) -> None:
        """Look at the repository around FOLDER when asked."""
        self._folder = folder

    def since(self, commit: str) -> tuple[str, ...] | None:
        """Return the files that HEAD has otherwise than COMMIT, from the root on; None where COMMIT is not here."""
        os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # else the import itself fails where there is no git
        import git  # noqa: PLC0415 - as said above

        try:
            with git.Repo(self._folder, search_parent_directories=True) as repository:
                return _differing(repository, commit)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError) as error:
            hint = "run it in a checkout of the platform's repository"
            raise ConfigInvalid(f"{self._folder} is not in a Git repository", hint=hint) from error
        except git.GitCommandNotFound as error:
            raise NotFound("there is no git on PATH", hint="install it, as with apt-get install git") from error
        except git.GitCommandError as error:
            said = " ".join(str(error.stderr).replace("stderr:", "").split()).strip("'")
            raise FarSideFailed(f"git cannot tell what changed in {self._folder}: {said}") from error

    def inside(self, path: Path) -> str | None:
        """Return PATH from the repository's root on, None where it is outside."""
        import git  # noqa: PLC0415 - as in `since`, which comes first

        with git.Repo(self._folder, search_parent_directories=True) as repository:
            root = Path(repository.working_dir).resolve()
        return path.resolve().relative_to(root).as_posix() if path.resolve().is_relative_to(root) else None


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
