from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.scan import (
    Exemption,
    ReportUnreadable,
    ScanPolicy,
    ScanReport,
    ScanVerdict,
    Severity,
    Vulnerability,
    is_about,
    judge,
    read_report,
)

TODAY = date(2026, 11, 21)
DIGEST = f"sha256:{'a' * 64}"
TRIVY: dict[str, Any] = {
    "SchemaVersion": 2,
    "Trivy": {"Version": "0.67.2"},
    "ArtifactName": f"r.example/shop/checkout@{DIGEST}",
    "ArtifactType": "container_image",
    "Metadata": {
        "OS": {"Family": "debian", "Name": "12.5"},
        "ImageID": "sha256:1",
        "RepoDigests": [f"r.example/shop/checkout@{DIGEST}"],
    },
    "Results": [
        {
            "Target": "checkout (debian 12.5)",
            "Class": "os-pkgs",
            "Type": "debian",
            "Vulnerabilities": [
                {
                    "VulnerabilityID": "CVE-2024-1",
                    "PkgName": "openssl",
                    "InstalledVersion": "3.0.11",
                    "FixedVersion": "3.0.13",
                    "Severity": "HIGH",
                    "Title": "openssl: a title",
                    "PrimaryURL": "https://example.org/1",
                },
                {"VulnerabilityID": "CVE-2024-2", "PkgName": "zlib", "InstalledVersion": "1.2", "Severity": "LOW"},
            ],
        },
        {"Target": "app/requirements.txt", "Class": "lang-pkgs", "Type": "pip"},
        {"Target": "/app/key", "Class": "secret", "Secrets": []},
    ],
}
GRYPE: dict[str, Any] = {
    "matches": [
        {
            "vulnerability": {
                "id": "CVE-2024-1",
                "severity": "Critical",
                "dataSource": "https://example.org/1",
                "description": "first line\nsecond",
                "fix": {"versions": ["3.0.13", "3.1.5"], "state": "fixed"},
            },
            "relatedVulnerabilities": [],
            "matchDetails": [],
            "artifact": {"name": "openssl", "version": "3.0.11", "type": "deb"},
        },
        {
            "vulnerability": {"id": "CVE-2024-2", "severity": "Unknown", "fix": {"versions": [], "state": "not-fixed"}},
            "artifact": {"name": "zlib", "version": "1.2"},
        },
    ],
    "source": {
        "type": "image",
        "target": {
            "userInput": f"registry:r.example/shop/checkout@{DIGEST}",
            "imageID": "sha256:1",
            "manifestDigest": DIGEST,
            "repoDigests": [],
        },
    },
    "distro": {"name": "debian", "version": "12"},
    "descriptor": {"name": "grype", "version": "0.104.0"},
}
OPENSSL = Vulnerability("CVE-2024-1", "openssl", "3.0.11", Severity.HIGH, "3.0.13")
ZLIB = Vulnerability("CVE-2024-2", "zlib", "1.2", Severity.LOW)
STRANGE = Vulnerability("CVE-2024-3", "curl", "8", Severity.UNKNOWN)


def report(*found: Vulnerability) -> ScanReport:
    return ScanReport("trivy", "0.67", "r/shop", (DIGEST,), "", ("debian 12",), found)


def test_trivy() -> None:
    read = read_report(TRIVY)
    assert (read.scanner, read.version, read.digests) == ("trivy", "0.67.2", (DIGEST,))
    assert read.looked_at == ("checkout (debian 12.5)", "app/requirements.txt")
    assert read.found == (replace(OPENSSL, title="openssl: a title", url="https://example.org/1"), ZLIB)


def test_grype() -> None:
    read = read_report(GRYPE)
    assert (read.scanner, read.version, read.digests) == ("grype", "0.104.0", (DIGEST,))
    assert read.looked_at == ("debian 12", "openssl", "zlib")
    assert [(each.severity, each.fixed_in, each.title) for each in read.found] == [
        (Severity.CRITICAL, "3.0.13, 3.1.5", "first line"),
        (Severity.UNKNOWN, "", ""),
    ]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param([], "not a JSON object", id="no-object"),
        pytest.param({}, "neither trivy nor grype", id="empty"),
        pytest.param({"runs": [], "version": "2.1.0"}, "neither trivy nor grype", id="sarif"),
        pytest.param({**TRIVY, "SchemaVersion": 3}, "schema 3", id="newer"),
        pytest.param({**TRIVY, "ArtifactType": "filesystem"}, "about a filesystem", id="not-an-image"),
        pytest.param({**TRIVY, "Results": [{"Vulnerabilities": []}]}, "not whole", id="a-part-is-missing"),
        pytest.param({**TRIVY, "Results": "x"}, "not whole", id="of-another-type"),
        pytest.param({**GRYPE, "source": {"type": "directory"}}, "about a directory", id="a-directory"),
        pytest.param({**GRYPE, "matches": [{}]}, "not whole", id="an-empty-match"),
    ],
)
def test_what_cannot_be_read_is_an_error(document: object, words: str) -> None:
    with pytest.raises(ReportUnreadable, match=words):
        read_report(document)


@given(st.sampled_from([TRIVY, GRYPE]), st.data())
def test_a_damaged_report_is_refused_or_read_and_never_breaks(whole: dict[str, Any], data: st.DataObject) -> None:
    damaged = copy.deepcopy(whole)
    place: Any = damaged
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if data.draw(st.booleans()) or not isinstance(place[key], dict | list):
            place[key] = data.draw(st.sampled_from([None, 1, "x", [], {}, [None]]))
            break
        place = place[key]
    try:
        judge(read_report(damaged), ScanPolicy(), today=TODAY)
    except ReportUnreadable:
        return


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
    assert is_about(read_report(TRIVY), DIGEST)
    assert is_about(replace(report(), digests=(), image=f"r/shop@{DIGEST}"), DIGEST)
    assert not is_about(read_report(GRYPE), f"sha256:{'b' * 64}")
