"""Applies a plan of jobs: under the lock, level by level, several at a time; one failure does not stop the others.

What is about to be sent is on record before it is sent, so a run that was killed is understood by the next.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

from cictl.clock import Clock
from cictl.core.job_intents import Wishes, Write, renewed_bases, write_or_reason
from cictl.core.job_keeping import admin_folder
from cictl.core.job_outcome import Outcome, Result, missing_folder, stages_of
from cictl.core.job_plan import ItemKey, JobPlan
from cictl.errors import Conflict, Unreachable
from cictl.services.jobs_documents import AT_ONCE
from cictl.services.jobs_plan import Planned
from cictl.services.jobs_session import Lock, Records, Session, session
from cictl.services.jobs_write import Items, JobWriter, Written

_LOOK_SECONDS = 5.0
_KEEP_EVERY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class JobsApplying:
    """Applies plans of OWNER's jobs, in whichever folders; the lock is in the team's FOLDER."""

    items: Items
    records: Records
    lock: Lock
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
        first = self._admin_folder(writes)
        if first is not None:
            report(first.outcome)
        waiting = {each.key: each for each in writes if first is None or each.key != first.outcome.key}
        with session(self.lock, self.records, self.tell) as run:
            if first is not None:
                run.settle(first.outcome, first.base)
            run.keep(renewed)
            latest = self.records.bases() if waiting else {}
            run.expect({key: each.intent for key, each in waiting.items()})
            run.held.check()
            work = _Work(run, plans, JobWriter(self.items, latest), report, self.clock)
            for stage in stages_of(waiting):
                work.do(stage)
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

    def _admin_folder(self, writes: Sequence[Write]) -> Written | None:
        """Make the folder that the lock is in before it, where Git says what it is; the lock makes a plain one."""
        admin = ItemKey(admin_folder(self.folder))
        own = next((each for each in writes if each.key == admin and each.live is None), None)
        if own is None:
            return None
        made = JobWriter(self.items).write(own)
        if not made.outcome.is_there:
            message = f"the folder {admin.full_name} could not be made: {made.outcome.detail}"
            if made.outcome.is_away:
                raise Unreachable(message, hint="try again when Jenkins is back; nothing else was written")
            raise Conflict(message, hint="it holds the lock and the records of writes; run 'cictl bootstrap'")
        return made


@dataclass(slots=True)
class _Work:
    """Writes several jobs at a time for the session RUN; only `_write` is called from several threads."""

    run: Session
    plans: Mapping[ItemKey, JobPlan]
    writer: JobWriter
    report: Callable[[Outcome], None]
    clock: Clock
    _stop: Event = field(default_factory=Event)
    _kept_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._kept_at = self.clock.monotonic()

    def do(self, stage: Sequence[Write]) -> None:
        """Write all of STAGE, whose folders are there."""
        pool = ThreadPoolExecutor(max_workers=AT_ONCE)
        done: queue.SimpleQueue[Future[Written]] = queue.SimpleQueue()
        try:
            for each in stage:
                pool.submit(self._write, each).add_done_callback(done.put)
            left = len(stage)
            while left:
                try:
                    self._settle(done.get(timeout=_LOOK_SECONDS).result())
                    left -= 1
                except queue.Empty:
                    pass
                self._look_after()
        except BaseException:
            self._stop.set()
            raise
        finally:
            pool.shutdown(wait=True)
            while not done.empty():  # what was under way when the user interrupted
                self._settle(done.get().result())

    def _write(self, write: Write) -> Written:
        if reason := self.run.not_tried(write.key):
            return Written(reason)
        if self._stop.is_set():
            return Written(Outcome(write.key, Result.SKIPPED, "interrupted"))
        if folder := missing_folder(write.key, self.run.outcomes, self.plans):
            return Written(Outcome(write.key, Result.SKIPPED, f"its folder {folder} was not made"))
        return self.writer.write(write)

    def _settle(self, written: Written) -> None:
        self.run.settle(written.outcome, written.base)
        self.report(written.outcome)

    def _look_after(self) -> None:
        self.run.look_after()
        if self.clock.monotonic() - self._kept_at > _KEEP_EVERY_SECONDS:
            self._kept_at = self.clock.monotonic()
            self.run.record()
