"""A scan of a multibranch project: asked for, waited for, its log shown, whose last line is all that tells of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cictl.clock import Clock, sleep_until
from cictl.core.console_notes import ConsoleText
from cictl.core.jenkins_builds import LogPosition, Queued
from cictl.errors import FarSideFailed, TimedOut
from cictl.services.build_patience import Patience

_EVERY_SECONDS = 1.0
_FRESH_SECONDS = 5.0  # within which a scan that left the queue has begun its log


class Branches(Protocol):
    """The multibranch projects of one Jenkins."""

    def scan(self, full_name: str) -> None:
        """Let the project look at its repository anew."""

    def read_scan_log(self, full_name: str, start: int, sink: Callable[[bytes], None]) -> LogPosition:
        """Give SINK what the log of the last scan has from START on, and return where to go on."""


class Queue(Protocol):
    """Jenkins' queue."""

    def queued(self, full_name: str) -> tuple[Queued, ...]:
        """Return what waits there for the project."""


@dataclass(frozen=True, slots=True)
class BranchScan:
    """Scans for branches; SINK gets the log."""

    branches: Branches
    queue: Queue
    clock: Clock
    patience: Patience
    sink: Callable[[str], None]

    def run(self, full_name: str, *, timeout_seconds: float) -> None:
        """Scan, and show the log; FarSideFailed if the scan fails, TimedOut after TIMEOUT_SECONDS."""
        deadline = self.clock.monotonic() + timeout_seconds
        before, _ = self._log(full_name)
        self.branches.scan(full_name)
        self.patience.progress(f"{full_name} looks for branches; its log follows when it is done")
        log = self._finished_log(full_name, before, deadline)
        self.sink(log)
        if not log.rstrip().endswith("Finished: SUCCESS"):
            hint = "the log above says why: often credentials, or a repository that Jenkins cannot reach"
            raise FarSideFailed(f"the scan of {full_name} failed", hint=hint)

    def _finished_log(self, full_name: str, before: str, deadline: float) -> str:
        fresh_until: float | None = None
        while True:
            if not self.patience.ask(lambda: self.queue.queued(full_name), deadline=deadline):
                log, has_more = self._log(full_name)
                now = self.clock.monotonic()
                fresh_until = now + _FRESH_SECONDS if fresh_until is None else fresh_until
                if not has_more and (log != before or now >= fresh_until):
                    return log
            if self.clock.monotonic() >= deadline:
                raise TimedOut(f"the scan of {full_name} has not ended yet", hint="it goes on in Jenkins")
            sleep_until(deadline, self.clock, at_most=_EVERY_SECONDS)

    def _log(self, full_name: str) -> tuple[str, bool]:
        def read() -> tuple[str, bool]:
            text, pieces = ConsoleText(), list[str]()
            position = self.branches.read_scan_log(full_name, 0, lambda data: pieces.append(text.feed(data)))
            return "".join([*pieces, text.end()]), position.has_more

        return self.patience.ask(read)
