"""What a scanner's findings come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cictl.core.scan import Exemption, ScanPolicy, ScanReport, ScanVerdict, Severity, Vulnerability, is_about, judge

TODAY = date(2026, 11, 21)
DIGEST = f"sha256:{'a' * 64}"
OPENSSL = Vulnerability("CVE-2024-1", "openssl", "3.0.11", Severity.HIGH, "3.0.13")
ZLIB = Vulnerability("CVE-2024-2", "zlib", "1.2", Severity.LOW)
STRANGE = Vulnerability("CVE-2024-3", "curl", "8", Severity.UNKNOWN)


def report(*found: Vulnerability) -> ScanReport:
    return ScanReport("trivy", "0.67", "r/shop", (DIGEST,), "", ("debian 12",), found)


@pytest.mark.parametrize(
    ("found", "policy", "verdict", "reason"),
    [
        pytest.param((), ScanPolicy(), ScanVerdict.PASSED, "nothing that stops it among 0 found", id="clean"),
        pytest.param((ZLIB,), ScanPolicy(), ScanVerdict.PASSED, "among 1 found", id="low"),
        pytest.param((OPENSSL, ZLIB), ScanPolicy(), ScanVerdict.FAILED, "1 high", id="high"),
        pytest.param((OPENSSL,), ScanPolicy(Severity.CRITICAL), ScanVerdict.PASSED, "1 found", id="only-critical"),
        pytest.param((ZLIB,), ScanPolicy(Severity.LOW), ScanVerdict.FAILED, "1 low", id="even-low"),
        pytest.param(
            (ZLIB,), ScanPolicy(Severity.LOW, ignore_unfixed=True), ScanVerdict.PASSED, "1 found", id="unfixed"
        ),
        pytest.param((STRANGE,), ScanPolicy(), ScanVerdict.FAILED, "1 unknown", id="nobody-knows-how-bad"),
        pytest.param(
            (STRANGE,), ScanPolicy(fail_on_unknown=False), ScanVerdict.PASSED, "1 found", id="unknown-is-let-through"
        ),
    ],
)
def test_judge(found: tuple[Vulnerability, ...], policy: ScanPolicy, verdict: ScanVerdict, reason: str) -> None:
    result = judge(report(*found), policy, today=TODAY)
    assert result.verdict is verdict
    assert reason in result.reason


def test_a_report_that_looked_at_nothing_proves_nothing() -> None:
    result = judge(replace(report(), looked_at=()), ScanPolicy(), today=TODAY)
    assert result.verdict is ScanVerdict.UNKNOWN
    assert "understood nothing" in result.reason


@pytest.mark.parametrize(
    ("exemption", "verdict", "notes"),
    [
        pytest.param(Exemption("CVE-2024-1", TODAY, "not used"), ScanVerdict.PASSED, (), id="to-the-last-day"),
        pytest.param(
            Exemption("CVE-2024-1", date(2026, 11, 20), "not used"),
            ScanVerdict.FAILED,
            ("the exemption of CVE-2024-1 ended on 2026-11-20: not used",),
            id="too-late",
        ),
        pytest.param(
            Exemption("CVE-2024-1", TODAY, "x", package="openssl"), ScanVerdict.PASSED, (), id="of-that-package"
        ),
        pytest.param(
            Exemption("CVE-2024-1", TODAY, "x", package="libssl"),
            ScanVerdict.FAILED,
            ("nothing has CVE-2024-1 of libssl any more: take its exemption out",),
            id="of-another-package",
        ),
    ],
)
def test_exemptions(exemption: Exemption, verdict: ScanVerdict, notes: tuple[str, ...]) -> None:
    result = judge(report(OPENSSL), ScanPolicy(exemptions=(exemption,)), today=TODAY)
    assert (result.verdict, result.notes) == (verdict, notes)
    assert [each for each, _ in result.exempted] == ([OPENSSL] if verdict is ScanVerdict.PASSED else [])


def test_the_worst_come_first_and_once() -> None:
    result = judge(report(ZLIB, STRANGE, OPENSSL, OPENSSL), ScanPolicy(Severity.LOW), today=TODAY)
    assert result.stopping == (OPENSSL, STRANGE, ZLIB)


def test_a_report_is_about_one_image() -> None:
    assert is_about(report(), DIGEST)
    assert is_about(replace(report(), digests=(), image=f"r/shop@{DIGEST}"), DIGEST)
    assert not is_about(report(), f"sha256:{'b' * 64}")
