"""GitPython, imported when it is first needed, and what it raises as errors of cictl."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.errors import CictlError, ConfigInvalid, NotFound

if TYPE_CHECKING:
    import git

_FRAMED = re.compile(r"\s*stderr: '(?P<said>.*)'", re.DOTALL)  # as GitPython quotes what git says


@contextmanager
def opened(folder: Path, *, hint: str, problem: Callable[[str], CictlError]) -> Iterator[git.Repo]:
    """Open the repository around FOLDER; HINT says what to do where there is none, PROBLEM what git's words mean."""
    with translated(problem):
        import git  # noqa: PLC0415 - as in `translated`, which lets that do without git

        try:
            repository = git.Repo(folder, search_parent_directories=True)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError) as error:
            raise ConfigInvalid(f"{folder} is not in a Git repository", hint=hint) from error
        with repository:
            yield repository


@contextmanager
def translated(problem: Callable[[str], CictlError]) -> Iterator[None]:
    """Have what git refuses be what PROBLEM makes of its words; NotFound where there is no git."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # else the import itself fails where there is no git
    import git  # noqa: PLC0415 - it costs, and few commands need it

    try:
        yield
    except git.GitCommandNotFound as error:
        raise NotFound("there is no git on PATH", hint="install it, as with apt-get install git") from error
    except git.GitCommandError as error:
        framed = _FRAMED.fullmatch(str(error.stderr))
        raise problem(" ".join((framed["said"] if framed else str(error.stderr)).split())) from error
