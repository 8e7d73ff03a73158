"""Reports of vulnerability scanners; what does not say what was found is refused.

The shapes are those of `trivy image --format json` (SchemaVersion 2) and `grype -o json`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from cictl.core.scan import ScanReport, Severity, Vulnerability

Json = Mapping[str, Any]
_TRIVY_SCHEMA = 2
_MOST_NAMED = 5
_NAMES = {"none": "negligible", "informational": "negligible", "": "unknown", "moderate": "medium", "important": "high"}


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
    hidden = [each["Finding"] for result in results for each in result.get("ExperimentalModifiedFindings") or ()]
    return ScanReport(
        scanner="trivy",
        version=str((document.get("Trivy") or {}).get("Version", "")),
        image=str(document["ArtifactName"]),
        digests=_digests(metadata.get("RepoDigests") or ()),
        image_id=str(metadata.get("ImageID", "")),
        looked_at=tuple(str(each["Target"]) for each in results if each.get("Packages") or each.get("Vulnerabilities")),
        found=tuple(_of_trivy(raw) for result in results for raw in result.get("Vulnerabilities") or ()),
        notes=(*_ended(metadata.get("OS") or {}), *_hidden("trivy", [each.get("VulnerabilityID") for each in hidden])),
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
        notes=tuple(_hidden("grype", [each["vulnerability"]["id"] for each in document.get("ignoredMatches") or ()])),
    )


def _of_grype(raw: Json) -> Vulnerability:
    found, fix = raw["vulnerability"], raw["vulnerability"].get("fix") or {}
    others = {str(each["id"]) for each in raw.get("relatedVulnerabilities") or ()} - {str(found["id"])}
    return Vulnerability(
        id=str(found["id"]),
        package=str(raw["artifact"]["name"]),
        version=str(raw["artifact"].get("version", "")),
        severity=_severity(found.get("severity")),
        fixed_in=", ".join(map(str, fix.get("versions") or ())),
        title=str(found.get("description") or "").split("\n")[0],
        url=str(found.get("dataSource") or ""),
        alias=others.pop() if len(others) == 1 else "",
    )


def _ended(system: Json) -> Iterator[str]:
    if system.get("EOSL"):
        yield f"nobody looks after {system.get('Family')} {system.get('Name')} any more: what is new goes unreported"


def _hidden(scanner: str, ids: Collection[object]) -> Iterator[str]:
    named = list(dict.fromkeys(map(str, ids)))
    if named:
        more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
        yield f"{scanner}'s own settings leave out {', '.join(named[:_MOST_NAMED])}{more}"


def _digests(names: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(name).rpartition("@")[2] for name in names))


def _severity(text: object) -> Severity:
    word = str(text or "").lower()
    return Severity.__members__.get(_NAMES.get(word, word).upper(), Severity.UNKNOWN)
