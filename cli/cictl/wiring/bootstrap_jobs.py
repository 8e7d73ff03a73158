"""Lets bootstrap plan and apply the platform's jobs, as `cictl jobs` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.core.bootstrap_folders import has_libraries_of
from cictl.core.bootstrap_jobs import JobsDone, JobsSeen
from cictl.core.job_intents import Wishes
from cictl.core.job_outcome import Result, failure
from cictl.core.job_plan import Action, ItemKey, plan_all
from cictl.errors import CictlError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from cictl.core.job_intents import Write
    from cictl.core.job_outcome import Outcome
    from cictl.core.job_plan import JobPlan
    from cictl.core.rendered_job import RenderedJob
    from cictl.services.jobs_plan import Planned
    from cictl.wiring.jobs_live import LiveJobs

_IN_ORDER = {Action.CREATE, Action.UPDATE, Action.UNCHANGED}


class PlatformJobs:
    """Creates and updates; what people changed in Jenkins, and what Git lacks, is left to `cictl jobs`."""

    def __init__(
        self, live: LiveJobs, render: Callable[[], Sequence[RenderedJob]], made_before: Collection[str] = ()
    ) -> None:
        """RENDER returns the platform's jobs and views; an earlier part makes the folders in MADE_BEFORE."""
        self._live, self._render, self._made_before = live, render, made_before

    def look(self) -> JobsSeen:
        """Plan them all, but for what an earlier part will have made by then."""
        if self._live.folder and self._live.items.item(self._live.folder) is None:
            return self._seen_in_nothing()
        planned, all_writes, left = self._decided()
        writes = [each for each in all_writes if not self._is_made_before(each)]
        created = sum(each.live is None for each in writes)
        ours = [each for each in planned.plan.jobs if each.key in planned.rendered]
        return JobsSeen(
            created=created,
            updated=len(writes) - created,
            unchanged=sum(each.action is Action.UNCHANGED for each in ours),
            stuck=tuple(_stuck(ours, left)),
            lock_left=self._live.lock.is_left(),
        )

    def _seen_in_nothing(self) -> JobsSeen:
        """Return what is to be made in a team's folder that is not there yet."""
        plans = plan_all(self._render(), {}, {}, owner=self._live.owner).jobs
        good = [each for each in plans if not each.refusal and each.key.full_name not in self._made_before]
        return JobsSeen(created=len(good), stuck=tuple(_stuck(plans, ())))

    def _is_made_before(self, write: Write) -> bool:
        """Whether an earlier part writes this folder: it makes what is not there, and registers the library."""
        if write.key.is_view or write.key.full_name not in self._made_before:
            return False
        return write.live is None or not has_libraries_of(write.live, write.rendered)

    def apply(self) -> JobsDone:
        """Plan them anew, and write what is to be created or updated."""
        planned, writes, _ = self._decided()
        done = self._live.applying().apply(planned, writes, self._tell)
        failed = (*(each for each in done if not each.is_there), *self._lock_left())
        return JobsDone(
            created=sum(each.result is Result.CREATED for each in done),
            updated=sum(each.result is Result.UPDATED for each in done),
            failed=tuple(map(_words, failed)),
            wanted_rights=_wanted_rights(failed),
        )

    def _lock_left(self) -> Iterator[Outcome]:
        """Yield the lock, if it cannot be taken away: every later run that writes would stumble over it."""
        lock = self._live.lock
        try:
            lock.take_away()
        except CictlError as error:
            yield failure(ItemKey(lock.name), error, is_sent=False)

    def _decided(self) -> tuple[Planned, tuple[Write, ...], tuple[Outcome, ...]]:
        planned = self._live.planning().plan(self._render())
        writes, left = self._live.applying().decide(planned, Wishes())
        return planned, writes, tuple(each for each in left if each.key in planned.rendered)

    def _tell(self, outcome: Outcome) -> None:
        self._live.app.output.progress(f"jobs: {_words(outcome)}")


def _stuck(ours: Sequence[JobPlan], left: Sequence[Outcome]) -> Iterator[str]:
    """Yield what is not as Git says and stays so: refused, drifted, in conflict, somebody else's."""
    reasons = {each.key: each.detail for each in left}
    for plan in ours:
        if plan.refusal or plan.action not in _IN_ORDER:
            why = plan.refusal or reasons.get(plan.key) or plan.action.value
            yield f"{plan.key.full_name}: {plan.action.value}, {why}"


def _wanted_rights(failed: Sequence[Outcome]) -> tuple[str, ...]:
    """Return what to have granted; nothing where something else failed, too. What was skipped waits for the others."""
    causes = [each for each in failed if each.result is not Result.SKIPPED or each.is_away]
    return tuple(each.wants_right for each in causes) if all(each.wants_right for each in causes) else ()


def _words(outcome: Outcome) -> str:
    return f"{outcome.key.full_name} {outcome.result}{f': {outcome.detail}' if outcome.detail else ''}"
