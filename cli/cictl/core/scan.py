"""Whether an image may go on by what a scanner found in it.

A severity that the scanner does not know is neither good nor bad news: it stops the image unless the policy says
otherwise. What looked at nothing proves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum


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
    """One known weakness of one package; `fixed_in` is empty where no version mends it yet.

    `alias` is its other name where it has just one, as the CVE that an advisory is about.
    """

    id: str
    package: str
    version: str
    severity: Severity
    fixed_in: str = ""
    title: str = ""
    url: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scanner says of an image: `digests` and `image_id` name it, `looked_at` says what was understood.

    `notes` are what the scanner says of how little it may know, or was told not to say.
    """

    scanner: str
    version: str
    image: str
    digests: tuple[str, ...]
    image_id: str
    looked_at: tuple[str, ...]
    found: tuple[Vulnerability, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exemption:
    """A vulnerability that is put up with, of one package or of all, through the day `until`, because of `reason`."""

    id: str
    until: date
    reason: str
    package: str | None = None

    def covers(self, found: Vulnerability) -> bool:
        """Whether it is about FOUND."""
        return self.id in {found.id, found.alias} and self.package in {None, found.package}


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


def is_about(report: ScanReport, digest: str) -> bool:
    """Whether REPORT is about the image that DIGEST names, as far as the scanner says what it looked at."""
    return digest in report.digests or report.image.endswith(f"@{digest}")


def judge(report: ScanReport, policy: ScanPolicy, *, today: date) -> ScanResult:
    """Return what REPORT comes to by POLICY; a report that looked at nothing proves nothing."""
    if not report.looked_at:
        reason = f"{report.scanner} understood nothing of {report.image}: its report names no package"
        return ScanResult(ScanVerdict.UNKNOWN, reason, notes=report.notes)
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
        notes=(*report.notes, *_notes(policy, report.found, today)),
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
