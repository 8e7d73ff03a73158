"""How a scan of an image, and its bill of materials, are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cictl.core.plan import short_image
from cictl.core.scan import ScanVerdict
from cictl.errors import CictlError, FarSideFailed, GateUndecided
from cictl.output import Document

if TYPE_CHECKING:
    from cictl.core.scan import Vulnerability
    from cictl.services.image_sboms import ImageSbom
    from cictl.services.image_scans import ImageScan

_MOST_TITLE = 60
_NOTHING_NAMED = {
    "trivy": "before 0.67 trivy lists what it looked at only with --list-all-pkgs; or try grype",
    "grype": "try trivy: grype names only packages that it found something in",
}
_HINT = "mend it, or put up with it in cictl.yaml, with a reason and a date: scan: {ignore: [...]}"


def scan_document(scan: ImageScan) -> Document:
    """Return what a scan came to, the vulnerabilities that stop the image first."""
    result, report = scan.result, scan.report
    data: dict[str, object] = {
        "image": scan.image.pinned,
        "scanner": report.scanner,
        "scannerVersion": report.version,
        "verdict": result.verdict.value,
        "reason": result.reason,
        "stopping": [_data(each) for each in result.stopping],
        "exempted": [
            {**_data(each), "until": str(exemption.until), "exemption": exemption.reason}
            for each, exemption in result.exempted
        ],
        "tolerated": [_data(each) for each in result.tolerated],
        "notes": list(result.notes),
    }
    names = tuple(dict.fromkeys(each.id for each in result.stopping))
    return Document("ImageScan", data, names=names, text="\n".join(_lines(scan)))


def sbom_document(made: ImageSbom) -> Document:
    """Return of what the bill is, and where."""
    data: dict[str, object] = {
        "image": made.image.pinned,
        "format": "CycloneDX",
        "specVersion": made.sbom.spec_version,
        "components": made.sbom.components,
        "file": str(made.path),
    }
    text = f"{made.path}: {made.sbom.components} components of {short_image(made.image.pinned)}"
    return Document("ImageSbom", data, names=(str(made.path),), text=text)


def scan_problem(scan: ImageScan) -> CictlError | None:
    """Return why the image may not go on, None where it may."""
    if scan.result.verdict is ScanVerdict.FAILED:
        return FarSideFailed(f"{short_image(scan.image.pinned)} does not pass: {scan.result.reason}", hint=_HINT)
    if scan.result.verdict is ScanVerdict.UNKNOWN:
        message = f"nobody knows what is in {short_image(scan.image.pinned)}: {scan.result.reason}"
        return GateUndecided(message, hint=_NOTHING_NAMED[scan.report.scanner])
    return None


def _lines(scan: ImageScan) -> Iterator[str]:
    result = scan.result
    by = " ".join(filter(None, (scan.report.scanner, scan.report.version)))
    yield f"{short_image(scan.image.pinned)} {result.verdict.value} by {by}: {result.reason}"
    for each in result.stopping:
        yield f"  {_line(each)}"
    for each, exemption in result.exempted:
        yield f"  exempt until {exemption.until}: {each.id} of {each.package} ({exemption.reason})"
    for note in result.notes:
        yield f"  note: {note}"


def _line(found: Vulnerability) -> str:
    fix = f"fixed in {found.fixed_in}" if found.fixed_in else "no fix yet"
    title = f": {found.title[:_MOST_TITLE]}" if found.title else ""
    also = f" ({found.alias})" if found.alias else ""
    return f"{found.severity.word:<10} {found.id}{also} {found.package} {found.version}, {fix}{title}"


def _data(found: Vulnerability) -> dict[str, object]:
    return {
        "id": found.id,
        "alias": found.alias or None,
        "package": found.package,
        "version": found.version,
        "severity": found.severity.word,
        "fixedIn": found.fixed_in or None,
        "title": found.title,
        "url": found.url or None,
    }
