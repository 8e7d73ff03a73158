"""Records in few numbers, as a whole and over time."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lab.load.record import Record

NONE = "none"  # no answer, or one that does not say


@dataclass(frozen=True, slots=True)
class Summary:
    """An error is a status from 400, or no answer at all; FAILURES counts them by status or class."""

    requests: int
    errors: int
    failures: Mapping[str, int]
    by_version: Mapping[str, int]
    by_config: Mapping[str, int]
    p50: float | None
    p99: float | None
    slowest: float | None

    @property
    def error_ratio(self) -> float:
        """Errors among the requests; 0 of none."""
        return self.errors / self.requests if self.requests else 0.0

    def share(self, version: str) -> float:
        """Of the requests, those that VERSION answered."""
        return self.by_version.get(version, 0) / self.requests if self.requests else 0.0

    def to_dict(self) -> dict[str, object]:
        """Return what JSON can hold."""
        return {**asdict(self), "error_ratio": self.error_ratio}


def summarize(records: Iterable[Record]) -> Summary:
    """Count RECORDS."""
    kept = list(records)
    failed = [one for one in kept if not one.is_ok]
    latencies = sorted(one.latency for one in kept if one.status is not None)
    return Summary(
        requests=len(kept),
        errors=len(failed),
        failures=count(one.error or str(one.status) for one in failed),
        by_version=count(one.version or NONE for one in kept),
        by_config=count(one.config or NONE for one in kept),
        p50=quantile(latencies, 0.5),
        p99=quantile(latencies, 0.99),
        slowest=quantile(latencies, 1.0),
    )


def between(records: Iterable[Record], start: float, end: float) -> list[Record]:
    """Return those due from START until before END, in seconds since the epoch."""
    return [one for one in records if start <= one.scheduled < end]


def windows(records: Sequence[Record], seconds: float) -> Iterator[tuple[float, Summary]]:
    """Yield the start and summary of each stretch of SECONDS, empty ones too."""
    if not records:
        return
    first = min(one.scheduled for one in records)
    slots: dict[int, list[Record]] = {}
    for one in records:
        slots.setdefault(int((one.scheduled - first) // seconds), []).append(one)
    for slot in range(max(slots) + 1):
        yield first + slot * seconds, summarize(slots.get(slot, []))


def count(values: Iterable[str]) -> dict[str, int]:
    """Count equal VALUES, in order of their names."""
    return dict(sorted(Counter(values).items()))


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest value that SHARE of ORDERED do not exceed."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
