"""What Jenkins' own validator says of a Jenkinsfile: of its sections and directives; to unknown steps it is silent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_PLACED = re.compile(r"(?P<message>.*?)\.? @ line (?P<line>\d+), column (?P<column>\d+)\.?\s*", re.DOTALL)
_NO_PIPELINE = "did not contain the 'pipeline' step"


class Validity(StrEnum):
    """Whether the validator finds it valid; unknown where it was not judged."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, lines and columns from 1; 0 where the validator names no place."""

    message: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Jenkins says, or in REASON why it says nothing; URL is None where it was not even reached."""

    validity: Validity
    findings: tuple[Finding, ...] = ()
    url: str | None = None
    reason: str | None = None


def verdict(url: str, errors: Iterable[str]) -> Verdict:
    """Return the verdict of the validator that lists ERRORS."""
    listed = tuple(errors)
    if not listed:
        return Verdict(Validity.VALID, url=url)
    if all(_NO_PIPELINE in error for error in listed):
        return Verdict(Validity.UNKNOWN, url=url, reason="it judges declarative pipelines alone")
    return Verdict(Validity.INVALID, tuple(_finding(error) for error in listed), url)


def _finding(error: str) -> Finding:
    placed = _PLACED.fullmatch(error)
    if placed is None:
        return Finding(error.strip())
    return Finding(placed["message"].strip(), int(placed["line"]), int(placed["column"]))
