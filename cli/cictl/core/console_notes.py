"""A build's log as text: without the notes that Jenkins hides in it, whatever pieces it arrives in.

A note is `ESC[8mha:`, Base64 and `ESC[0m`. What only begins like one is text, and stays.
"""

from __future__ import annotations

import codecs
import re

_NOTE = re.compile("\x1b\\[8mha:[A-Za-z0-9+/=]*\x1b\\[0m")
# What may still become a note when more arrives: a beginning of one, up to the end of the text.
_BEGUN = re.compile(
    "\x1b(?:\\[(?:8(?:m(?:h(?:a(?::[A-Za-z0-9+/=]*(?:\x1b(?:\\[(?:0)?)?)?)?)?)?)?)?)?\\Z",
)
_LONGEST_NOTE = 1 << 20  # beyond that it is no note, and nobody should wait for its end


class ConsoleText:
    """Turns bytes of a log into text, piece by piece; keeps back what the next piece may complete."""

    def __init__(self) -> None:
        """Begin at the log's begin."""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._kept = ""
        self._return = ""

    def feed(self, data: bytes) -> str:
        """Return the text that is now certain, with lines that end in a newline alone."""
        return self._settled(self._decoder.decode(data), is_last=False)

    def end(self) -> str:
        """Return what was kept back: nothing comes any more."""
        return self._settled(self._decoder.decode(b"", final=True), is_last=True)

    def _settled(self, text: str, *, is_last: bool) -> str:
        text = self._kept + text
        certain = len(text) if is_last else _certain_length(text)
        self._kept = text[certain:]
        lines = self._return + without_notes(text[:certain])
        # A newline may follow, even behind a note.
        self._return = "\r" if lines.endswith("\r") and not is_last else ""
        return lines.removesuffix(self._return).replace("\r\n", "\n")


def without_notes(text: str) -> str:
    """Return the whole TEXT without its notes."""
    return _NOTE.sub("", text)


def _certain_length(text: str) -> int:
    """Return how much of TEXT cannot become a note by what follows."""
    after_last_note = 0
    for note in _NOTE.finditer(text):
        after_last_note = note.end()
    begun = _BEGUN.search(text, after_last_note)
    is_open = begun is not None and len(text) - begun.start() <= _LONGEST_NOTE
    return begun.start() if begun is not None and is_open else len(text)
