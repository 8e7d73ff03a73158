from __future__ import annotations

import pytest

from cictl.core.test_report import CaseOutcome, CaseResult, ContainerEnd, TestReport, failure_of

PASSED = CaseResult("a", CaseOutcome.PASSED, seconds=1.0)
FAILED = CaseResult("b", CaseOutcome.FAILED, "assert 1 == 2", 0.5)
ERROR = CaseResult("c", CaseOutcome.ERROR, "no fixture")
SKIPPED = CaseResult("d", CaseOutcome.SKIPPED)
FILES = (("junit.xml", b""),)


@pytest.mark.parametrize(
    ("cases", "summary"),
    [
        ((), "0 cases"),
        ((PASSED,), "1 case: 1 passed"),
        ((PASSED, PASSED, FAILED), "3 cases: 2 passed, 1 failed"),
        ((SKIPPED, ERROR, FAILED, PASSED), "4 cases: 1 passed, 1 failed, 1 error, 1 skipped"),
    ],
)
def test_summary(cases: tuple[CaseResult, ...], summary: str) -> None:
    assert TestReport(cases).summary() == summary


def test_failing_and_seconds() -> None:
    report = TestReport((PASSED, FAILED, ERROR, SKIPPED))
    assert report.failing == (FAILED, ERROR)
    assert report.seconds == 1.5


@pytest.mark.parametrize(
    ("end", "cases", "junit", "why"),
    [
        pytest.param(ContainerEnd(0, files=FILES), (PASSED,), "/j", None, id="passed"),
        pytest.param(ContainerEnd(0), (), None, None, id="passed-without-junit"),
        pytest.param(ContainerEnd(1, files=FILES), (PASSED, FAILED), "/j", "1 of 2 test cases failed", id="failed"),
        pytest.param(
            ContainerEnd(0, files=FILES), (FAILED,), "/j", "1 of 1 test cases failed", id="failed-but-exits-0"
        ),
        pytest.param(
            ContainerEnd(4, last_lines=("usage: …",)),
            (),
            "/j",
            "the tests ended with exit code 4, before any case was reported:\n  usage: …",
            id="never-began",
        ),
        pytest.param(
            ContainerEnd(3, files=FILES),
            (PASSED,),
            "/j",
            "the tests ended with exit code 3, though no case failed",
            id="failed-beside-the-cases",
        ),
        pytest.param(ContainerEnd(2), (), None, "the tests ended with exit code 2", id="failed-without-junit"),
        pytest.param(ContainerEnd(0), (), "/j", "the tests ended well, but left no JUnit XML at /j", id="no-evidence"),
    ],
)
def test_failure_of(end: ContainerEnd, cases: tuple[CaseResult, ...], junit: str | None, why: str | None) -> None:
    assert failure_of(end, TestReport(cases), junit=junit) == why
