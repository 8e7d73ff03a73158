"""Runs one build to its end, from the queue on, and hands its log on as it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cictl.clock import Clock
from cictl.core.console_notes import ConsoleText
from cictl.core.jenkins_builds import Build, BuildableJob, LogPosition, QueueItem, QueueState
from cictl.errors import FarSideFailed, TimedOut

_EVERY_SECONDS = 0.5


class Builds(Protocol):
    """The builds of one Jenkins."""

    def job(self, full_name: str) -> BuildableJob:
        """Return what the job asks for."""

    def start(self, job: BuildableJob, parameters: Mapping[str, str]) -> int | None:
        """Queue a build, and return the queue item's id."""

    def queue_item(self, queue_id: int) -> QueueItem | None:
        """Return how far it is, None once Jenkins forgot it."""

    def build_of_queue_item(self, full_name: str, queue_id: int) -> Build | None:
        """Return the build that it became."""

    def build(self, full_name: str, number: int) -> Build | None:
        """Return a build."""

    def read_log(self, full_name: str, number: int, start: int, sink: Callable[[bytes], None]) -> LogPosition:
        """Give SINK the log from START on."""


@dataclass(frozen=True, slots=True)
class OneBuild:
    """Builds a job once, within TIMEOUT_SECONDS; SAY gets each line of its log."""

    builds: Builds
    clock: Clock
    say: Callable[[str], None]
    timeout_seconds: float

    def run(self, full_name: str) -> Build:
        """Return the build of the job once it has ended."""
        deadline = self.clock.monotonic() + self.timeout_seconds
        queue_id = self.builds.start(self.builds.job(full_name), {})
        if queue_id is None:
            raise FarSideFailed(f"{full_name} is not built but indexed", hint="rename it in Jenkins")
        number = self._number(full_name, queue_id, deadline)
        return self._followed(full_name, number, deadline)

    def _number(self, full_name: str, queue_id: int, deadline: float) -> int:
        said = ""
        while True:
            item = self.builds.queue_item(queue_id)
            if item is None:
                if (build := self.builds.build_of_queue_item(full_name, queue_id)) is not None:
                    return build.number
                raise FarSideFailed(
                    f"Jenkins forgot the build of {full_name}", hint="look at the queue, and run it again"
                )
            if item.state is QueueState.CANCELLED:
                raise FarSideFailed(f"somebody cancelled the build of {full_name} in the queue", hint="run this again")
            if item.number is not None:
                return item.number
            if item.why and item.why != said:
                said = item.why
                self.say(f"in the queue: {said}")
            self._pause(f"{full_name} waits in the queue ({item.why})", deadline)

    def _followed(self, full_name: str, number: int, deadline: float) -> Build:
        text, start = ConsoleText(), 0
        lines = _Lines(self.say)
        while True:
            position = self.builds.read_log(full_name, number, start, lambda data: lines.feed(text.feed(data)))
            start = position.next_start
            if not position.has_more:
                lines.feed(text.end())
                lines.end()
                build = self.builds.build(full_name, number)
                if build is not None and not build.is_building:
                    return build
            self._pause(f"build {number} of {full_name} still runs", deadline)

    def _pause(self, what: str, deadline: float) -> None:
        left = deadline - self.clock.monotonic()
        if left <= 0:
            raise TimedOut(what, hint="look at it in Jenkins, or give it longer with --timeout")
        self.clock.sleep(min(_EVERY_SECONDS, left))


class _Lines:
    """Cuts text that comes in pieces into lines."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._rest = say, ""

    def feed(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._say(line.rstrip("\r"))

    def end(self) -> None:
        if self._rest:
            self._say(self._rest)
        self._rest = ""
