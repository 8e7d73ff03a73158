from __future__ import annotations

import pytest

from cictl.core.test_report import CaseOutcome, CaseResult
from cictl.errors import FarSideFailed
from cictl.services.junit import read_reports

NESTED = b"""<?xml version="1.0"?>
<testsuites>
  <testsuite name="outer">
    <testsuite name="inner">
      <testcase classname="c" name="deep" time="0.5"><failure message="assert 1 == 2">trace</failure></testcase>
    </testsuite>
    <testcase name="plain"/>
    <testcase name="left-out"><skipped/></testcase>
    <testcase name="broken"><error>boom</error></testcase>
  </testsuite>
</testsuites>"""


def test_cases_of_all_suites() -> None:
    assert set(read_reports([("junit.xml", NESTED)]).cases) == {
        CaseResult("c::deep", CaseOutcome.FAILED, "assert 1 == 2", 0.5),
        CaseResult("plain", CaseOutcome.PASSED),
        CaseResult("left-out", CaseOutcome.SKIPPED),
        CaseResult("broken", CaseOutcome.ERROR, "boom"),
    }


def test_output_beside_a_case_does_not_make_it_fail() -> None:
    report = read_reports(
        [("a.xml", b'<testsuite><testcase name="a"><system-out>said</system-out></testcase></testsuite>')]
    )
    assert [case.outcome for case in report.cases] == [CaseOutcome.PASSED]


def test_several_files_make_one_report() -> None:
    one = b'<testsuite><testcase name="a"/></testsuite>'
    assert len(read_reports([("a.xml", one), ("b.xml", one)]).cases) == 2


@pytest.mark.parametrize("content", [b"", b"nope", b"<html/>", b'<testsuite><testcase name="a" time="x"/></testsuite>'])
def test_what_is_not_junit_is_named(content: bytes) -> None:
    with pytest.raises(FarSideFailed, match=r"unit/a\.xml"):
        read_reports([("unit/a.xml", content)])
