"""Which jobs a user's globs mean: by their full names, in the case that they are written in, `/` being as any other."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ALL = "all"


def is_match(full_name: str, globs: Iterable[str]) -> bool:
    """Whether FULL_NAME matches one of GLOBS."""
    return any(fnmatchcase(full_name, glob) for glob in globs)


def chosen_by(globs: Sequence[str]) -> Callable[[str], bool]:
    """Return what tells whether GLOBS choose a full name; without any, they choose each."""
    return lambda full_name: not globs or is_match(full_name, globs)


def named_by(globs: Sequence[str]) -> Callable[[str], bool]:
    """Return what tells whether GLOBS name a full name, as `all` does each; without any, they name none."""
    return lambda full_name: ALL in globs or is_match(full_name, globs)
