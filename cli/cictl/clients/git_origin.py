"""Where the repository around a folder was cloned from, read from Git's own files: no git needs to trust the folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_SECTION = re.compile(r'\s*\[\s*(?P<section>[^\s"\]]+)(?:\s+"(?P<name>(?:[^"\\]|\\.)*)")?\s*\]')
_URL = re.compile(r"\s*url\s*=\s*(?P<value>.*?)\s*", re.IGNORECASE)
_COMMENT = re.compile(r"\s[#;].*$")


@dataclass(frozen=True, slots=True)
class Origin:
    """The ADDRESS of the remote `origin`, as it is configured, and the path BELOW the repository's root, by slashes."""

    address: str
    below: str


def origin_of(path: Path) -> Origin | None:
    """Return where the repository around PATH comes from; None if it is in none, or that has no origin."""
    place = path.resolve()
    for folder in (place, *place.parents):
        marker = folder / ".git"
        if marker.exists():
            address = _origin(_common_folder(marker))
            below = place.relative_to(folder).as_posix()
            return Origin(address, "" if below == "." else below) if address else None
    return None


def _common_folder(marker: Path) -> Path:
    """Return the folder of Git's configuration; that of a worktree or a submodule is elsewhere."""
    folder = marker
    if marker.is_file():
        _, _, named = _text(marker).strip().partition("gitdir: ")
        folder = marker.parent / named
    common = _text(folder / "commondir").strip()
    return folder / common if common else folder


def _origin(folder: Path) -> str | None:
    is_origin, address = False, None
    for line in _text(folder / "config").splitlines():
        if found := _SECTION.match(line):
            is_origin = (found["section"].lower(), found["name"]) == ("remote", "origin")
        elif is_origin and address is None and (value := _URL.fullmatch(line)):
            address = _COMMENT.sub("", value["value"]).strip('"') or None
    return address


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
