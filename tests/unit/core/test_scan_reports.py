"""What is read of the reports of two scanners."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cictl.core.scan import Exemption, ScanPolicy, ScanVerdict, Severity, Vulnerability, is_about, judge
from cictl.core.scan_reports import ReportUnreadable, read_report

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
        {"Target": "Node.js", "Class": "lang-pkgs", "Type": "node-pkg", "Packages": [{"Name": "left-pad"}]},
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
            "userInput": f"r.example/shop/checkout@{DIGEST}",
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
_WRITTEN = Path(__file__).parent / "recordings" / "scan_reports"
INDEX = "sha256:196a2ff674062c8bb443156c2cd0d3525a6bfd0f1a39e4a0fc6aeead332cf5d4"
OF_TWO_PLATFORMS = "sha256:443dcfe536681cfa0646e905938277647940a77eb2df8adc2d443f3e82000814"
OF_AMD64 = "sha256:e9352849d7fa6f36c35a11fda4670ba2a65da58a2fe354a3afc5d112c8c45ddf"


def written(name: str) -> dict[str, Any]:
    """Return what the scanner called NAME itself wrote of an image with made-up weaknesses, shortened."""
    document: dict[str, Any] = json.loads((_WRITTEN / f"{name}.json").read_text())
    return document


def test_what_grype_wrote() -> None:
    read = read_report(written("grype"))
    assert (read.version, read.digests) == ("0.104.1", (INDEX, OF_AMD64))
    assert [(each.id, each.alias, each.package, each.severity.word, each.fixed_in) for each in read.found] == [
        ("CVE-2099-0001", "", "libssl3", "critical", "3.0.13-1~deb12u1"),
        ("GHSA-2222-3333-4444", "CVE-2099-0005", "lodash", "high", "4.17.21, 4.18.0"),
        ("CVE-2099-0002", "", "zlib1g", "high", ""),
        ("CVE-2099-0003", "", "zlib1g", "negligible", ""),
        ("CVE-2099-0004", "", "libssl3", "unknown", ""),
    ]
    assert read.notes == ("grype's own settings leave out GHSA-5555-6666-7777",)


def test_what_trivy_wrote() -> None:
    read = read_report(written("trivy"))
    assert (read.version, read.digests, read.notes) == ("", (OF_TWO_PLATFORMS,), ())
    assert [(each.id, each.package, each.severity.word, each.fixed_in) for each in read.found] == [
        ("CVE-2099-0001", "libssl3", "critical", "3.0.13-1~deb12u1"),
        ("CVE-2099-0004", "libssl3", "unknown", ""),
        ("TEMP-0000000-ABCDEF", "libssl3", "unknown", ""),
        ("CVE-2099-0002", "zlib1g", "high", ""),
        ("CVE-2099-0003", "zlib1g", "low", ""),
        ("CVE-2099-0005", "lodash", "high", "4.17.21, 5.0.1"),
        ("GHSA-2222-3333-4444", "lodash", "medium", ""),
        ("CVE-2099-0006", "Jinja2", "low", "3.1.6"),
    ]


@pytest.mark.parametrize(
    ("name", "verdict", "note"),
    [
        ("trivy-eol", ScanVerdict.PASSED, "nobody looks after debian 8.11 any more"),
        ("trivy-without-packages", ScanVerdict.UNKNOWN, "its report names no package"),
    ],
)
def test_what_trivy_wrote_of_an_odd_image(name: str, verdict: ScanVerdict, note: str) -> None:
    result = judge(read_report(written(name)), ScanPolicy(), today=TODAY)
    assert result.verdict is verdict
    assert note in " ".join([*result.notes, result.reason])


@pytest.mark.parametrize("id_", ["CVE-2099-0005", "GHSA-2222-3333-4444"])
def test_an_exemption_names_the_cve_or_the_advisory(id_: str) -> None:
    policy = ScanPolicy(exemptions=(Exemption(id_, TODAY, "only at build time"),))
    result = judge(read_report(written("grype")), policy, today=TODAY)
    assert [found.id for found, _ in result.exempted] == ["GHSA-2222-3333-4444"]
    assert result.notes == ("grype's own settings leave out GHSA-5555-6666-7777",)


def test_an_advisory_on_several_is_put_up_with_by_its_own_name_only() -> None:
    match = {**GRYPE["matches"][0], "relatedVulnerabilities": [{"id": "CVE-2099-1"}, {"id": "CVE-2099-2"}]}
    assert [each.alias for each in read_report({**GRYPE, "matches": [match]}).found] == [""]


def test_many_that_are_left_out_are_counted() -> None:
    ignored = [{"vulnerability": {"id": f"CVE-2099-{number}"}} for number in (1, 2, 2, 3, 4, 5, 6, 7)]
    (note,) = read_report({**GRYPE, "ignoredMatches": ignored}).notes
    assert note.endswith("CVE-2099-5 and 2 more")


def test_a_distribution_without_packages_is_nothing_understood() -> None:
    empty = {**TRIVY, "Results": [{"Target": "checkout (debian 12)", "Class": "os-pkgs", "Type": "debian"}]}
    result = judge(read_report(empty), ScanPolicy(), today=TODAY)
    assert (result.verdict, "names no package" in result.reason) == (ScanVerdict.UNKNOWN, True)


def test_an_ended_distribution_is_told() -> None:
    system = {"Family": "debian", "Name": "8.11", "EOSL": True}
    (note,) = read_report({**TRIVY, "Metadata": {"OS": system}}).notes
    assert note.startswith("nobody looks after debian 8.11 any more")


def test_trivy() -> None:
    read = read_report(TRIVY)
    assert (read.scanner, read.version, read.digests) == ("trivy", "0.67.2", (DIGEST,))
    assert read.looked_at == ("checkout (debian 12.5)", "Node.js")
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
        pytest.param({**TRIVY, "Results": [{"Packages": [{}]}]}, "not whole", id="a-part-is-missing"),
        pytest.param({**TRIVY, "Results": "x"}, "not whole", id="of-another-type"),
        pytest.param({**GRYPE, "source": {"type": "directory"}}, "about a directory", id="a-directory"),
        pytest.param({**GRYPE, "matches": [{}]}, "not whole", id="an-empty-match"),
    ],
)
def test_what_cannot_be_read_is_an_error(document: object, words: str) -> None:
    with pytest.raises(ReportUnreadable, match=words):
        read_report(document)


@settings(deadline=None)  # a busy machine stops for longer than the default allows
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
        result = judge(read_report(damaged), ScanPolicy(), today=TODAY)
    except ReportUnreadable:
        return
    assert (result.verdict is ScanVerdict.FAILED) == bool(result.stopping)


def test_a_report_is_about_one_image() -> None:
    assert is_about(read_report(TRIVY), DIGEST)
    assert not is_about(read_report(GRYPE), f"sha256:{'b' * 64}")
