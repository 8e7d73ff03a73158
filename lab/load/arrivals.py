"""When requests are due: a Poisson process, so that they cluster as those of real, independent clients do."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HIGHEST_RATE = 5_000.0
LONGEST_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """RATE per second on average, until DURATION or COUNT is reached, whichever comes first."""

    rate: float
    duration_seconds: float
    count: int = 1_000_000
    seed: int | None = None

    def __post_init__(self) -> None:
        """Refuse what would not end, or would be a flood."""
        if not 0 < self.rate <= HIGHEST_RATE:
            raise ValueError(f"rate {self.rate} is not within 0 and {HIGHEST_RATE:g} per second")
        if not 0 < self.duration_seconds <= LONGEST_SECONDS:
            raise ValueError(f"duration {self.duration_seconds} is not within 0 and {LONGEST_SECONDS:g} seconds")
        if self.count < 1:
            raise ValueError(f"count {self.count} is below 1")

    def arrivals(self) -> Iterator[float]:
        """Yield the seconds after the start at which each request is due."""
        random = Random(self.seed)  # noqa: S311 - traffic, not a secret
        due = random.expovariate(self.rate)
        for _ in range(self.count):
            if due >= self.duration_seconds:
                return
            yield due
            due += random.expovariate(self.rate)
