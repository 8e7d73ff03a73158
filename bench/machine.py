"""What the figures were measured on, and whether it is quiet enough to measure."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

QUIET_SHARE = 0.35
_LOOK_SECONDS = 1.0
_GIBIBYTE = 1024 * 1024


@dataclass(slots=True)
class Machine:
    """What is measured on, and how often it had to be measured on though others kept it busy."""

    patience_seconds: float = 60.0
    busy_starts: int = 0
    starts: int = 0

    def await_quiet(self) -> None:
        """Return when others leave the machine alone, or after a while all the same."""
        self.starts += 1
        deadline = time.monotonic() + self.patience_seconds
        while _busy_share() > QUIET_SHARE:
            if time.monotonic() > deadline:
                self.busy_starts += 1
                return

    def stamp(self) -> str:
        """Return when and on what it was measured."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        busy = f"; {self.busy_starts} of {self.starts} runs began while others used it" if self.starts else ""
        return f"Measured {now} on {os.cpu_count()} cores, {memory()}, {cpu_model()}{busy}."


def memory() -> str:
    """Return how much memory there is."""
    kibibytes = int(field_of("/proc/meminfo", "MemTotal").split()[0])
    return f"{kibibytes / _GIBIBYTE:.0f} GiB"


def cpu_model() -> str:
    """Return what the CPU calls itself."""
    return field_of("/proc/cpuinfo", "model name") or platform.machine()


def field_of(path: str, name: str) -> str:
    """Return the first value of NAME in a file of ``name: value`` lines, "" where it has none."""
    pairs = (line.partition(":") for line in Path(path).read_text().splitlines())
    return next((value.strip() for key, _, value in pairs if key.strip() == name), "")


def _busy_share() -> float:
    idle, total = _jiffies()
    time.sleep(_LOOK_SECONDS)
    idle_then, total_then = _jiffies()
    return 1 - (idle_then - idle) / max(1, total_then - total)


def _jiffies() -> tuple[int, int]:
    """Return what all cores spent idle, and in all, in the kernel's ticks."""
    ticks = [int(number) for number in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)
