"""What every run that writes jobs works under: the lock while it is ours, and the records that all runs share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from cictl.core.job_plan import ItemKey
from cictl.core.job_three_way import Base
from cictl.errors import CictlError


class Held(Protocol):
    """The lock that keeps other runs of cictl from writing, while it is ours."""

    def check(self) -> None:
        """Raise Conflict if somebody took the lock over."""

    def renew(self) -> None:
        """Show a sign of life now and then; raise Conflict if somebody took the lock over."""


class Keeper(Protocol):
    """What keeps our last writes."""

    def keep(self, bases: Mapping[ItemKey, Base]) -> None:
        """Keep BASES beside the others."""


def recorded(records: Keeper, bases: Mapping[ItemKey, Base], held: Held) -> str:
    """Keep BASES as our last writes while the lock is HELD; return why that cannot be, "" if it is done."""
    try:
        if bases:
            held.check()
            records.keep(bases)
    except CictlError as error:
        return error.message
    return ""
