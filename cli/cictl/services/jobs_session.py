"""What every run that writes jobs works in: the lock while it is ours, and one way to judge what came of each act.

An act is guarded (the lock is ours, Jenkins is there), done, and read back. What was sent and lost its answer is never
called skipped: what is there tells, and where nobody can be asked, that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from cictl.core.job_outcome import Outcome, Result, failure
from cictl.core.job_plan import ItemKey
from cictl.core.job_records import Intent
from cictl.core.job_three_way import Base
from cictl.errors import AnswerLost, CictlError

JENKINS_AWAY = "Jenkins went away"


class Held(Protocol):
    """The lock that keeps other runs of cictl from writing, while it is ours."""

    def check(self) -> None:
        """Raise Conflict if somebody took the lock over."""

    def renew(self) -> None:
        """Show a sign of life now and then; raise Conflict if somebody took the lock over."""


class Records(Protocol):
    """What we know of our last writes, which all who write share."""

    def reload(self) -> None:
        """Read them anew when they are next needed: another run may have written."""

    def bases(self) -> Mapping[ItemKey, Base]:
        """Return the last write of each job."""

    def expect(self, intents: Mapping[ItemKey, Intent]) -> None:
        """Have on record that INTENTS are about to be sent."""

    def keep(self, bases: Mapping[ItemKey, Base]) -> None:
        """Keep BASES, which are done, beside the others."""


Lock = Callable[[], AbstractContextManager[Held]]


@dataclass(slots=True)
class Attempt:
    """One act on KEY; IS_SENT from when Jenkins may have done it, WAS_LOST if nobody heard that it did."""

    key: ItemKey
    is_sent: bool = False
    was_lost: bool = False

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Send within: an answer that is lost is no error here, since reading what is there tells."""
        try:
            yield
        except AnswerLost:
            self.was_lost = True
        self.is_sent = True

    def judged(self, error: CictlError) -> Outcome:
        """Return what ERROR, for which the act was not done or not seen to be, comes to."""
        return failure(self.key, error, is_sent=self.is_sent)


@dataclass(slots=True)
class Session:
    """One run under the lock that is HELD; TELL says what is wrong with the records."""

    held: Held
    records: Records
    tell: Callable[[str], None] = lambda _: None
    outcomes: dict[ItemKey, Outcome] = field(default_factory=dict)
    _bases: dict[ItemKey, Base] = field(default_factory=dict)
    _expected: set[ItemKey] = field(default_factory=set)
    _end: Callable[[ItemKey], Outcome] | None = None

    def expect(self, intents: Mapping[ItemKey, Intent]) -> None:
        """Have on record what is about to be sent, so that the next run understands this one, however it ends."""
        if intents:
            self.records.expect(intents)
            self._expected |= intents.keys()

    def attempt(self, key: ItemKey, act: Callable[[Attempt], Outcome], *, is_final: bool = False) -> Outcome:
        """Do ACT on KEY, unless the run is to end; IS_FINAL has the lock looked at before, as nothing undoes it."""
        self.look_after(is_final=is_final)
        return self.settle(self.not_tried(key) or attempted(Attempt(key), act))

    def look_after(self, *, is_final: bool = False) -> None:
        """Show a sign of life, and end the run if the lock cannot be seen to: it is another's, or Jenkins is away."""
        if self._end is not None:
            return
        try:
            if is_final:
                self.held.check()
            self.held.renew()
        except AnswerLost:
            pass  # the next look tells whose the lock is
        except CictlError as error:
            self.end(error)

    def end(self, error: CictlError) -> None:
        """Try nothing more, because of ERROR."""
        self._end = lambda key: failure(key, error, is_sent=False)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is tried."""
        return self._end is not None

    def not_tried(self, key: ItemKey) -> Outcome | None:
        """Return why KEY is not even tried; None if it is."""
        return self._end(key) if self._end is not None else None

    def settle(self, outcome: Outcome, base: Base | None = None) -> Outcome:
        """Take note of OUTCOME, and of the BASE that it leaves; where Jenkins went away, that ends the run."""
        self.outcomes[outcome.key] = outcome
        if base is not None:
            self.keep({outcome.key: base})
        if outcome.is_away and self._end is None:
            self._end = lambda key: Outcome(key, Result.SKIPPED, JENKINS_AWAY, is_away=True)
        return outcome

    def keep(self, bases: Mapping[ItemKey, Base]) -> None:
        """Have BASES recorded with the next `record`."""
        self._bases.update(bases)

    def record(self) -> None:
        """Record what is done so far; what was not even expected and cannot be recorded has failed."""
        if not self._bases:
            return
        try:
            self.held.check()
            self.records.keep(self._bases)
        except CictlError as error:
            self._unrecorded(error)
        self._bases = {}

    def _unrecorded(self, error: CictlError) -> None:
        self.tell(f"what was written is not on record: {error.message}; the next run finds out by itself")
        for key in self._bases.keys() - self._expected:
            if key in self.outcomes and self.outcomes[key].is_written:
                detail = f"it is done, but not on record; run it again: {error.message}"
                self.outcomes[key] = Outcome(key, Result.FAILED, detail)


@contextmanager
def session(lock: Lock, records: Records, tell: Callable[[str], None] = lambda _: None) -> Iterator[Session]:
    """Hold LOCK, know RECORDS as they are then, and record what was done, however it ends."""
    with lock() as held:
        records.reload()
        run = Session(held, records, tell)
        try:
            yield run
        finally:
            run.record()


def attempted(attempt: Attempt, act: Callable[[Attempt], Outcome]) -> Outcome:
    """Return what came of ACT, whatever comes in the way."""
    try:
        return act(attempt)
    except CictlError as error:
        return attempt.judged(error)
