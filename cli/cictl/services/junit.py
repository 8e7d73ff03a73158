"""Reads JUnit XML as the many test runners write it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import ParseError

from junitparser import Error, Failure, JUnitXml, JUnitXmlError, Skipped, TestCase, TestSuite

from cictl.core.test_report import CaseOutcome, CaseResult, TestReport
from cictl.errors import FarSideFailed

_BY_RESULT = {Failure: CaseOutcome.FAILED, Error: CaseOutcome.ERROR, Skipped: CaseOutcome.SKIPPED}


def read_reports(files: Sequence[tuple[str, bytes]]) -> TestReport:
    """Return all cases in FILES, each a name and its content."""
    return TestReport(tuple(case for name, content in files for case in _cases(name, content)))


def _cases(name: str, content: bytes) -> Iterator[CaseResult]:
    try:
        report = JUnitXml.fromstring(content)
        yield from map(_result, _flat([report]))
    except (ParseError, JUnitXmlError, ValueError, TypeError) as error:
        raise FarSideFailed(f"{name} of the tests is not JUnit XML: {error}") from error


def _flat(parts: Iterable[object]) -> Iterator[TestCase]:
    """Yield the cases in suites, however deep they stand in each other."""
    for part in parts:
        if isinstance(part, TestCase):
            yield part
        elif isinstance(part, JUnitXml | TestSuite):
            yield from _flat(part)


def _result(case: TestCase) -> CaseResult:
    name = f"{case.classname}::{case.name}" if case.classname else str(case.name)
    found = next((result for result in case.result if type(result) in _BY_RESULT), None)
    if found is None:
        return CaseResult(name, CaseOutcome.PASSED, seconds=case.time or 0.0)
    message = str(found.message or found.text or "").strip()
    return CaseResult(name, _BY_RESULT[type(found)], message, case.time or 0.0)
