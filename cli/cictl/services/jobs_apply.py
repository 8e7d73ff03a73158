"""Applies a plan of jobs: under the lock, level by level, several at a time; one failure does not stop the others.

What is about to be sent is on record before it is sent, so a run that was killed is understood by the next.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from cictl.clock import Clock
from cictl.core.job_intents import Wishes, Write, renewed_bases, write_or_reason
from cictl.core.job_keeping import admin_folder
from cictl.core.job_outcome import Outcome, Result, missing_folder, stages_of
from cictl.core.job_plan import ItemKey, JobPlan
from cictl.core.job_records import Intent
from cictl.core.job_three_way import Base
from cictl.errors import CictlError, Conflict, Unreachable
from cictl.services.jobs_plan import Planned
from cictl.services.jobs_session import Held
from cictl.services.jobs_write import Items, JobWriter, Written

AT_ONCE = 8
_LOOK_SECONDS = 5.0
_KEEP_EVERY_SECONDS = 30.0


class Records(Protocol):
    """What we know of our last writes."""

    def reload(self) -> None:
        """Read them anew when they are next needed."""

    def expect(self, intents: Mapping[ItemKey, Intent]) -> None:
        """Have on record what is about to be sent."""

    def keep(self, bases: Mapping[ItemKey, Base]) -> None:
        """Keep what was written."""


@dataclass(frozen=True, slots=True)
class JobsApplying:
    """Applies plans of OWNER's jobs, in whichever folders; the lock is in the team's FOLDER."""

    items: Items
    records: Records
    lock: Callable[[], AbstractContextManager[Held]]
    clock: Clock
    owner: str
    folder: str
    tell: Callable[[str], None] = lambda _: None

    def decide(self, planned: Planned, wishes: Wishes) -> tuple[tuple[Write, ...], tuple[Outcome, ...]]:
        """Return what applying PLANNED writes, and what it leaves with the reason; nothing is written here."""
        decided = [self._decided(each, planned, wishes) for each in planned.plan.jobs]
        writes = tuple(each for each in decided if isinstance(each, Write))
        return writes, tuple(each for each in decided if isinstance(each, Outcome))

    def apply(
        self, planned: Planned, writes: Sequence[Write], report: Callable[[Outcome], None] = lambda _: None
    ) -> tuple[Outcome, ...]:
        """Do WRITES, and REPORT each when it is done; what needs no write has its record renewed."""
        plans = {each.key: each for each in planned.plan.jobs}
        renewed = renewed_bases(plans, planned.live, planned.rendered)
        if not writes and not renewed:
            return ()
        run = _Run(self.items, plans, report)
        run.begin(self._with_admin_folder(writes, run))
        with self.lock() as held:
            self.records.reload()
            intents = {key: each.intent for key, each in run.waiting.items()}
            run.bases |= renewed
            if intents:
                self.records.expect(intents)
            held.check()
            with self._kept(run):
                for stage in stages_of(dict(run.waiting)):
                    self._do(stage, run, held)
        return tuple(run.outcomes.values())

    def _decided(self, plan: JobPlan, planned: Planned, wishes: Wishes) -> Write | Outcome | None:
        key = plan.key
        return write_or_reason(
            plan,
            live=planned.live.get(key),
            base=planned.bases.get(key),
            rendered=planned.rendered.get(key),
            owner=self.owner,
            wishes=wishes,
        )

    def _with_admin_folder(self, writes: Sequence[Write], run: _Run) -> Sequence[Write]:
        """Make the folder that the lock is in before it, where Git says what it is; the lock makes a plain one."""
        admin = ItemKey(admin_folder(self.folder))
        own = next((each for each in writes if each.key == admin), None)
        if own is not None and own.live is None:
            run.settle(JobWriter(self.items).write(own))
            if not run.outcomes[admin].is_written:
                raise Conflict(
                    f"the folder {admin.full_name} could not be made: {run.outcomes[admin].detail}",
                    hint="it holds the lock and the records of writes; run 'cictl bootstrap'",
                )
            return [each for each in writes if each is not own]
        return writes

    @contextmanager
    def _kept(self, run: _Run) -> Iterator[None]:
        """Keep on record what was written, however it ends."""
        run.keep = self.records.keep
        run.kept_at = self.clock.monotonic()
        try:
            yield
        finally:
            try:
                run.keep_now()
            except CictlError as error:
                self.tell(f"what was written is not on record: {error.message}; the next run finds out by itself")

    def _do(self, stage: Sequence[Write], run: _Run, held: Held) -> None:
        stop = Event()
        pool = ThreadPoolExecutor(max_workers=AT_ONCE)
        done: queue.SimpleQueue[Future[Written]] = queue.SimpleQueue()
        try:
            for each in stage:
                pool.submit(run.write, each, stop).add_done_callback(done.put)
            left = len(stage)
            while left:
                try:
                    run.settle(done.get(timeout=_LOOK_SECONDS).result())
                    left -= 1
                except queue.Empty:
                    pass
                self._look_after(run, held, stop)
        finally:
            stop.set()
            pool.shutdown(wait=True)
            while not done.empty():  # what was under way when the user interrupted
                run.settle(done.get().result())

    def _look_after(self, run: _Run, held: Held, stop: Event) -> None:
        try:
            held.renew()
        except Unreachable:
            return  # the writes themselves say that Jenkins is away
        except Conflict as error:
            run.reason_to_stop = error.message
            stop.set()
        if self.clock.monotonic() - run.kept_at > _KEEP_EVERY_SECONDS:
            run.kept_at = self.clock.monotonic()
            run.keep_now()


@dataclass(slots=True)
class _Run:
    """One run's progress; only `write` is called from several threads."""

    items: Items
    plans: Mapping[ItemKey, JobPlan]
    report: Callable[[Outcome], None]
    waiting: dict[ItemKey, Write] = field(default_factory=dict)
    outcomes: dict[ItemKey, Outcome] = field(default_factory=dict)
    bases: dict[ItemKey, Base] = field(default_factory=dict)
    reason_to_stop: str = ""
    keep: Callable[[Mapping[ItemKey, Base]], None] = lambda _: None
    kept_at: float = 0.0

    def begin(self, writes: Sequence[Write]) -> None:
        self.waiting = {each.key: each for each in writes}

    def write(self, write: Write, stop: Event) -> Written:
        if self.reason_to_stop:
            return _skipped(write, self.reason_to_stop)
        if stop.is_set():
            return _skipped(write, "interrupted")
        if folder := missing_folder(write.key, self.outcomes, self.plans):
            return _skipped(write, f"its folder {folder} was not made")
        return JobWriter(self.items).write(write)

    def settle(self, written: Written) -> None:
        outcome = written.outcome
        self.outcomes[outcome.key] = outcome
        if written.base is not None:
            self.bases[outcome.key] = written.base
        if written.is_jenkins_away:
            self.reason_to_stop = self.reason_to_stop or "Jenkins went away"
        self.report(outcome)

    def keep_now(self) -> None:
        if self.bases:
            self.keep(self.bases)
            self.bases = {}


def _skipped(write: Write, reason: str) -> Written:
    return Written(Outcome(write.key, Result.SKIPPED, reason))
