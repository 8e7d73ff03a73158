"""Brings jobs back from a backup, folders first; what is there now stays unless told otherwise, and is kept first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from cictl.core.jenkins_items import Item
from cictl.core.job_changes import changes
from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_marks import owner_of
from cictl.core.job_names import ancestors_of, folded, parent_of
from cictl.core.job_plan import ItemKey
from cictl.core.job_records import Intent
from cictl.core.job_restore import Restoration, RestoreAction, SavedItem, chosen_items, plan_restore
from cictl.core.job_swallowed import read_back
from cictl.core.job_three_way import Base
from cictl.core.job_xml import Element, parse_config
from cictl.errors import AnswerLost, CictlError, Conflict, NotFound, TimedOut, Unreachable
from cictl.services.jobs_session import Held, recorded

_AT_ONCE = 8


class Items(Protocol):
    """Jobs, folders and views of one Jenkins."""

    def item(self, full_name: str) -> Item | None:
        """Return what FULL_NAME is."""

    def config_xml(self, full_name: str) -> str | None:
        """Return a job's config.xml."""

    def view_xml(self, full_name: str) -> str | None:
        """Return a view's."""

    def create(self, full_name: str, xml: str) -> None:
        """Create a job."""

    def create_view(self, full_name: str, xml: str) -> None:
        """Create a view."""

    def update(self, full_name: str, xml: str) -> None:
        """Replace a job's config.xml."""

    def update_view(self, full_name: str, xml: str) -> None:
        """Replace a view's."""

    def next_build_number(self, full_name: str) -> int | None:
        """Return the number of the job's next build."""

    def set_next_build_number(self, full_name: str, number: int) -> None:
        """Let the next build have NUMBER; NotFound where Jenkins cannot."""


class Backup(Protocol):
    """One backup that is being made."""

    def keep(self, item: SavedItem) -> None:
        """Have ITEM on the disk."""


class Records(Protocol):
    """What we know of our last writes, which people who apply share."""

    def reload(self) -> None:
        """Read them anew: another run may have written."""

    def expect(self, intents: Mapping[ItemKey, Intent]) -> None:
        """Have on record that INTENTS are about to be sent."""

    def keep(self, bases: Mapping[ItemKey, Base]) -> None:
        """Keep BASES beside the others."""


class RestoreResult(StrEnum):
    """What became of a planned restoration."""

    RESTORED = "restored"
    CONFLICT = "conflict"  # something has its name since, or changed
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Restored:
    """The outcome of one restoration."""

    key: ItemKey
    result: RestoreResult
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What is done with each saved item, folders first; SEEN are fingerprints of what would be replaced."""

    restorations: tuple[Restoration, ...]
    seen: Mapping[ItemKey, str] = field(default_factory=dict)

    @property
    def writes(self) -> tuple[Restoration, ...]:
        """What is sent to Jenkins."""
        return tuple(each for each in self.restorations if each.is_write)


@dataclass(frozen=True, slots=True)
class Restore:
    """Restores jobs; those that bear an owner's mark are recorded as written again, but for those of FELLOWS.

    FELLOWS are owners of cictl's own making, which have no records.
    """

    items: Items
    records: Records
    lock: Callable[[], AbstractContextManager[Held]]
    begin_backup: Callable[[], Backup]
    fellows: Collection[str] = ()

    def plan(
        self,
        saved: Iterable[SavedItem],
        *,
        is_chosen: Callable[[str], bool] = lambda _: True,
        overwrite: bool = False,
        lossy: bool = False,
    ) -> RestorePlan:
        """Return what is done with the items of SAVED that IS_CHOSEN tells by name, and with folders around them."""
        saved = tuple(saved)
        above = {name for each in saved for name in ancestors_of(each.key.full_name)}
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            found = dict(zip(above, pool.map(self.items.item, above), strict=True))
            there = {folded(name) for name, item in found.items() if item is not None}
            chosen = chosen_items(saved, is_chosen, lambda name: folded(name) in there)
            read = zip(chosen, pool.map(self._document_if_any, chosen), strict=True)
            live = {item.key: xml for item, xml in read if xml is not None}
        planned = plan_restore(chosen, live, lambda name: folded(name) in there, overwrite=overwrite, lossy=lossy)
        seen = {each.key: fingerprint(live[each.key]) for each in planned if each.action is RestoreAction.OVERWRITE}
        return RestorePlan(planned, seen)

    def apply(self, plan: RestorePlan, report: Callable[[Restored], None] = lambda _: None) -> tuple[Restored, ...]:
        """Write what PLAN says, folders first, and REPORT each; what is in a folder that failed is skipped."""
        if not plan.writes:
            return ()
        run = _Run(self, plan)
        with self.lock() as held:
            self.records.reload()
            self._expect(plan)
            try:
                for each in plan.writes:
                    report(run.restore(each, held))
            finally:
                problem = recorded(self.records, run.bases, held)
        return tuple(_unrecorded(each, problem) for each in run.done) if problem else tuple(run.done)

    def _expect(self, plan: RestorePlan) -> None:
        """Have on record what is written, so that what is back after a kill is ours as it was."""
        ours = [each for each in plan.writes if self.is_on_record(parse_config(each.xml))]
        if ours:
            self.records.expect({each.key: Intent(each.xml, each.xml) for each in ours})

    def is_on_record(self, root: Element) -> bool:
        """Whether whose mark ROOT bears keeps records."""
        return owner_of(root.text_of("description")) not in {None, *self.fellows}

    def document(self, key: ItemKey) -> str | None:
        """Return what is there now."""
        return self.items.view_xml(key.full_name) if key.is_view else self.items.config_xml(key.full_name)

    def _document_if_any(self, item: SavedItem) -> str | None:
        return self.document(item.key)


class _Run:
    """One run of a plan."""

    def __init__(self, restore: Restore, plan: RestorePlan) -> None:
        self.done: list[Restored] = []
        self.bases: dict[ItemKey, Base] = {}
        self._restore, self._items, self._seen = restore, restore.items, plan.seen
        self._missing: set[str] = set()
        self._backup: Backup | None = None
        self._end = ""  # why nothing more is tried

    def restore(self, each: Restoration, held: Held) -> Restored:
        """Bring one back, and remember how that went."""
        result = self._guarded(each, held)
        if result.result is not RestoreResult.RESTORED:
            self._missing.add(folded(each.key.full_name))
        self.done.append(result)
        return result

    def _guarded(self, each: Restoration, held: Held) -> Restored:
        try:
            held.renew()
        except Unreachable as error:
            self._end = error.message
        except Conflict as error:
            return Restored(each.key, RestoreResult.CONFLICT, error.message)
        if self._end:
            return Restored(each.key, RestoreResult.SKIPPED, self._end)
        if self._missing_above(each) and each.action is RestoreAction.CREATE:
            return Restored(each.key, RestoreResult.FAILED, f"its folder {parent_of(each.key.full_name)} is not back")
        try:
            return self._written(each)
        except Conflict as error:
            return Restored(each.key, RestoreResult.CONFLICT, error.message)
        except CictlError as error:
            self._end = error.message if isinstance(error, Unreachable) else ""
            return Restored(each.key, RestoreResult.FAILED, error.message)

    def _missing_above(self, each: Restoration) -> bool:
        return folded(parent_of(each.key.full_name)) in self._missing

    def _written(self, each: Restoration) -> Restored:
        live = self._restore.document(each.key)
        if each.action is RestoreAction.CREATE and live is not None:
            if not changes(parse_config(each.xml), parse_config(live)):
                return self._judged(each)  # it came with its folder
            return Restored(each.key, RestoreResult.CONFLICT, "something has its name since the plan")
        if each.action is RestoreAction.OVERWRITE:
            if live is None or fingerprint(live) != self._seen[each.key]:
                return Restored(each.key, RestoreResult.CONFLICT, "it was changed or deleted since the plan")
            self._keep(each, live)
        with suppress(AnswerLost, TimedOut):  # reading tells
            self._send(each)
        return self._judged(each)

    def _keep(self, each: Restoration, live: str) -> None:
        if self._backup is None:
            self._backup = self._restore.begin_backup()
        number = None if each.item.next_build_number is None else self._items.next_build_number(each.key.full_name)
        self._backup.keep(SavedItem(each.key, live, number))

    def _send(self, each: Restoration) -> None:
        name, is_new = each.key.full_name, each.action is RestoreAction.CREATE
        if each.key.is_view:
            (self._items.create_view if is_new else self._items.update_view)(name, each.xml)
        else:
            (self._items.create if is_new else self._items.update)(name, each.xml)

    def _judged(self, each: Restoration) -> Restored:
        """Say what Jenkins made of it: what no plugin loads any more is left out with a 200."""
        live = self._restore.document(each.key)
        if live is None:
            return Restored(each.key, RestoreResult.FAILED, "Jenkins did not make it")
        sent, there = parse_config(each.xml), parse_config(live)
        if self._restore.is_on_record(there):
            self.bases[each.key] = Base(sent=each.xml, saved=live)
        seen = read_back(sent, there)
        if seen.lost:
            detail = f"it is there without what no plugin has any more: {', '.join(seen.lost)}"
            return Restored(each.key, RestoreResult.FAILED, detail)
        notes = (self._numbered(each), *(f"Jenkins made of {one}" for one in seen.otherwise))
        return Restored(each.key, RestoreResult.RESTORED, "; ".join(note for note in notes if note))

    def _numbered(self, each: Restoration) -> str:
        """Let the builds go on from the number they had; Jenkins alone cannot."""
        number = each.item.next_build_number
        if each.action is not RestoreAction.CREATE or number is None or number <= 1:
            return ""
        try:
            self._items.set_next_build_number(each.key.full_name, number)
        except NotFound:
            return f"its builds start at #1 again, not #{number}: the plugin next-build-number is not there"
        except CictlError as error:
            return f"its builds may start at #1 again, not #{number}: {error.message}"
        return f"its next build is #{number}"


def _unrecorded(restored: Restored, problem: str) -> Restored:
    if restored.result is not RestoreResult.RESTORED:
        return restored
    return Restored(restored.key, RestoreResult.FAILED, f"it is back, but not on record; 'adopt' it: {problem}")
