"""Deletes the jobs of ours that Git no longer makes: plan, backup, deletion, each against what is there at the time.

Nothing goes that is not on the disk of this machine first, and nothing that moved since it was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Protocol

from cictl.clock import Clock
from cictl.core.job_activity import Activity
from cictl.core.job_plan import ItemKey
from cictl.core.job_prune import Found, Leftover, Ownership, leftovers, most_deletions, owned_count
from cictl.core.job_removal import (
    Removal,
    RemovalResult,
    Removed,
    Seen,
    reason_not_to,
    removal_of,
    settled,
)
from cictl.core.job_restore import SavedItem
from cictl.core.job_three_way import Base
from cictl.errors import AnswerLost, CictlError, Conflict, TimedOut, Unreachable
from cictl.services.jobs_session import Held

_AT_ONCE = 8
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


class Items(Protocol):
    """Jobs, folders and views of one Jenkins."""

    def config_xml(self, full_name: str) -> str | None:
        """Return a job's config.xml."""

    def view_xml(self, full_name: str) -> str | None:
        """Return a view's."""

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


class Records(Protocol):
    """What we know of our last writes, which people who apply share."""

    def reload(self) -> None:
        """Read them anew: another run may have written."""

    def bases(self) -> Mapping[ItemKey, Base]:
        """Return the last write of each job."""

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
    """Prunes the jobs of OWNER; BEGIN_BACKUP makes a backup, LOCK keeps others of cictl from writing meanwhile."""

    inventory: Inventory
    items: Items
    records: Records
    lock: Callable[[], AbstractContextManager[Held]]
    begin_backup: Callable[[], Backup]
    clock: Clock
    owner: str
    fellows: Collection[str] = ()
    own_names: Collection[str] = ()

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
        us = Ownership(self.owner, bases.keys(), self.fellows, self.own_names)
        owned = owned_count(found, us)
        left = leftovers(found, wanted, us, is_chosen=is_chosen)
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            seen = list(pool.map(self._looked_at, left))
        removals = [
            removal_of(each, what, owner=self.owner, base=bases.get(each.key))
            for each, what in zip(left, seen, strict=True)
        ]
        return PrunePlan(settled(removals), owned, most_deletions(most, owned))

    def apply(self, plan: PrunePlan, report: Callable[[Removed], None] = lambda _: None) -> tuple[Removed, ...]:
        """Delete what PLAN says, one after the other, and REPORT each; one failure does not stop the others."""
        done: list[Removed] = []
        if not plan.going:
            return ()
        with self.lock() as held:
            backup = self.begin_backup()
            for each in plan.going:
                done.append(_not_tried(each, done, held) or self._removed(each, backup))
                report(done[-1])
            self._forget(done, held)
        return tuple(done)

    def _looked_at(self, leftover: Leftover) -> Seen | None:
        return self._seen(leftover.found) if leftover.stays is None else None

    def _seen(self, what: Found | Removal) -> Seen:
        xml = self._document(what.key)
        if xml is None or what.key.is_view or what.is_folder:
            return Seen(xml)
        activity = self.inventory.activity(what.key.full_name)
        return Seen(xml, activity.busy, activity.branches)

    def _removed(self, removal: Removal, backup: Backup) -> Removed:
        try:
            return self._carefully_removed(removal, backup)
        except CictlError as error:
            what = RemovalResult.SKIPPED if isinstance(error, Unreachable) else RemovalResult.FAILED
            return Removed(removal.key, what, error.message)

    def _carefully_removed(self, removal: Removal, backup: Backup) -> Removed:
        key = removal.key
        seen = self._seen(removal)
        if seen.xml is None:
            return Removed(key, RemovalResult.GONE, "somebody else deleted it")
        inside = self.inventory.inside(key.full_name) if removal.is_folder else ()
        if reason := reason_not_to(removal, seen, owner=self.owner, inside=inside):
            return Removed(key, RemovalResult.CONFLICT, reason)
        backup.keep(SavedItem(key, seen.xml, self._number(removal)))
        return self._deleted(key)

    def _deleted(self, key: ItemKey) -> Removed:
        patience = 0.0
        try:
            if key.is_view:
                self.items.delete_view(key.full_name)
            else:
                self.items.delete(key.full_name)
        except (AnswerLost, TimedOut):
            patience = _PATIENCE_SECONDS
        try:
            if self._is_gone(key, patience):
                return Removed(key, RemovalResult.DELETED)
        except Unreachable:
            return Removed(key, RemovalResult.FAILED, "Jenkins went away: nobody knows whether it is deleted")
        why = "Jenkins did not answer, and it is still there" if patience else "Jenkins says it is, and it is not"
        return Removed(key, RemovalResult.FAILED, why)

    def _is_gone(self, key: ItemKey, patience_seconds: float) -> bool:
        """Whether nothing is there any more; Jenkins may still be deleting the builds."""
        deadline = self.clock.monotonic() + patience_seconds
        while self._document(key) is not None:
            if self.clock.monotonic() >= deadline:
                return False
            self.clock.sleep(_LOOK_EVERY_SECONDS)
        return True

    def _forget(self, done: Sequence[Removed], held: Held) -> None:
        gone = [each.key for each in done if each.result in {RemovalResult.DELETED, RemovalResult.GONE}]
        if not gone or done[-1].result is RemovalResult.SKIPPED:
            return
        with suppress(CictlError):  # a record of what is gone does no harm, and what was done must be told
            held.check()
            self.records.reload()
            self.records.forget(gone)

    def _document(self, key: ItemKey) -> str | None:
        return self.items.view_xml(key.full_name) if key.is_view else self.items.config_xml(key.full_name)

    def _number(self, removal: Removal) -> int | None:
        is_job = not (removal.key.is_view or removal.is_folder or removal.is_computed)
        return self.items.next_build_number(removal.key.full_name) if is_job else None


def _not_tried(removal: Removal, done: Sequence[Removed], held: Held) -> Removed | None:
    """Return why REMOVAL is not even tried after what is DONE: Jenkins went away, or the lock is no longer ours."""
    if done and done[-1].result is RemovalResult.SKIPPED:
        return Removed(removal.key, RemovalResult.SKIPPED, done[-1].detail)
    try:
        held.check()  # before each, since nothing undoes a deletion
        held.renew()
    except Unreachable as error:
        return Removed(removal.key, RemovalResult.SKIPPED, error.message)
    except Conflict as error:
        return Removed(removal.key, RemovalResult.CONFLICT, error.message)
    return None
