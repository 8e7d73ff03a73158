"""How an edit made in Jenkins is carried over to Git: the line of YAML where it is evident, else the XML."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(
    r"""^(?P<start>\s*(?:-\s+)*(?:[\w.-]+:\s+)?)(?P<quote>['"]?)(?P<value>.*?)(?P=quote)(?P<end>\s*(?:\#.*)?)$"""
)
_PLAIN = re.compile(r"[A-Za-z0-9_/.][A-Za-z0-9_/.@+ ():,-]*")
_NOT_TEXT = re.compile(r"(?i)(true|false|yes|no|on|off|null|~|[\d.]+)")


@dataclass(frozen=True, slots=True)
class YamlEdit:
    """One line of a YAML file, and what it becomes; LINE counts from 1."""

    line: int
    before: str
    after: str


def yaml_edit(text: str, before: str, after: str) -> YamlEdit | None:
    """Return how TEXT says AFTER where it says BEFORE; None unless exactly one line holds that value alone."""
    if not before or "\n" in before or "\n" in after:
        return None
    found = [
        (number, match)
        for number, line in enumerate(text.splitlines(), 1)
        if (match := _LINE.match(line)) and match["value"] == before
    ]
    if len(found) != 1:
        return None
    number, match = found[0]
    return YamlEdit(number, match[0], f"{match['start']}{quoted(after)}{match['end']}")


def quoted(value: str) -> str:
    """Return VALUE as YAML, in quotes where it would be something else without."""
    is_plain = _PLAIN.fullmatch(value) and ": " not in value and not value.endswith((":", " "))
    if is_plain and (not _NOT_TEXT.fullmatch(value) or value in {"true", "false"} or value.isdecimal()):
        return value
    return "'" + value.replace("'", "''") + "'"
