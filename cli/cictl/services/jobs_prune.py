"""Deletes the jobs of ours that Git no longer makes: plan, backup, deletion, each against what is there at the time.

Nothing goes that is not on the disk of this machine first, and nothing that moved since it was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from cictl.clock import Clock, sleep_until
from cictl.core.job_activity import Activity
from cictl.core.job_outcome import Outcome, Result
from cictl.core.job_plan import ItemKey
from cictl.core.job_prune import Found, Leftover, Ownership, leftovers, most_deletions, owned_count
from cictl.core.job_removal import Removal, Seen, reason_not_to, removal_of, settled
from cictl.core.job_restore import SavedItem
from cictl.core.job_survey import left_behind
from cictl.errors import CictlError
from cictl.services.jobs_documents import AT_ONCE, Documents, document_of
from cictl.services.jobs_session import Attempt, Lock, Records, Session, session

_PATIENCE_SECONDS = 15.0
_LOOK_EVERY_SECONDS = 1.0


class Inventory(Protocol):
    """What is in Jenkins, and what runs there."""

    def found(self, folder: str = "") -> tuple[Found, ...]:
        """Return everything below FOLDER."""

    def inside(self, folder: str) -> tuple[str, ...]:
        """Return what is directly in FOLDER."""

    def activity(self, full_name: str) -> Activity:
        """Return what runs or waits in a job."""


class Items(Documents, Protocol):
    """Jobs, folders and views of one Jenkins."""

    def next_build_number(self, full_name: str) -> int | None:
        """Return the number of the job's next build."""

    def delete(self, full_name: str) -> bool:
        """Delete a job."""

    def delete_view(self, full_name: str) -> bool:
        """Delete a view."""


class Backup(Protocol):
    """One backup that is being made."""

    def keep(self, item: SavedItem) -> None:
        """Have ITEM on the disk."""


class PruneRecords(Records, Protocol):
    """Records that can be let go."""

    def forget(self, keys: Collection[ItemKey]) -> None:
        """Keep nothing of KEYS any more."""


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """REMOVALS, the innermost first; OWNED jobs are ours in all, MOST of them may go at once. Views do not count."""

    removals: tuple[Removal, ...]
    owned: int
    most: int

    @property
    def going(self) -> tuple[Removal, ...]:
        """What is to be deleted."""
        return tuple(each for each in self.removals if each.stays is None)

    @property
    def counted(self) -> int:
        """How many of those count: nothing is lost with a view."""
        return sum(not each.key.is_view for each in self.going)


@dataclass(frozen=True, slots=True)
class Prune:
    """Prunes the jobs of OWNER; BEGIN_BACKUP makes a backup, LOCK keeps others of cictl from writing meanwhile.

    What bears only one of the FORMERS' marks is named, and left to whoever says that it is his.
    """

    inventory: Inventory
    items: Items
    records: PruneRecords
    lock: Lock
    begin_backup: Callable[[], Backup]
    clock: Clock
    owner: str
    fellows: Collection[str] = ()
    own_names: Collection[str] = ()
    formers: Collection[str] = ()

    def plan(
        self,
        wanted: Iterable[ItemKey],
        *,
        folder: str = "",
        is_chosen: Callable[[str], bool] = lambda _: True,
        most: str | None = None,
    ) -> PrunePlan:
        """Return what below FOLDER would go since it is not WANTED; ValueError for a MOST that cannot be read."""
        found, bases = self.inventory.found(folder), self.records.bases()
        dubious = (each for each in found if each.owner in {None, *self.formers} and each.key in bases)
        behind = {each.key: left_behind(each, bases[each.key], self.owner, self.formers) for each in dubious}
        behind = {key: why for key, why in behind.items() if why}
        us = Ownership(self.owner, bases.keys(), self.fellows, self.own_names, self.formers, behind)
        owned = owned_count(found, us)
        left = leftovers(found, wanted, us, is_chosen=is_chosen)
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            seen = list(pool.map(self._looked_at, left))
        removals = [
            removal_of(each, what, owner=self.owner, base=bases.get(each.key))
            for each, what in zip(left, seen, strict=True)
        ]
        return PrunePlan(settled(removals), owned, most_deletions(most, owned))

    def apply(self, plan: PrunePlan, report: Callable[[Outcome], None] = lambda _: None) -> tuple[Outcome, ...]:
        """Delete what PLAN says, one after the other, and REPORT each; one failure does not stop the others."""
        if not plan.going:
            return ()
        with session(self.lock, self.records) as run:
            backup = self.begin_backup()
            for each in plan.going:
                report(run.attempt(each.key, partial(self._removed, each, backup), is_final=True))
            self._forget(run)
        return tuple(run.outcomes.values())

    def _looked_at(self, leftover: Leftover) -> Seen | None:
        return self._seen(leftover.found) if leftover.stays is None else None

    def _seen(self, what: Found | Removal) -> Seen:
        xml = document_of(self.items, what.key)
        if xml is None or what.key.is_view or what.is_folder:
            return Seen(xml)
        activity = self.inventory.activity(what.key.full_name)
        return Seen(xml, activity.busy, activity.branches)

    def _removed(self, removal: Removal, backup: Backup, attempt: Attempt) -> Outcome:
        key = removal.key
        seen = self._seen(removal)
        if seen.xml is None:
            return Outcome(key, Result.GONE, "somebody else deleted it")
        inside = self.inventory.inside(key.full_name) if removal.is_folder else ()
        if reason := reason_not_to(removal, seen, owner=self.owner, inside=inside):
            return Outcome(key, Result.CONFLICT, reason)
        backup.keep(SavedItem(key, seen.xml, self._number(removal)))
        return self._deleted(key, attempt)

    def _deleted(self, key: ItemKey, attempt: Attempt) -> Outcome:
        with attempt.sending():
            (self.items.delete_view if key.is_view else self.items.delete)(key.full_name)
        if self._is_gone(key, _PATIENCE_SECONDS if attempt.was_lost else 0.0):
            return Outcome(key, Result.DELETED)
        why = (
            "Jenkins did not answer, and it is still there" if attempt.was_lost else "Jenkins says it is, and it is not"
        )
        return Outcome(key, Result.FAILED, why)

    def _is_gone(self, key: ItemKey, patience_seconds: float) -> bool:
        """Whether nothing is there any more; Jenkins may still be deleting the builds."""
        deadline = self.clock.monotonic() + patience_seconds
        while document_of(self.items, key) is not None:
            if self.clock.monotonic() >= deadline:
                return False
            sleep_until(deadline, self.clock, at_most=_LOOK_EVERY_SECONDS)
        return True

    def _forget(self, run: Session) -> None:
        gone = [each.key for each in run.outcomes.values() if each.result in {Result.DELETED, Result.GONE}]
        if not gone or run.has_ended:
            return
        with suppress(CictlError):  # a record of what is gone does no harm, and what was done must be told
            run.held.check()
            self.records.forget(gone)

    def _number(self, removal: Removal) -> int | None:
        is_job = not (removal.key.is_view or removal.is_folder or removal.is_computed)
        return self.items.next_build_number(removal.key.full_name) if is_job else None
