"""Lints gates: their text always, their limits against bucket bounds where Prometheus answers; judges no release."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from cictl.core.gate import Gate
from cictl.core.gate_lint_rules import BucketLimit, Finding, Severity, bucket_limits, lint, lint_limit
from cictl.errors import CictlError


class BucketReader(Protocol):
    """Knows histograms."""

    def bucket_bounds(self, metric: str) -> tuple[float, ...]:
        """Return the upper bounds of the histogram METRIC's buckets, ascending; none if unknown."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a configured text stands; COLUMN is 0 where the file shows it in another form."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return it as compilers do."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


@dataclass(frozen=True, slots=True)
class LocatedFinding:
    """A finding, and where an editor should jump."""

    finding: Finding
    place: Place


Locate = Callable[[Finding], Place]


class GateLint:
    """Finds out what is wrong with gates before a rollout does."""

    def __init__(self, buckets: BucketReader | None, locate: Locate) -> None:
        """Ask BUCKETS for bounds (None: not at all), and LOCATE for the beginning of a finding's text."""
        self._buckets, self._locate = buckets, locate

    def lint(self, gates: Iterable[Gate]) -> list[LocatedFinding]:
        """Return all findings, in the gates' order."""
        findings: list[Finding] = []
        for gate in gates:
            findings.extend(lint(gate))
            for limit in bucket_limits(gate):
                findings.extend(self._of_limit(limit))
        return [LocatedFinding(finding, self._place(finding)) for finding in findings]

    def _of_limit(self, limit: BucketLimit) -> list[Finding]:
        problem = "Prometheus was not asked"
        if self._buckets is not None:
            try:
                return lint_limit(limit, self._buckets.bucket_bounds(limit.metric))
            except CictlError as error:
                problem = error.message
        message = f"the limit was not checked against the buckets of {limit.metric}: {problem}"
        return [Finding(limit.gate, limit.check.name, "query", limit.column, Severity.NOTE, message)]

    def _place(self, finding: Finding) -> Place:
        begins = self._locate(finding)
        return replace(begins, column=begins.column + finding.column - 1) if begins.column else begins
