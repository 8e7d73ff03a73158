"""How long values of a field are shown beside each other: shortened, and never so that what differs is left out."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 100  # characters of one value
_BEFORE = 30  # characters that are alike, shown before the first that is not


def shown_together(values: Sequence[str | None]) -> tuple[str, ...]:
    """Return VALUES of one field as people compare them: each in one line, from shortly before where they differ."""
    start = _start([value for value in values if value is not None])
    return tuple(_shown(value, start) for value in values)


def _start(texts: Sequence[str]) -> int:
    """Return where to begin, so that the first difference of TEXTS is in the part that is shown."""
    if len(set(texts)) < 2:  # noqa: PLR2004 - nothing differs
        return 0
    pairs = enumerate(zip(*texts, strict=False))
    differs = next((index for index, letters in pairs if len(set(letters)) > 1), min(map(len, texts)))
    line = texts[0].rfind("\n", 0, differs) + 1
    is_seen = line == 0 and (differs < LONGEST or all(len(text) <= LONGEST for text in texts))
    return 0 if is_seen else max(line, differs - _BEFORE)


def _shown(value: str | None, start: int) -> str:
    if value is None:
        return "nothing"
    first, more_lines, rest = value[start:].partition("\n")
    lines = rest.count("\n") + 1
    more = f" (and {lines} more line{'s' if lines > 1 else ''})" if more_lines else ""
    return f'"{"…" if start else ""}{first[:LONGEST]}{"…" if len(first) > LONGEST else ""}"{more}'
