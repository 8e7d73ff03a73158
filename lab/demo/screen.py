"""How the demo looks: chapters, the commands as one would type them, and what they say, indented."""

from __future__ import annotations

import os
import shlex
import sys
import threading
import time
from collections.abc import Sequence

_BOLD, _CYAN, _DIM, _GREEN, _RED = "1", "36", "2", "32", "31"
_INDENT = "    "


class Screen:
    """Standard output; a lock keeps lines of several processes whole."""

    def __init__(self) -> None:
        """Begin to count the time."""
        self.is_terminal = sys.stdout.isatty() and sys.stderr.isatty()
        self._has_color = self.is_terminal and not os.environ.get("NO_COLOR")
        self._lock = threading.Lock()
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long the demo has run."""
        return time.monotonic() - self._began

    def chapter(self, title: str) -> None:
        """Begin a part."""
        self._print(f"\n{self._styled(f'== {title}', _BOLD)} {self._styled(f'({self.seconds:.0f} s)', _DIM)}")

    def say(self, text: str) -> None:
        """Say what the viewer is about to see, or what came of it."""
        self._print(text)

    def command(self, words: Sequence[str]) -> None:
        """Show a command before it runs."""
        self._print(self._styled(f"$ {shlex.join(words)}", _CYAN))

    def output(self, line: str) -> None:
        """Show a line of a program."""
        self._print(f"{_INDENT}{line}")

    def claim(self, text: str, *, holds: bool) -> None:
        """Show whether something went as it should."""
        mark = self._styled("ok ", _GREEN) if holds else self._styled("NOT", _RED)
        self._print(f"{mark} {text}")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show ROWS, aligned."""
        widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
        for number, row in enumerate((columns, *rows)):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            line = "  ".join(cells).rstrip()
            self._print(self._styled(line, _BOLD) if number == 0 else line)

    def _styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._has_color else text

    def _print(self, text: str) -> None:
        with self._lock:
            print(text, flush=True)
