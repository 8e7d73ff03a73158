"""The clients of checkout: who asks all the time, and what they saw in each part of the demo."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.demo.runner import DemoError
from lab.load import Load, Record, Summary, TargetRefused, between, summarize
from lab.load.process import LoadFailed

ROUTING_SECONDS = 4.0  # until every node, a busy one too, has heard that a pod is gone
_LONGEST_SECONDS = 1800.0


@dataclass(frozen=True)
class Part:
    """A stretch of the demo."""

    title: str
    start: float
    end: float


class Clients:
    """Requests that arrive at random, each on a connection of its own, in a process of their own."""

    def __init__(self, url: str, *, rate: float, allow_any: bool) -> None:
        """Ask URL, RATE times a second."""
        try:
            self._load = Load(url, rate=rate, duration=_LONGEST_SECONDS, timeout=5.0, allow_any=allow_any)
        except TargetRefused as problem:
            raise DemoError(f"clients cannot ask {url}: {problem}") from problem
        self._marks: list[tuple[str, float]] = []
        self.records: Sequence[Record] = ()

    def begin(self) -> None:
        """Return once requests are on their way."""
        try:
            self._load.start()
        except LoadFailed as problem:
            raise DemoError(str(problem)) from problem

    def enter(self, title: str) -> float:
        """Begin a part of the demo; return when that was."""
        now = time.time()
        self._marks.append((title, now))
        return now

    def end(self) -> None:
        """Send no more, and keep what was seen; once more changes nothing."""
        self.enter("")
        self.records = self._load.stop()

    @property
    def parts(self) -> list[Part]:
        """The parts so far, each until the next."""
        return [Part(title, start, end) for (title, start), (_, end) in pairwise(self._marks)]

    def versions(self) -> list[str]:
        """Return the versions that answered."""
        return sorted({one.version for one in self.records if one.version})

    def of(self, version: str | None) -> list[Record]:
        """Return the requests that VERSION answered; None: that nobody answered."""
        return [one for one in self.records if one.version == version]

    def rows_by_part(self) -> tuple[list[str], list[list[str]]]:
        """Return columns and rows: what was seen in each part, and by which version."""
        versions = self.versions()
        columns = ["PART", "SECONDS", "REQUESTS", "ERRORS", *(f"BY {version}" for version in versions)]
        return columns, [self._part_row(part, versions) for part in self.parts]

    def _part_row(self, part: Part, versions: Sequence[str]) -> list[str]:
        seen = summarize(between(self.records, part.start, part.end))
        counts = [str(seen.by_version.get(version, 0)) for version in versions]
        return [part.title, f"{part.end - part.start:.0f}", str(seen.requests), str(seen.errors), *counts]

    def rows_by_version(self) -> tuple[list[str], list[list[str]]]:
        """Return columns and rows: what each version answered, and what nobody did."""
        columns = ["VERSION", "GREETING", "REQUESTS", "ERRORS", "SHARE OF ERRORS", "P50", "P99"]
        named: list[str | None] = [*self.versions(), *([None] if self.of(None) else [])]
        return columns, [_version_row(version, summarize(self.of(version))) for version in named]


def _version_row(version: str | None, seen: Summary) -> list[str]:
    greetings = ", ".join(greeting for greeting in seen.by_config if greeting != "none")
    share = f"{seen.error_ratio:.2%}"
    return [version or "no answer", greetings or "-", str(seen.requests), str(seen.errors), share, *_times(seen)]


def _times(seen: Summary) -> list[str]:
    return [f"{value * 1000:.0f} ms" if value is not None else "-" for value in (seen.p50, seen.p99)]
