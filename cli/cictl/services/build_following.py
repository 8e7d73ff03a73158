"""A build from the queue to its result, with its log; it only reads, so whoever stops looking stops nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cictl.clock import Clock, sleep_until
from cictl.core.console_lines import ConsoleLines
from cictl.core.console_notes import ConsoleText
from cictl.core.jenkins_builds import Build, LogPosition, QueueItem, QueueState
from cictl.core.quantities import format_duration
from cictl.errors import CictlError, FarSideFailed, NotFound, TimedOut, Unreachable
from cictl.services.build_patience import Patience

_QUEUE_EVERY_SECONDS = 1.0
_LOG_EVERY_SECONDS = 1.0
_FIRST_LOG_SECONDS = 0.1
_TELL_EVERY_SECONDS = 60.0


class Builds(Protocol):
    """The builds of one Jenkins."""

    def queue_item(self, queue_id: int) -> QueueItem | None:
        """Return how far the queued build is, None once Jenkins forgot it."""

    def build_of_queue_item(self, full_name: str, queue_id: int) -> Build | None:
        """Return the build that a queue item became."""

    def build(self, full_name: str, number: int) -> Build | None:
        """Return the build, None where there is none of that number."""

    def read_log(self, full_name: str, number: int, start: int, sink: Callable[[bytes], None]) -> LogPosition:
        """Give SINK what the log has from START on, and return where to go on."""


@dataclass(frozen=True, slots=True)
class BuildFollowing:
    """Follows builds; PROGRESS gets what people should know, SINK whole lines of the log."""

    builds: Builds
    clock: Clock
    progress: Callable[[str], None]
    sink: Callable[[str], None]

    def until_started(self, full_name: str, queue_id: int, *, deadline: float) -> Build:
        """Return the build that the queue item becomes; FarSideFailed if it is cancelled, TimedOut at DEADLINE."""
        teller = _Teller(self)
        while True:
            number, why = self._look_at_queue(full_name, queue_id, deadline)
            build = None if number is None else self._build(full_name, number, deadline)
            if build is not None:
                return build
            if self.clock.monotonic() >= deadline:
                message = f"{full_name} still waits in the queue{f': {why}' if why else ''}"
                hint = f"it stays there; take it out with 'cictl build stop --job {full_name} --queued {queue_id}'"
                raise TimedOut(message, hint=hint)
            teller.tell(f"waiting in the queue{f': {why}' if why else ''}")
            sleep_until(deadline, self.clock, at_most=_QUEUE_EVERY_SECONDS)

    def until_ended(self, build: Build, *, deadline: float) -> Build:
        """Give the log to the sink until BUILD ends, and return how it ended; TimedOut at DEADLINE."""
        log = _Log(self, build)
        pause = _FIRST_LOG_SECONDS
        while True:
            moved, has_more = log.read(deadline)
            seen = None if has_more else self._build(build.full_name, build.number, deadline)
            if seen is not None and not seen.is_building:
                log.read(deadline)  # what it wrote between the two looks
                log.end()
                return seen
            if self.clock.monotonic() >= deadline:
                log.end()
                raise _late(build)
            pause = _FIRST_LOG_SECONDS if moved else min(_LOG_EVERY_SECONDS, pause * 2)
            sleep_until(deadline, self.clock, at_most=pause)

    def show_log(self, build: Build) -> None:
        """Give the sink what the log holds now."""
        log = _Log(self, build)
        log.read(None)
        log.end()

    def patience(self) -> Patience:
        """Return who asks again while Jenkins is away."""
        return Patience(self.clock, self.progress)

    def _look_at_queue(self, full_name: str, queue_id: int, deadline: float) -> tuple[int | None, str]:
        """Return the build's number once there is one, else why it waits."""
        ask = self.patience().ask
        item = ask(lambda: self.builds.queue_item(queue_id), deadline=deadline)
        if item is None:
            build = ask(lambda: self.builds.build_of_queue_item(full_name, queue_id), deadline=deadline)
            if build is None:
                message = f"Jenkins knows nothing of queue item {queue_id} of {full_name} any more"
                hint = "its build may be deleted already, or the queue was emptied; 'cictl build list' shows what ran"
                raise NotFound(message, hint=hint)
            return build.number, ""
        if item.state is QueueState.CANCELLED:
            message = f"{full_name} was cancelled in the queue: nothing was built"
            raise FarSideFailed(message, hint="somebody took it out, or a newer one replaced it; start it again")
        return item.number, f"{item.why}{' (it seems to be stuck)' if item.is_stuck else ''}"

    def _build(self, full_name: str, number: int, deadline: float) -> Build | None:
        return self.patience().ask(lambda: self.builds.build(full_name, number), deadline=deadline)


@dataclass(slots=True)
class _Log:
    """A log as far as it was read; a reading that breaks off goes on where it broke."""

    following: BuildFollowing
    build: Build
    _start: int = 0
    _text: ConsoleText = field(default_factory=ConsoleText)
    _lines: ConsoleLines = field(default_factory=ConsoleLines)

    def read(self, deadline: float | None) -> tuple[bool, bool]:
        """Hand on what is new; whether there was any, and whether the build still writes."""
        before = self._start
        position = self.following.patience().ask(self._read_once, deadline=deadline)
        return position.next_start > before, position.has_more

    def end(self) -> None:
        """Hand on what makes no whole line."""
        self._tell(self._lines.feed(self._text.end()) + self._lines.end())

    def _read_once(self) -> LogPosition:
        counter = _Counter()

        def take(data: bytes) -> None:
            counter.count(data)
            self._tell(self._lines.feed(self._text.feed(data)))

        try:
            name, number = self.build.full_name, self.build.number
            position = self.following.builds.read_log(name, number, self._start, take)
        except (Unreachable, TimedOut):
            self._start += counter.size
            raise
        self._start = position.next_start
        return position

    def _tell(self, lines: str) -> None:
        if lines:
            self.following.sink(lines)


class _Counter:
    """Counts a log's bytes as Jenkins keeps them: it sends each newline as two characters."""

    def __init__(self) -> None:
        self.size = 0
        self._ends_in_return = False

    def count(self, data: bytes) -> None:
        pairs = data.count(b"\r\n") + (self._ends_in_return and data.startswith(b"\n"))
        self.size += len(data) - pairs
        self._ends_in_return = data.endswith(b"\r")


class _Teller:
    """Says what is new, and again each minute."""

    def __init__(self, following: BuildFollowing) -> None:
        self._following = following
        self._began = following.clock.monotonic()
        self._told: str | None = None
        self._told_at = self._began

    def tell(self, line: str) -> None:
        now = self._following.clock.monotonic()
        if line == self._told and now - self._told_at < _TELL_EVERY_SECONDS:
            return
        so_far = f" ({format_duration(round(now - self._began))} so far)" if line == self._told else ""
        self._told, self._told_at = line, now
        self._following.progress(f"{line}{so_far}")


def _late(build: Build) -> CictlError:
    where = f"--job {build.full_name}"
    hint = (
        f"it goes on: follow it with 'cictl build log {where} --build {build.number} --follow', "
        f"or stop it with 'cictl build stop {where} --build {build.number}'"
    )
    return TimedOut(f"{build.label} has not ended yet", hint=hint)
