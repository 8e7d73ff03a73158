"""The clock that wiring hands to services, so that time is an argument everywhere else."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Monotonic seconds, wall seconds since the epoch, and a sleep that can be cut short."""

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean something."""

    def wall(self) -> float:
        """Seconds since the epoch by this machine's clock."""

    def sleep(self, seconds: float) -> None:
        """Wait for SECONDS."""


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Seconds of CLOCK_MONOTONIC."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait for SECONDS; zero or less returns at once."""
        if seconds > 0:
            time.sleep(seconds)


def sleep_until(deadline: float, clock: Clock, *, at_most: float) -> None:
    """Wait for AT_MOST seconds, and never past DEADLINE, which is by CLOCK's monotonic seconds."""
    clock.sleep(max(0.0, min(at_most, deadline - clock.monotonic())))
