"""Runs that pushes ask for: which of a branch's is next, which are overtaken, and which are forgotten."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote

_BRANCHES = "refs/heads/"
_MOST_ATTEMPTS = 3  # a run that takes its worker along each time is not begun for ever
_LONGEST_NAME = 150  # bytes of 255 that a folder's name may have
_KEPT_IN_ALL = 10  # times as many as of one branch: branches come and go
_STOPPED = {130, 143}  # as a shell, and cictl itself, say SIGINT and SIGTERM


class State(StrEnum):
    """Where a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    BROKEN_OFF = "broken-off"  # begun, and nobody is at it: seen, never kept
    ENDED = "ended"
    SUPERSEDED = "superseded"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class PushRun:
    """One push of one branch. Times are epoch seconds, RESULT is Jenkins' word, BY the run that is there instead."""

    number: int
    branch: str
    commit: str
    pushed_at: float
    state: State = State.QUEUED
    attempts: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    result: str | None = None
    why: str | None = None
    by: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing comes of it any more."""
        return self.state not in {State.QUEUED, State.RUNNING, State.BROKEN_OFF}

    @property
    def outcome(self) -> str:
        """The result in one word, or the state before there is one."""
        return self.result.lower() if self.result else self.state.value


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What each run is started with, as it was given at the installation.

    CREDENTIALS and LIBRARIES are `NAME=PATH`; VARIABLES are the only ones that a run gets besides those of a login.
    """

    jenkinsfile: str = "Jenkinsfile"
    credentials: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    variables: Mapping[str, str] | None = None
    keep: int = 20
    at_once: int = 2
    timeout_seconds: float = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Choice:
    """The run to begin, if any; CLOSED are those that it leaves nothing to do for, as they are to be kept."""

    run: PushRun | None = None
    closed: tuple[PushRun, ...] = ()


def parse_request(number: int, text: str) -> PushRun | None:
    """Return what the hook wrote as run NUMBER, None where it is not what a hook writes."""
    update, _, time = text.partition("\n")
    words = update.split(" ", 2)
    if len(words) != 3 or not words[2].startswith(_BRANCHES) or not time.strip().isdecimal():  # noqa: PLR2004 - old, new, ref
        return None
    return PushRun(number, words[2].removeprefix(_BRANCHES), words[1], float(time))


def next_run(runs: Iterable[PushRun], tip: str | None, *, now: float) -> Choice:
    """Choose among the RUNS of one branch, none of which is under way; TIP is the branch's commit, None if it is gone.

    Hooks of pushes that follow each other closely may record in either order, so the branch itself says what is newest.
    What was begun and has not ended was broken off, and is begun again unless something newer is there.
    """
    all_runs = sorted(runs, key=lambda run: run.number)
    pending = [run for run in all_runs if not run.is_over]
    if not pending:
        return Choice()
    if tip is None:
        return Choice(closed=tuple(_closed(run, None, "the branch is gone", now) for run in pending))
    begun = [run for run in all_runs if run.is_over and run.started_at is not None]
    last = max(begun, key=lambda run: run.started_at or 0.0, default=None)
    newest = next((run for run in reversed(pending) if run.commit == tip), None)
    if newest is None and last is not None and last.commit == tip:
        return Choice(closed=tuple(_superseded(run, last, now) for run in pending))
    chosen = newest or pending[-1]
    closed = tuple(_superseded(run, chosen, now) for run in pending if run is not chosen)
    if chosen.attempts >= _MOST_ATTEMPTS:
        return Choice(closed=(*closed, _closed(chosen, None, f"it broke off {chosen.attempts} times", now)))
    return Choice(chosen, closed)


def forgotten(runs: Sequence[PushRun], *, keep: int) -> tuple[PushRun, ...]:
    """Return those of RUNS that are over and more than KEEP of their branch, or ten times that in all."""
    seen: Counter[str] = Counter()
    found = []
    for place, run in enumerate(sorted(runs, key=lambda run: run.number, reverse=True)):
        seen[run.branch] += 1
        if run.is_over and (seen[run.branch] > keep or place >= keep * _KEPT_IN_ALL):
            found.append(run)
    return tuple(found)


def was_stopped(status: int) -> bool:
    """Whether a process with the exit STATUS was ended by a signal: one that it took itself, or a negative one."""
    return status < 0 or status in _STOPPED


def folder_name(branch: str) -> str:
    """Return a name for a folder of BRANCH alone: letters, digits and `%`, never hidden, never an option."""
    encoded = quote(branch, safe="", errors="surrogateescape")
    readable = f"%{ord(encoded[0]):02X}{encoded[1:]}" if encoded[0] in "-._~" else encoded
    if len(readable) <= _LONGEST_NAME:
        return readable
    digest = hashlib.sha256(branch.encode(errors="surrogateescape")).hexdigest()[:16]
    return f"{readable[:_LONGEST_NAME]}-{digest}"


def _superseded(run: PushRun, by: PushRun, now: float) -> PushRun:
    why = f"run {by.number} has what is newer" if run.state is State.QUEUED else f"broken off; run {by.number} is newer"
    return replace(_closed(run, by.number, why, now), state=State.SUPERSEDED)


def _closed(run: PushRun, by: int | None, why: str, now: float) -> PushRun:
    return replace(run, state=State.GIVEN_UP, ended_at=now, why=why, by=by)
