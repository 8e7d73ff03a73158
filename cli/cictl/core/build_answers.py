"""Answers to builds that wait for people, as their logs tell of them: no API keeps who answered."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from urllib.parse import unquote

_LAST_INPUT = re.compile(r"^\[Pipeline\] input\b", re.MULTILINE)
_ASKS = re.compile(r"^Input requested\s*$", re.MULTILINE)
_ANSWERED = re.compile(rb"^(?:Approved|Rejected|Aborted) by ", re.MULTILINE)
_NOTE = re.compile(rb"\x1b\[8mha:([A-Za-z0-9+/=]{1,100000})\x1b\[0m")
_ANSWER_LINK = re.compile(rb"/input/([^/\x00-\x20]+)/proceedEmpty")
_LONGEST_NOTE = 64 * 1024
_GZIP = 31  # zlib's number for it
_SAID = re.compile(r"^(Approved|Rejected|Aborted) by (.+?)\s*$", re.MULTILINE)


def asks_for_values(log: str) -> bool:
    """Whether the input that LOG's end waits at asks for parameters: Jenkins then shows no question, only a link."""
    begins = [found.start() for found in _LAST_INPUT.finditer(log)]
    return _ASKS.search(log, begins[-1] if begins else 0) is not None


def ever_asked_for_values(log: str) -> bool:
    """Whether any input of LOG asks for parameters: of several that wait at once, the end does not tell which does."""
    return _ASKS.search(log) is not None


def answers(log: str) -> tuple[str, ...]:
    """Return who answered, as LOG says it: `Approved by ANA`, the last one last."""
    return tuple(f"{word} by {who}" for word, who in _SAID.findall(log))


def linked_input(log: bytes) -> str | None:
    """Return the id of the one input that waits by LOG, as Jenkins keeps it: the hidden links to answer it hold it.

    None where there is no link, as for an input with parameters, or more than one since the last answer.
    """
    last = max((found.end() for found in _ANSWERED.finditer(log)), default=0)
    notes = (_unpacked(found[1]) for found in _NOTE.finditer(log, last))
    ids = {unquote(found[1].decode(errors="replace")) for note in notes for found in _ANSWER_LINK.finditer(note)}
    return ids.pop() if len(ids) == 1 else None


def _unpacked(note: bytes) -> bytes:
    """Return the Java object in NOTE: behind a signature it is compressed."""
    try:
        packed = base64.b64decode(note)
        return zlib.decompressobj(_GZIP).decompress(packed[packed.index(b"\x1f\x8b") :], _LONGEST_NOTE)
    except (binascii.Error, ValueError, zlib.error):
        return b""
