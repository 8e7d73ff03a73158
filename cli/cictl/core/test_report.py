"""What the tests of a service came to, case by case."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CaseOutcome(StrEnum):
    """How one test case ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


_BAD = frozenset({CaseOutcome.FAILED, CaseOutcome.ERROR})


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One test case; `message` says why it did not pass."""

    name: str
    outcome: CaseOutcome
    message: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class TestReport:
    """All cases of one run."""

    __test__ = False  # pytest collects what is called Test…

    cases: tuple[CaseResult, ...] = ()

    @property
    def failing(self) -> tuple[CaseResult, ...]:
        """The cases that failed or could not run."""
        return tuple(case for case in self.cases if case.outcome in _BAD)

    @property
    def seconds(self) -> float:
        """How long the cases took, together."""
        return sum(case.seconds for case in self.cases)

    def count(self, outcome: CaseOutcome) -> int:
        """Return how many cases ended with OUTCOME."""
        return sum(case.outcome is outcome for case in self.cases)

    def summary(self) -> str:
        """Return one line, as in 3 cases: 2 passed, 1 failed."""
        counts = ((self.count(outcome), outcome) for outcome in CaseOutcome)
        said = ", ".join(f"{number} {outcome}" for number, outcome in counts if number)
        return f"{len(self.cases)} case{'' if len(self.cases) == 1 else 's'}{f': {said}' if said else ''}"


@dataclass(frozen=True, slots=True)
class ContainerEnd:
    """How a container that ran to its end (or was ended, `timed_out`) ended, and the files taken out of it."""

    exit_code: int
    timed_out: bool = False
    last_lines: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()


def failure_of(end: ContainerEnd, report: TestReport, *, junit: str | None) -> str | None:
    """Return why the run of END did not pass, None if it did; JUNIT is where the report was to be."""
    if failing := report.failing:
        return f"{len(failing)} of {len(report.cases)} test cases failed"
    if end.exit_code:
        said = f":\n{_indented(end.last_lines)}" if end.last_lines else ""
        beside = ", though no case failed" if report.cases else ", before any case was reported" if junit else ""
        return f"the tests ended with exit code {end.exit_code}{beside}{said}"
    if junit is not None and not end.files:
        return f"the tests ended well, but left no JUnit XML at {junit}"
    return None


def _indented(lines: tuple[str, ...]) -> str:
    return "\n".join(f"  {line}" for line in lines)
