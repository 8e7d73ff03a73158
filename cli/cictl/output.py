"""Results on stdout, for people or machines, and progress on stderr; the only caller of `click.echo`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

import click

from cictl.clock import Clock, SystemClock
from cictl.errors import UsageProblem
from cictl.log_line import LogFormat, json_line
from cictl.redaction import redacted, redacted_data

API_VERSION = "cictl.dev/v1"
_PARTS_AT_ONCE = 256  # enough to write few blocks, and little memory
_COLOURS = {
    **dict.fromkeys(("ok", "healthy", "succeeded", "unchanged", "true"), "green"),
    **dict.fromkeys(("warn", "unknown", "insufficient", "superseded", "held", "changed"), "yellow"),
    **dict.fromkeys(("fail", "unhealthy", "rolled-back", "aborted", "aborting", "refused", "failed"), "red"),
}


class Format(StrEnum):
    """What `-o` takes."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Document:
    """One result: DATA for machines; for people TEXT, or ROWS under COLUMNS; NAMES for `-o name`."""

    kind: str
    data: Mapping[str, object]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    wide_columns: tuple[str, ...] = ()
    wide_rows: tuple[tuple[str, ...], ...] = ()
    names: tuple[str, ...] = ()
    text: str | None = None

    def envelope(self) -> dict[str, object]:
        """Return DATA under its API version and kind."""
        return {"apiVersion": API_VERSION, "kind": self.kind, **self.data}


@dataclass(frozen=True, slots=True)
class Output:
    """How this process speaks; all that leaves through it is redacted."""

    format: Format = Format.TABLE
    no_color: bool = False
    log_format: LogFormat = LogFormat.TEXT
    has_times: bool = True
    clock: Clock = field(default_factory=SystemClock)

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads stdout."""
        return sys.stdout.isatty()

    @property
    def is_watched(self) -> bool:
        """Whether a person watches stderr, where progress goes, so that it may be redrawn in place."""
        return sys.stderr.isatty() and self.log_format is LogFormat.TEXT

    @property
    def is_for_people(self) -> bool:
        """Whether the result is text, so that a plan or a live view may stand before it."""
        return self.format in {Format.TABLE, Format.WIDE}

    @property
    def has_color(self) -> bool:
        """Whether stdout takes colour."""
        return self.is_terminal and not self.no_color

    def show(self, document: Document) -> None:
        """Print DOCUMENT on stdout as `-o` asks."""
        self._echo(self._rendered(document))

    def text(self, text: str, *, err: bool = False) -> None:
        """Print TEXT whatever `-o` says, as for a result that is a file of its own, or for help."""
        self._echo(text, err=err)

    def file(self, parts: Iterable[bytes]) -> None:
        """Print PARTS on stdout byte for byte: what the user's own files make, which nobody asked to be masked."""
        sys.stdout.flush()
        rest = iter(parts)
        while block := b"".join(islice(rest, _PARTS_AT_ONCE)):
            sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()

    def line(self, text: str) -> None:
        """Print TEXT on stdout, for people only: with a machine-readable format it goes to stderr."""
        self._echo(text, err=not self.is_for_people)

    def log(self, lines: str) -> None:
        """Print LINES of a log, blank ones too, where `line` prints; each ends in a newline."""
        click.echo(redacted(lines), nl=False, err=not self.is_for_people, color=False if self.no_color else None)

    def progress(self, line: str) -> None:
        """Print LINE on stderr, with the time unless the log that it goes to has times of its own."""
        at = self.clock.wall()
        if self.log_format is LogFormat.JSON:
            self._echo(json_line("info", line, at=at), err=True)
        else:
            stamp = f"{time.strftime('%H:%M:%S', time.localtime(at))} " if self.has_times else ""
            self._echo(f"{stamp}{line}", err=True)

    def confirm(self, question: str, *, assume_yes: bool) -> bool:
        """Ask QUESTION on stderr; off a terminal there is nobody to ask."""
        if assume_yes:
            return True
        if not sys.stdin.isatty():
            message = f"{question} cannot be asked: stdin is not a terminal"
            raise UsageProblem(message, hint="pass --yes to answer it beforehand")
        return click.confirm(redacted(question), err=True)

    def error(self, message: str, *, hint: str | None, exit_code: int) -> None:
        """Print the line that ends a failed run."""
        if self.log_format is LogFormat.JSON:
            fields = {"hint": hint} if hint else {}
            self._echo(json_line("error", message, at=self.clock.wall(), exitCode=exit_code, **fields), err=True)
            return
        self._echo(_labelled("error", message, "red", no_color=self.no_color), err=True)
        if hint:
            self._echo(_labelled("hint", hint, "cyan", no_color=self.no_color), err=True)

    def _rendered(self, document: Document) -> str:
        if self.format is Format.JSON:
            return _json(document.envelope())
        if self.format is Format.YAML:
            return _yaml(document.envelope())
        if self.format is Format.NAME:
            return "\n".join(document.names)
        if self.format is Format.WIDE and document.wide_columns:
            return table(document.wide_columns, document.wide_rows, has_color=self.has_color)
        if document.text is not None:
            return document.text
        return table(document.columns, document.rows, has_color=self.has_color)

    def _echo(self, text: str, *, err: bool = False) -> None:
        if text:
            click.echo(redacted(text.rstrip("\n")), err=err, color=False if self.no_color else None)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, has_color: bool = False) -> str:
    """Return ROWS under COLUMNS, aligned by two blanks; nothing wraps, so that lines can be cut and grepped."""
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    header = _aligned(columns, widths, styled=[click.style(c, bold=True) for c in columns] if has_color else columns)
    return "\n".join(
        [header, *(_aligned(row, widths, styled=[_colored(c) for c in row] if has_color else row) for row in cells)]
    )


def _aligned(row: Sequence[str], widths: Sequence[int], *, styled: Sequence[str]) -> str:
    padded = (text + " " * (width - len(cell)) for cell, width, text in zip(row, widths, styled, strict=True))
    return "  ".join(padded).rstrip()


def _colored(cell: str) -> str:
    colour = _COLOURS.get(cell)
    return click.style(cell, fg=colour) if colour else cell


def printable(cell: str) -> str:
    """Return CELL, one line, without what would move the cursor: it may come from afar."""
    return "".join(char if char.isprintable() else " " for char in cell)


def _labelled(label: str, text: str, colour: str, *, no_color: bool) -> str:
    return f"{label if no_color else click.style(label, fg=colour, bold=True)}: {text}"


def _json(data: Mapping[str, object]) -> str:
    import json  # noqa: PLC0415 - --help does not need it

    return json.dumps(redacted_data(data), indent=2)


def _yaml(data: Mapping[str, object]) -> str:
    import yaml  # noqa: PLC0415 - half of what --help costs, and few ask for it

    return yaml.safe_dump(redacted_data(data), sort_keys=False, allow_unicode=True)
