"""The live view of a rollout on a terminal: steps, pods of both releases, checks, and how long is left."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cictl.core.narration import action_line, finding_lines, headline, measured
from cictl.core.plan import short_image
from cictl.core.quantities import format_duration
from cictl.core.rollout import Wait
from cictl.core.rollout_state import Phase
from cictl.core.verdict import Verdict
from cictl.redaction import redacted

if TYPE_CHECKING:
    from types import TracebackType

    from cictl.core.verdict import GateResult
    from cictl.core.workload import ReplicaSet
    from cictl.services.driver_tools import Progress

_LINES = 6
_COLOURS = {
    Verdict.HEALTHY: "green",
    Verdict.UNHEALTHY: "red",
    Verdict.UNKNOWN: "yellow",
    Verdict.INSUFFICIENT: "yellow",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One look, and when this process took it (monotonic seconds)."""

    progress: Progress
    at: float


class LiveView:
    """A reporter that redraws one table in place and leaves it there at the end."""

    def __init__(self, *, no_color: bool) -> None:
        """Draw on stderr, where progress belongs."""
        self._live = Live(self, console=Console(stderr=True, no_color=no_color), refresh_per_second=4, transient=False)
        self._seen: Seen | None = None
        self._lines: deque[str] = deque(maxlen=_LINES)

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last picture."""
        self._live.__exit__(kind, error, trace)

    def say(self, line: str) -> None:
        """Tell what is being waited for before there is progress."""
        self._add(line)

    def note(self, progress: Progress) -> None:
        """Take in one look."""
        self._seen = Seen(progress, time.monotonic())
        if not isinstance(progress.action, Wait):
            self._add(action_line(progress.record, progress.sight, progress.action))

    def _add(self, line: str) -> None:
        self._lines.append(f"{time.strftime('%H:%M:%S')} {redacted(line)}")
        self._live.refresh()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the picture of now."""
        if self._seen is not None:
            yield picture(self._seen, time.monotonic())
        yield from (Text(line, style="dim", no_wrap=True, overflow="ellipsis") for line in self._lines)


def picture(seen: Seen, now: float) -> Group:
    """Return the tables of one look, NOW being monotonic seconds."""
    progress = seen.progress
    parts: list[Table | Text] = [_title(seen, now)]
    if progress.record.strategy.steps:
        parts.append(_steps(seen, now))
    parts.append(_releases(progress))
    if (gate := progress.sight.snapshot.gate) is not None:
        parts.append(_checks(gate))
    parts += [Text(f"! {line}", style="yellow") for line in finding_lines(progress.sight)[:3]]
    return Group(*parts)


def _title(seen: Seen, now: float) -> Text:
    record, state = seen.progress.record, seen.progress.sight.snapshot.state
    where = f"{record.service} release {record.revision} → {record.namespace}: "
    text = Text(where, style="bold")
    text.append(headline(record, state), style="cyan")
    if isinstance(seen.progress.action, Wait):
        text.append(f"  {seen.progress.action.why}{_left(seen, now)}", style="default")
    return text


def _left(seen: Seen, now: float) -> str:
    until = seen.progress.action.until if isinstance(seen.progress.action, Wait) else None
    if until is None:
        return ""
    left = until - seen.progress.sight.snapshot.now - (now - seen.at)
    return f", {format_duration(max(0, round(left)))} left"


def _steps(seen: Seen, now: float) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("STEP", "WEIGHT", "PAUSE", "STATE"):
        table.add_column(column)
    record, state = seen.progress.record, seen.progress.sight.snapshot.state
    stepping = state is not None and state.phase is Phase.STEPPING
    current = state.step if state is not None else -1
    for number, step in enumerate(record.strategy.steps):
        mark = _mark(number, current, stepping=stepping, phase=state.phase if state else None)
        pause = format_duration(step.pause_seconds)
        if stepping and number == current and state is not None:
            gone = seen.progress.sight.snapshot.now + (now - seen.at) - state.since
            pause = f"{format_duration(max(0, min(round(gone), step.pause_seconds)))} of {pause}"
        table.add_row(str(number + 1), f"{step.weight} %", pause, mark)
    return table


def _mark(number: int, current: int, *, stepping: bool, phase: Phase | None) -> Text:
    if phase in {Phase.ABORTING, Phase.ROLLED_BACK, Phase.SUPERSEDED}:
        return Text("taken back" if number <= current else "-", style="red" if number <= current else "dim")
    if stepping and number == current:
        return Text("now", style="cyan")
    return Text("done", style="green") if not stepping or number < current else Text("-", style="dim")


def _releases(progress: Progress) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("RELEASE", "IMAGE", "PODS", "READY", "WANTED"):
        table.add_column(column)
    now = progress.sight.snapshot
    if now.stable is not None:
        table.add_row("stable", _image(now.stable), *_counts(now.stable))
    if now.canary is not None:
        table.add_row("new", short_image(progress.record.image), *_counts(now.canary))
    return table


def _image(replica_set: ReplicaSet) -> str:
    containers = replica_set.template.get("spec", {}).get("containers") or [{}]
    return short_image(str(containers[0].get("image", "")))


def _counts(replica_set: ReplicaSet) -> tuple[str, str, str]:
    return str(replica_set.pods), str(replica_set.ready), str(replica_set.wanted)


def _checks(gate: GateResult) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("CHECK", "VALUE", "LIMIT", "VERDICT", "REASON"):
        table.add_column(column, no_wrap=column == "VERDICT")
    for check in gate.checks:
        verdict = Text(check.verdict.value, style=_COLOURS[check.verdict])
        value, limit = measured(check.value, check.unit), measured(check.limit, check.unit)
        table.add_row(check.name, value, limit, verdict, redacted(check.reason))
    table.add_row(f"gate {gate.gate}", "", "", Text(gate.verdict.value, style=_COLOURS[gate.verdict]), "")
    return table
