"""A log's text as whole lines that are safe on a terminal: colours stay, what moves the cursor or sets titles goes.

What makes no line yet is kept back; a carriage return within a line, as of a progress bar, ends a line.
"""

from __future__ import annotations

import re

_COLOUR = r"\x1b\[[0-9;:]*m"
# Sequences with a body: titles, links and clipboards end at BEL or ST; other escapes are two or more characters.
_STRING = r"\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"
_SEQUENCE = r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]"
_UNSAFE = re.compile(rf"({_COLOUR})|{_STRING}|{_SEQUENCE}|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class ConsoleLines:
    """Gathers text until its lines are whole."""

    def __init__(self) -> None:
        """Begin at the log's begin."""
        self._kept: list[str] = []

    def feed(self, text: str) -> str:
        """Return the lines that TEXT completes, each with its newline."""
        whole, newline, rest = text.replace("\r", "\n").rpartition("\n")
        if not newline:
            self._kept.append(rest)
            return ""
        lines = "".join([*self._kept, whole, newline])
        self._kept = [rest]
        return safe(lines)

    def end(self) -> str:
        """Return what was kept back, with a newline: nothing comes any more."""
        rest = "".join(self._kept)
        self._kept = []
        return f"{safe(rest)}\n" if rest else ""


def safe(text: str) -> str:
    """Return TEXT without control characters other than newline and tab, and without escapes other than colours."""
    return _UNSAFE.sub(lambda found: found[1] or "", text)
