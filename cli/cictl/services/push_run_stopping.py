"""Asks who works on a run of a push to stop it; no signal is sent here, where a process may be another one by now."""

from __future__ import annotations

from typing import Protocol

from cictl.clock import Clock
from cictl.core.push_run import PushRun, State
from cictl.errors import Conflict

_LOOK_SECONDS = 0.1
_PATIENCE_SECONDS = 10.0  # a worker looks several times a second
_WHY_NOT = {
    State.QUEUED: "is queued: push a newer commit to have it superseded, or delete the branch",
    State.BROKEN_OFF: "was broken off, and nobody is at it: delete the branch to have it given up",
}


class Folder(Protocol):
    """Where runs are kept."""

    def run(self, number: int) -> PushRun:
        """Return run NUMBER."""

    def seen(self, run: PushRun) -> PushRun:
        """Return RUN as it is, broken off if nobody is at it."""

    def ask_to_stop(self, number: int) -> None:
        """Leave the wish for the worker that run NUMBER is stopped."""

    def is_asked_to_stop(self, number: int) -> bool:
        """Whether no worker has taken that wish."""

    def takes_stop(self, number: int) -> bool:
        """Take that wish away; whether there was one."""


def stop_run(folder: Folder, number: int, *, clock: Clock) -> PushRun:
    """Have run NUMBER stopped as SIGTERM stops it, and return it as it is once that is on its way, or over.

    Asked again, it does not wait for `post`. Conflict for a run that is not under way, and where no worker takes it.
    """
    run = folder.seen(folder.run(number))
    if run.is_over:
        return run
    if run.state is not State.RUNNING:
        raise Conflict(f"run {number} is not under way", hint=f"it {_WHY_NOT[run.state]}")
    folder.ask_to_stop(number)
    deadline = clock.monotonic() + _PATIENCE_SECONDS
    while folder.is_asked_to_stop(number):
        if clock.monotonic() > deadline and folder.takes_stop(number):
            hint = "end its process, 'cictl pipeline run', by its id: SIGTERM lets post run"
            raise Conflict(f"run {number} has outlived its worker, and goes on to its end", hint=hint)
        clock.sleep(_LOOK_SECONDS)
    return folder.run(number)
