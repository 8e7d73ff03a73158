"""Reports of vulnerability scanners, and whether an image may go on: never where a report does not say what was found.

The shapes are those of `trivy image --format json` (SchemaVersion 2) and `grype -o json`. A severity that the scanner
does not know is neither good nor bad news: it stops the image unless the policy says otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import Any

Json = Mapping[str, Any]
_TRIVY_SCHEMA = 2
_NAMES = {"none": "negligible", "informational": "negligible", "": "unknown", "moderate": "medium", "important": "high"}


class Severity(IntEnum):
    """How bad a vulnerability is said to be; UNKNOWN stands outside of the order."""

    UNKNOWN = -1
    NEGLIGIBLE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The severity as people write it."""
        return self.name.lower()


# Unknown stands with high: who reads from the top sees it.
_ORDER = (
    Severity.CRITICAL,
    Severity.HIGH,
    Severity.UNKNOWN,
    Severity.MEDIUM,
    Severity.LOW,
    Severity.NEGLIGIBLE,
)


class ScanVerdict(StrEnum):
    """What a scan comes to."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One known weakness of one package; `fixed_in` is empty where no version mends it yet."""

    id: str
    package: str
    version: str
    severity: Severity
    fixed_in: str = ""
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scanner says of an image: `digests` and `image_id` name it, `looked_at` says what was understood."""

    scanner: str
    version: str
    image: str
    digests: tuple[str, ...]
    image_id: str
    looked_at: tuple[str, ...]
    found: tuple[Vulnerability, ...]


@dataclass(frozen=True, slots=True)
class Exemption:
    """A vulnerability that is put up with, of one package or of all, through the day `until`, because of `reason`."""

    id: str
    until: date
    reason: str
    package: str | None = None

    def covers(self, found: Vulnerability) -> bool:
        """Whether it is about FOUND."""
        return self.id == found.id and self.package in {None, found.package}


@dataclass(frozen=True, slots=True)
class ScanPolicy:
    """What stops an image: severities from `fail_on` on, and unknown ones, but for those that are exempt for a time."""

    fail_on: Severity = Severity.HIGH
    fail_on_unknown: bool = True
    ignore_unfixed: bool = False
    exemptions: tuple[Exemption, ...] = ()

    def stops(self, found: Vulnerability) -> bool:
        """Whether FOUND stops an image, exemptions aside."""
        if self.ignore_unfixed and not found.fixed_in:
            return False
        return self.fail_on_unknown if found.severity is Severity.UNKNOWN else found.severity >= self.fail_on


@dataclass(frozen=True, slots=True)
class ScanResult:
    """The verdict with its reason; `stopping`, `exempted` and `tolerated` share out what was found."""

    verdict: ScanVerdict
    reason: str
    stopping: tuple[Vulnerability, ...] = ()
    exempted: tuple[tuple[Vulnerability, Exemption], ...] = ()
    tolerated: tuple[Vulnerability, ...] = ()
    notes: tuple[str, ...] = ()


class ReportUnreadable(ValueError):
    """What was given is no report of a known scanner, or not a whole one."""


def read_report(document: object) -> ScanReport:
    """Return DOCUMENT, the JSON of trivy or grype; raise `ReportUnreadable` for anything else."""
    if not isinstance(document, Mapping):
        raise ReportUnreadable("it is not a JSON object")
    try:
        if "SchemaVersion" in document:
            return _trivy(document)
        if "matches" in document and "descriptor" in document:
            return _grype(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise ReportUnreadable(f"it is not whole: {error!r}") from error
    raise ReportUnreadable("neither trivy nor grype writes such a report")


def _trivy(document: Json) -> ScanReport:
    if document["SchemaVersion"] != _TRIVY_SCHEMA:
        raise ReportUnreadable(f"it has trivy's schema {document['SchemaVersion']}, not {_TRIVY_SCHEMA}")
    if document.get("ArtifactType", "container_image") != "container_image":
        raise ReportUnreadable(f"it is about a {document['ArtifactType']}, not about an image")
    metadata = document.get("Metadata") or {}
    results = [result for result in document.get("Results") or () if result.get("Class") != "secret"]
    return ScanReport(
        scanner="trivy",
        version=str((document.get("Trivy") or {}).get("Version", "")),
        image=str(document["ArtifactName"]),
        digests=_digests(metadata.get("RepoDigests") or ()),
        image_id=str(metadata.get("ImageID", "")),
        looked_at=tuple(str(result["Target"]) for result in results),
        found=tuple(_of_trivy(raw) for result in results for raw in result.get("Vulnerabilities") or ()),
    )


def _of_trivy(raw: Json) -> Vulnerability:
    return Vulnerability(
        id=str(raw["VulnerabilityID"]),
        package=str(raw["PkgName"]),
        version=str(raw.get("InstalledVersion", "")),
        severity=_severity(raw.get("Severity")),
        fixed_in=str(raw.get("FixedVersion") or ""),
        title=str(raw.get("Title") or ""),
        url=str(raw.get("PrimaryURL") or ""),
    )


def _grype(document: Json) -> ScanReport:
    source = document["source"]
    if source.get("type") != "image":
        raise ReportUnreadable(f"it is about a {source.get('type')}, not about an image")
    target, distro = source["target"], document.get("distro") or {}
    found = tuple(map(_of_grype, document["matches"]))
    described = " ".join(filter(None, (str(distro.get("name") or ""), str(distro.get("version") or ""))))
    named = target.get("manifestDigest")
    return ScanReport(
        scanner="grype",
        version=str(document["descriptor"].get("version", "")),
        image=str(target.get("userInput", "")),
        digests=_digests([*(target.get("repoDigests") or ()), *([f"@{named}"] if named else [])]),
        image_id=str(target.get("imageID", "")),
        looked_at=tuple(filter(None, (described, *dict.fromkeys(each.package for each in found)))),
        found=found,
    )


def _of_grype(raw: Json) -> Vulnerability:
    found, fix = raw["vulnerability"], raw["vulnerability"].get("fix") or {}
    return Vulnerability(
        id=str(found["id"]),
        package=str(raw["artifact"]["name"]),
        version=str(raw["artifact"].get("version", "")),
        severity=_severity(found.get("severity")),
        fixed_in=", ".join(map(str, fix.get("versions") or ())),
        title=str(found.get("description") or "").split("\n")[0],
        url=str(found.get("dataSource") or ""),
    )


def _digests(names: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(name).rpartition("@")[2] for name in names))


def _severity(text: object) -> Severity:
    word = str(text or "").lower()
    return Severity.__members__.get(_NAMES.get(word, word).upper(), Severity.UNKNOWN)


def is_about(report: ScanReport, digest: str) -> bool:
    """Whether REPORT is about the image that DIGEST names, as far as the scanner says what it looked at."""
    return digest in report.digests or report.image.endswith(f"@{digest}")


def judge(report: ScanReport, policy: ScanPolicy, *, today: date) -> ScanResult:
    """Return what REPORT comes to by POLICY; a report that looked at nothing proves nothing."""
    if not report.looked_at:
        reason = f"{report.scanner} understood nothing of {report.image}: no distribution, no dependencies"
        return ScanResult(ScanVerdict.UNKNOWN, reason)
    valid = [each for each in policy.exemptions if today <= each.until]
    would_stop = [each for each in _worst_first(report.found) if policy.stops(each)]
    exempted = [(each, found) for each in would_stop if (found := _exemption(valid, each)) is not None]
    spared = {each for each, _ in exempted}
    stopping = tuple(each for each in would_stop if each not in spared)
    return ScanResult(
        verdict=ScanVerdict.FAILED if stopping else ScanVerdict.PASSED,
        reason=_reason(report, stopping, len(spared)),
        stopping=stopping,
        exempted=tuple(exempted),
        tolerated=tuple(each for each in _worst_first(report.found) if not policy.stops(each)),
        notes=tuple(_notes(policy, report.found, today)),
    )


def _worst_first(found: Collection[Vulnerability]) -> list[Vulnerability]:
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda each: (_ORDER.index(each.severity), each.package, each.id))


def _exemption(valid: Sequence[Exemption], found: Vulnerability) -> Exemption | None:
    return next((each for each in valid if each.covers(found)), None)


def _reason(report: ScanReport, stopping: Sequence[Vulnerability], spared: int) -> str:
    exempt = f", {spared} exempt" if spared else ""
    if not stopping:
        return f"nothing that stops it among {len(set(report.found))} found{exempt}"
    counted = {word: sum(each.severity.word == word for each in stopping) for word in _words(stopping)}
    return f"{', '.join(f'{count} {word}' for word, count in counted.items())}{exempt}"


def _words(found: Sequence[Vulnerability]) -> list[str]:
    return list(dict.fromkeys(each.severity.word for each in found))


def _notes(policy: ScanPolicy, found: Collection[Vulnerability], today: date) -> Iterator[str]:
    for each in policy.exemptions:
        about = f"{each.id}{f' of {each.package}' if each.package else ''}"
        is_found = any(each.covers(one) for one in found)
        if today > each.until and is_found:
            yield f"the exemption of {about} ended on {each.until}: {each.reason}"
        elif not is_found:
            yield f"nothing has {about} any more: take its exemption out"
