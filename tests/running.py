"""How tests run cictl and let time pass; imported by conftest and for type annotations."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cictl.wiring.app import App

Found = TypeVar("Found")
_OFTEN_SECONDS, _SELDOM_SECONDS = 0.02, 0.25


class FakeClock:
    """A clock that moves when somebody sleeps, and when told."""

    def __init__(self, wall: float = 1_700_000_000.0) -> None:
        self.now = 0.0
        self.start = wall

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.start + self.now

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 0.0)


@dataclass(frozen=True)
class Outcome:
    """What one run of cictl left."""

    status: int
    stdout: str
    stderr: str


class Run(Protocol):
    """Runs cictl in this process, behind its error boundary."""

    def __call__(self, *argv: str, app: App | None = None) -> Outcome: ...


def eventually(
    look: Callable[[], Found],
    *,
    seconds: float = 120.0,
    every: float | None = None,
    what: str | Callable[[], object] = "it did not come",
) -> Found:
    """Return LOOK's first truthy answer; AssertionError with WHAT when there is none within SECONDS of real time.

    It looks again after EVERY seconds; without them soon at first, then less and less often, for looks cost, too.
    """
    began = time.monotonic()
    while not (found := look()):
        waited = time.monotonic() - began
        assert waited < seconds, f"not within {seconds:g} s: {what() if callable(what) else what}"
        time.sleep(every or min(_SELDOM_SECONDS, max(_OFTEN_SECONDS, waited / 10)))
    return found
