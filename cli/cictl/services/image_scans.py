"""Scanning an image: a report is got or read, held to be about this image, and judged by the platform's policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from cictl.core.image import ImageReference
from cictl.core.scan import ScanPolicy, ScanReport, ScanResult, is_about, judge
from cictl.core.scan_reports import ReportUnreadable, read_report
from cictl.errors import Conflict, FarSideFailed


class Scanner(Protocol):
    """What runs a scanner."""

    def find(self, name: str | None) -> str:
        """Return which one is there."""

    def scan(self, scanner: str, image: str, *, insecure: bool) -> object:
        """Return its report, as JSON."""

    def read(self, path: Path) -> object:
        """Return the JSON in PATH."""

    def keep(self, document: object, path: Path) -> None:
        """Write DOCUMENT to PATH."""


@dataclass(frozen=True, slots=True)
class ImageScan:
    """One image, scanned; `document` is the report as the scanner wrote it."""

    image: ImageReference
    report: ScanReport
    result: ScanResult
    document: object


class ImageScans:
    """Judges images by POLICY on the day TODAY."""

    def __init__(self, scanner: Scanner, policy: ScanPolicy, *, today: date) -> None:
        """Run SCANNER where no report is given."""
        self._scanner, self._policy, self._today = scanner, policy, today

    def scan(self, image: ImageReference, *, scanner: str | None = None, insecure: bool = False) -> ImageScan:
        """Scan IMAGE, which has a digest, by SCANNER (None: by the one that is there)."""
        name = self._scanner.find(scanner)
        return self._judge(image, self._scanner.scan(name, image.pinned, insecure=insecure), name)

    def read(self, image: ImageReference, path: Path) -> ImageScan:
        """Judge IMAGE by the report in PATH; one about another image is a conflict."""
        return self._judge(image, self._scanner.read(path), str(path))

    def keep(self, scan: ImageScan, path: Path) -> None:
        """Write the scanner's own report to PATH."""
        self._scanner.keep(scan.document, path)

    def _judge(self, image: ImageReference, document: object, origin: str) -> ImageScan:
        try:
            report = read_report(document)
        except ReportUnreadable as error:
            message = f"the report of {origin} cannot be used: {error}"
            raise FarSideFailed(message, hint="scan the image again") from error
        if not is_about(report, image.digest or ""):
            message = f"the report of {origin} is about {report.image}, not about {image.pinned}"
            raise Conflict(message, hint="scan the image by its digest, as 'cictl image resolve' prints it")
        return ImageScan(image, report, judge(report, self._policy, today=self._today), document)
