"""Writes outside the driver's loop: done once, also where their answer is lost.

Refuses to repeat what is not conditional: each such write names what it depends on, so that of two the second fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cictl.errors import Conflict, Unreachable

_T = TypeVar("_T")
_ATTEMPTS = 3


def do_once(write: Callable[[], _T], find: Callable[[], _T | None]) -> _T:
    """Return what WRITE answered, or what FIND sees of it where its answer was lost; write again what was not done.

    A conflict may be the doing of the write that was lost, so it is looked at too.
    """
    attempts = 0
    while True:
        attempts += 1
        try:
            return write()
        except (Unreachable, Conflict) as problem:
            if (done := find()) is not None:
                return done
            if isinstance(problem, Conflict) or attempts == _ATTEMPTS:
                raise
