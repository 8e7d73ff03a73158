"""Shows the log of one run of a push, while it grows if asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cictl.clock import Clock
from cictl.core.push_run import PushRun, State
from cictl.errors import TimedOut

_LOOK_SECONDS = 0.2
_NOT_AT_ONCE_SECONDS = 2.0  # the worker may just be on its way
_WAITING = {
    State.QUEUED: "waits for another one to end",
    State.BROKEN_OFF: "was broken off, its worker is gone; the next push goes on with it, or 'cictl hook work'",
}


class Folder(Protocol):
    """Where runs are kept."""

    def run(self, number: int) -> PushRun:
        """Return run NUMBER."""

    def seen(self, run: PushRun) -> PushRun:
        """Return RUN as it is, broken off if nobody is at it."""

    def log_from(self, number: int, offset: int) -> bytes:
        """Return what stands in its log from OFFSET bytes on."""


def show_log(folder: Folder, number: int, say: Callable[[str], None]) -> PushRun:
    """Give each line of the log of run NUMBER to SAY as it is now, and return the run."""
    run = folder.run(number)
    _said(folder.log_from(number, 0), say, is_last=True)
    return run


def follow_log(
    folder: Folder, number: int, say: Callable[[str], None], *, clock: Clock, timeout_seconds: float
) -> PushRun:
    """Give each line to SAY as it comes and return the run once it is over; TimedOut where that takes longer."""
    deadline = clock.monotonic() + timeout_seconds
    offset = 0
    told = State.RUNNING
    while True:
        run = folder.seen(folder.run(number))  # before its log: what ended has said all
        offset += _said(folder.log_from(number, offset), say, is_last=run.is_over)
        if run.is_over:
            return run
        if run.state is not told and clock.monotonic() > deadline - timeout_seconds + _NOT_AT_ONCE_SECONDS:
            told = run.state
            if told in _WAITING:
                say(f"run {number} {_WAITING[told]}")
        if clock.monotonic() > deadline:
            hint = "nothing of it is stopped; follow it by 'cictl hook log'"
            raise TimedOut(f"run {number} is not over after {timeout_seconds:g} s; it goes on", hint=hint)
        clock.sleep(_LOOK_SECONDS)


def _said(data: bytes, say: Callable[[str], None], *, is_last: bool) -> int:
    """Say the whole lines of DATA, or all where it IS LAST; return how many bytes that was."""
    end = len(data) if is_last else data.rfind(b"\n") + 1
    for line in data[:end].decode("utf-8", "replace").splitlines():
        say(line)
    return end
