"""The order that Job Builder writes jobs in: numbers within names count as numbers, so a2 comes before a10."""

from __future__ import annotations

import re

_CHUNK = re.compile(r"\D+|\d+")
_BEFORE_DIGITS, _DIGITS, _AFTER_DIGITS = range(3)

Chunk = tuple[int, int, str]


def alphanumeric_key(name: str) -> tuple[Chunk, ...]:
    """Return what sorts NAME; a sort by it is stable where names differ in leading zeros alone, as Job Builder's is.

    >>> sorted(["a10", "a2", "a-1", "a"], key=alphanumeric_key)
    ['a', 'a-1', 'a2', 'a10']
    """
    return tuple(_chunk(part) for part in _CHUNK.findall(name))


def _chunk(part: str) -> Chunk:
    if part[0].isdecimal():
        return (_DIGITS, int(part), "")
    return (_BEFORE_DIGITS if part < "0" else _AFTER_DIGITS, 0, part)
