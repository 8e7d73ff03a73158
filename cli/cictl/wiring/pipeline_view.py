"""Shows a local run as it goes: a tree of stages with times on a terminal, prefixed lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import click

from cictl.core.pipeline_events import (
    Event,
    Finished,
    LogLine,
    Problem,
    Question,
    Result,
    ShellStarted,
    StageEntered,
    StageLeft,
)
from cictl.core.pipeline_run import Run, Stage
from cictl.core.quantities import format_duration
from cictl.redaction import redacted

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from cictl.output import Output
    from cictl.services.pipelines import Watcher

_STYLES = {
    Result.SUCCESS: ("✓", "green"),
    Result.UNSTABLE: ("!", "yellow"),
    Result.FAILURE: ("✗", "red"),
    Result.NOT_BUILT: ("-", "dim"),
    Result.ABORTED: ("✗", "magenta"),
    Result.SKIPPED: ("-", "dim"),
}


@contextmanager
def watching(output: Output, *, is_dry_run: bool, is_quiet: bool) -> Iterator[Watcher]:
    """Yield who looks on; IS QUIET where there is nothing but problems to see."""
    if is_quiet:
        yield Silent()
    elif output.is_watched and output.is_terminal and output.is_for_people:
        with LiveStages(output, is_dry_run=is_dry_run) as live:
            yield live
    else:
        yield PlainLines(output, is_dry_run=is_dry_run)


def duration(seconds: float) -> str:
    """Return SECONDS as people read them: tenths below a minute."""
    return f"{seconds:.1f}s" if seconds < 60 else format_duration(round(seconds))  # noqa: PLR2004 - a minute


class Silent:
    """Sees a check only, whose result says all."""

    def note(self, event: Event, run: Run) -> None:
        """Say nothing of EVENT."""

    def ask(self, question: Question) -> Mapping[str, str] | None:
        """Refuse QUESTION: a check has none."""
        del question
        return None


class PlainLines:
    """The log on stdout, each line under its stage; what cictl says of stages on stderr."""

    def __init__(self, output: Output, *, is_dry_run: bool) -> None:
        """Write to OUTPUT."""
        self._output = output
        self._is_dry_run = is_dry_run

    def note(self, event: Event, run: Run) -> None:
        """Take EVENT in, RUN being all so far."""
        match event:
            case Problem(is_error=False):
                self._output.progress(f"note: {event}")
            case LogLine() | ShellStarted():
                for line in _lines(event, run, is_dry_run=self._is_dry_run):
                    self._output.line(line)
            case StageEntered() | StageLeft():
                self._output.progress(_transition(event, run))
            case _:
                pass

    def ask(self, question: Question) -> Mapping[str, str] | None:
        """Ask on the terminal; it is never called without one."""
        if not click.confirm(f"{redacted(question.message)} ({question.ok})", err=True):
            return None
        return {name: click.prompt(name, default=default, err=True) for name, default in question.parameters}


class LiveStages(PlainLines):
    """The stages redrawn in place, the log above them."""

    def __init__(self, output: Output, *, is_dry_run: bool) -> None:
        """Draw on the terminal."""
        from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
        from rich.live import Live  # noqa: PLC0415 - as above

        super().__init__(output, is_dry_run=is_dry_run)
        console = Console(file=sys.stdout, no_color=output.no_color, highlight=False, markup=False, emoji=False)
        self._live = Live(self, console=console, refresh_per_second=4, redirect_stdout=False, redirect_stderr=False)
        self._run = Run()

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the last picture."""
        self._live.stop()

    def note(self, event: Event, run: Run) -> None:
        """Take EVENT in, RUN being all so far."""
        self._run = run
        match event:
            case Problem(is_error=False):
                self._live.console.print(redacted(f"note: {event}"), style="dim")
            case LogLine() | ShellStarted():
                for line in _lines(event, run, is_dry_run=self._is_dry_run):
                    self._live.console.print(redacted(line), soft_wrap=True)
            case StageEntered() | StageLeft() | Finished():
                self._live.refresh()
            case _:
                pass

    def ask(self, question: Question) -> Mapping[str, str] | None:
        """Ask below the stages, which stand still meanwhile."""
        self._live.stop()
        try:
            return super().ask(question)
        finally:
            self._live.start()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the picture of now."""
        from rich.text import Text  # noqa: PLC0415 - only a terminal needs it

        for stage in self._run.stages:
            mark, style = _STYLES[stage.result] if stage.result is not None else ("…", "cyan")
            taken = stage.seconds if stage.seconds is not None else time.time() - stage.began_at
            yield Text(redacted(f"{'  ' * stage.depth}{mark} {stage.name}  {duration(taken)}"), style=style)


def _lines(event: LogLine | ShellStarted, run: Run, *, is_dry_run: bool) -> Iterator[str]:
    """Yield EVENT as text under its stage; of commands only what a dry run would run."""
    place = _place(event, run)
    if isinstance(event, LogLine):
        at = f"{time.strftime('%H:%M:%S', time.localtime(event.at))} " if event.has_time else ""
        yield f"{place}{at}{event.text}"
    elif is_dry_run:
        yield from (f"{place}+ {line}" for line in event.script.strip().splitlines())


def _place(event: LogLine | ShellStarted, run: Run) -> str:
    stage = _stage(run, event.stage)
    names = [] if stage is None else [stage.name]
    if event.branch is not None and event.branch not in names:
        names.append(event.branch)
    return f"[{'/'.join(names)}] " if names else ""


def _stage(run: Run, stage_id: int | None) -> Stage | None:
    return next((stage for stage in run.stages if stage.id == stage_id), None)


def _transition(event: StageEntered | StageLeft, run: Run) -> str:
    if isinstance(event, StageEntered):
        return f"stage {event.name}"
    stage = _stage(run, event.id)
    name = stage.name if stage is not None else "?"
    why = f" {event.reason}" if event.result is Result.SKIPPED else ""
    return f"stage {name}: {event.result.lower()}{why} ({duration(event.seconds)})"
