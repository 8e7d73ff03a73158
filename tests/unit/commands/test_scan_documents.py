"""What a scan shows."""

from __future__ import annotations

from datetime import date

import pytest

from cictl.commands.scan_documents import scan_document, scan_problem
from cictl.core.image import ImageReference
from cictl.core.scan import ScanPolicy, ScanReport, Severity, Vulnerability, judge
from cictl.errors import GateUndecided
from cictl.services.image_scans import ImageScan

IMAGE = ImageReference("r.example/shop/checkout", digest=f"sha256:{'a' * 64}")
LODASH = Vulnerability(
    "GHSA-2222-3333-4444", "lodash", "4.17.20", Severity.HIGH, "4.17.21, 4.18.0", alias="CVE-2099-0005"
)


def scan(*found: Vulnerability, scanner: str = "grype", notes: tuple[str, ...] = ()) -> ImageScan:
    report = ScanReport(scanner, "0.104.1", IMAGE.pinned, (), "", tuple(each.package for each in found), found, notes)
    return ImageScan(IMAGE, report, judge(report, ScanPolicy(), today=date(2026, 11, 21)), {})


def test_an_advisory_is_shown_with_the_cve_that_it_is_about() -> None:
    text = scan_document(scan(LODASH, notes=("a note of the scanner",))).text or ""
    assert "high       GHSA-2222-3333-4444 (CVE-2099-0005) lodash 4.17.20, fixed in 4.17.21, 4.18.0" in text
    assert "note: a note of the scanner" in text


@pytest.mark.parametrize(("scanner", "hint"), [("trivy", "--list-all-pkgs"), ("grype", "try trivy")])
def test_where_nothing_is_named_the_hint_knows_the_scanner(scanner: str, hint: str) -> None:
    problem = scan_problem(scan(scanner=scanner, notes=("a note",)))
    assert isinstance(problem, GateUndecided)
    assert hint in str(problem.hint)
    assert "note: a note" in (scan_document(scan(scanner=scanner, notes=("a note",))).text or "")
