"""How tests run cictl and let time pass; imported by conftest and for type annotations."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cictl.wiring.app import App

Found = TypeVar("Found")


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
    every: float = 0.05,
    what: str | Callable[[], object] = "it did not come",
) -> Found:
    """Return LOOK's first truthy answer; AssertionError with WHAT when there is none within SECONDS of real time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what() if callable(what) else what}"
        time.sleep(every)
    return found
