"""How likely a rule that looks at a moving window aborts a release that meets its limit: simulated, not measured."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Rule:
    """Aborts at the first look at which more than FAILURE_LIMIT looks were above MAX_RATIO; looks every second."""

    window_seconds: int
    looks: int
    max_ratio: float
    failure_limit: int


def chance_of_alarm(rule: Rule, *, ratio: float, rate: float, runs: int, seed: int = 1) -> float:
    """Return the share of RUNS that RULE aborts, at RATE requests a second of which RATIO fail."""
    random = Random(seed)  # noqa: S311 - a simulation
    return sum(_aborts(rule, ratio, rate, random) for _ in range(runs)) / runs


def _aborts(rule: Rule, ratio: float, rate: float, random: Random) -> bool:
    seconds: deque[tuple[int, int]] = deque(maxlen=rule.window_seconds)
    failures = 0
    for _ in range(rule.looks):
        seconds.append(_second(ratio, rate, random))
        bad, total = (sum(column) for column in zip(*seconds, strict=True))
        failures += bad > rule.max_ratio * total
        if failures > rule.failure_limit:
            return True
    return False


def _second(ratio: float, rate: float, random: Random) -> tuple[int, int]:
    """Return how many requests of one second failed, and how many there were."""
    total, due = 0, random.expovariate(rate)
    while due < 1:
        total += 1
        due += random.expovariate(rate)
    return sum(random.random() < ratio for _ in range(total)), total
