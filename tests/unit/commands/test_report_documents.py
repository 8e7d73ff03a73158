from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cictl.commands.report_documents import report_document
from cictl.core.evidence import Evidence
from cictl.core.report_building import build_report
from tests.unit.report_cases import COMMIT, known

REPORT = build_report(known())
HEADLINE = "Release 7 of shop was taken back to release 6: errors: 30 of 100"


def test_people_get_the_verdict_first_and_the_rest_below() -> None:
    text = report_document(REPORT, written=None).text or ""
    lines = text.splitlines()
    assert lines[0] == HEADLINE
    assert "approved by  grace" in lines
    assert any(line.split() == ["preparing", "+0s", "1s", "-", "-"] for line in lines)
    assert any(line.startswith("errors   step 2  30% (30 of 100)") for line in lines)
    assert lines[-1] == "There is nothing to undo: the Deployment is at release 6."


def test_beside_a_page_two_lines_are_enough() -> None:
    assert report_document(REPORT, written=Path("r.html")).text == f"{HEADLINE}\nreport: r.html"


def test_the_name() -> None:
    assert report_document(REPORT, written=None).names == ("release/shop.v7",)


def test_without_evidence_and_without_a_gate() -> None:
    bare = build_report(known(evidence=Evidence()))
    assert "gate default: what it measured is not recorded" in (report_document(bare, written=None).text or "")
    assert "gate" not in (report_document(replace(bare, gate=None), written=None).text or "").replace("GATE", "")


def test_a_commit_message_does_not_move_the_cursor() -> None:
    report = build_report(known(commit=replace(COMMIT, subject="feat: \x1b[2Jgone\nerror: no")))
    text = report_document(report, written=None).text or ""
    assert "commit       feat:  [2Jgone error: no (Ada)" in text.splitlines()
