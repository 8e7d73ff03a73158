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
    return sum(_failures(rule, ratio, rate, random) > rule.failure_limit for _ in range(runs)) / runs


def limit_for(rule: Rule, *, chance: float, ratio: float, rate: float, runs: int, seed: int = 1) -> int:
    """Return the least failure limit with which RULE aborts at most the share CHANCE of such RUNS."""
    random = Random(seed)  # noqa: S311 - a simulation
    failures = sorted(_failures(rule, ratio, rate, random) for _ in range(runs))
    return failures[min(runs - 1, runs - 1 - int(chance * runs))]


def _failures(rule: Rule, ratio: float, rate: float, random: Random) -> int:
    """Count the looks of one run that were above the limit."""
    seconds: deque[tuple[int, int]] = deque(maxlen=rule.window_seconds)
    failures = 0
    for _ in range(rule.looks):
        seconds.append(_second(ratio, rate, random))
        bad, total = (sum(column) for column in zip(*seconds, strict=True))
        failures += bad > rule.max_ratio * total
    return failures


def _second(ratio: float, rate: float, random: Random) -> tuple[int, int]:
    """Return how many requests of one second failed, and how many there were."""
    total, due = 0, random.expovariate(rate)
    while due < 1:
        total += 1
        due += random.expovariate(rate)
    return sum(random.random() < ratio for _ in range(total)), total
