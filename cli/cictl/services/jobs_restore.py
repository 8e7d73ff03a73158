"""Brings jobs back from a backup, folders first; what is there now stays unless told otherwise, and is kept first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from cictl.core.jenkins_items import Item
from cictl.core.job_changes import changes
from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_marks import owner_of
from cictl.core.job_names import ancestors_of, folded, parent_of
from cictl.core.job_outcome import DONE_ALREADY, Outcome, Result
from cictl.core.job_plan import ItemKey
from cictl.core.job_records import Intent
from cictl.core.job_restore import Restoration, RestoreAction, SavedItem, chosen_items, plan_restore
from cictl.core.job_swallowed import read_back
from cictl.core.job_three_way import Base
from cictl.core.job_xml import Element, parse_config
from cictl.errors import CictlError, Conflict, NotFound
from cictl.services.jobs_documents import AT_ONCE, Documents, document_of, documents_of
from cictl.services.jobs_session import Attempt, Lock, Records, Session, session


class Items(Documents, Protocol):
    """Jobs, folders and views of one Jenkins."""

    def item(self, full_name: str) -> Item | None:
        """Return what FULL_NAME is."""

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
    lock: Lock
    begin_backup: Callable[[], Backup]
    fellows: Collection[str] = ()
    tell: Callable[[str], None] = lambda _: None

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
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            found = dict(zip(above, pool.map(self.items.item, above), strict=True))
        there = {folded(name) for name, item in found.items() if item is not None}
        chosen = chosen_items(saved, is_chosen, lambda name: folded(name) in there)
        live = documents_of(self.items, (item.key for item in chosen))
        planned = plan_restore(chosen, live, lambda name: folded(name) in there, overwrite=overwrite, lossy=lossy)
        seen = {each.key: fingerprint(live[each.key]) for each in planned if each.action is RestoreAction.OVERWRITE}
        return RestorePlan(planned, seen)

    def apply(self, plan: RestorePlan, report: Callable[[Outcome], None] = lambda _: None) -> tuple[Outcome, ...]:
        """Write what PLAN says, folders first, and REPORT each; what is in a folder that failed is skipped."""
        if not plan.writes:
            return ()
        with session(self.lock, self.records, self.tell) as run:
            ours = (each for each in plan.writes if self.is_on_record(parse_config(each.xml)))
            run.expect({each.key: Intent(each.xml, each.xml) for each in ours})
            work = _Work(self, plan, run)
            for each in plan.writes:
                report(run.attempt(each.key, partial(work.restore, each)))
        return tuple(run.outcomes.values())

    def is_on_record(self, root: Element) -> bool:
        """Whether whose mark ROOT bears keeps records."""
        return owner_of(root.text_of("description")) not in {None, *self.fellows}


class _Work:
    """What one session, RUN, does of a plan."""

    def __init__(self, restore: Restore, plan: RestorePlan, run: Session) -> None:
        self._restore, self._items, self._seen, self._session = restore, restore.items, plan.seen, run
        self._backup: Backup | None = None

    def restore(self, each: Restoration, attempt: Attempt) -> Outcome:
        """Bring one back."""
        is_new = each.action is RestoreAction.CREATE
        if is_new and self._is_missing(parent_of(each.key.full_name)):
            return Outcome(each.key, Result.SKIPPED, f"its folder {parent_of(each.key.full_name)} is not back")
        live = document_of(self._items, each.key)
        if is_new and live is not None:
            return self._found(each, live)
        if each.action is RestoreAction.OVERWRITE:
            if live is None:
                return Outcome(each.key, Result.CONFLICT, "it was deleted since the plan")
            if fingerprint(live) != self._seen[each.key]:
                return self._found(each, live)
            self._keep(each, live)
        try:
            with attempt.sending():
                self._send(each)
        except Conflict:
            live = document_of(self._items, each.key)
            if live is None:
                raise
            return self._found(each, live)
        return self._judged(each, was_lost=attempt.was_lost)

    def _found(self, each: Restoration, live: str) -> Outcome:
        """Judge what is LIVE under the name though it was to be written now."""
        if changes(parse_config(each.xml), parse_config(live)):
            what = "something has its name" if each.action is RestoreAction.CREATE else "it was changed"
            return Outcome(each.key, Result.CONFLICT, f"{what} since the plan")
        if each.key.is_view:
            return self._judged(each)  # it came with its folder
        self._note(each, live)
        return Outcome(each.key, Result.UNCHANGED, DONE_ALREADY)

    def _is_missing(self, folder: str) -> bool:
        outcomes = self._session.outcomes.values()
        homes = (each for each in outcomes if not each.key.is_view)
        return any(folded(each.key.full_name) == folded(folder) and not each.is_there for each in homes)

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

    def _judged(self, each: Restoration, *, was_lost: bool = False) -> Outcome:
        """Say what Jenkins made of it: what no plugin loads any more is left out with a 200."""
        live = document_of(self._items, each.key)
        if live is None:
            return Outcome(each.key, Result.FAILED, "Jenkins did not make it")
        if was_lost and fingerprint(live) == self._seen.get(each.key):
            return Outcome(each.key, Result.FAILED, "Jenkins did not answer, and it is as it was before")
        self._note(each, live)
        seen = read_back(parse_config(each.xml), parse_config(live))
        if seen.lost:
            detail = f"it is there without what no plugin has any more: {', '.join(seen.lost)}"
            return Outcome(each.key, Result.FAILED, detail)
        notes = (self._numbered(each), *(f"Jenkins made of {one}" for one in seen.otherwise))
        return Outcome(each.key, Result.RESTORED, "; ".join(note for note in notes if note))

    def _note(self, each: Restoration, live: str) -> None:
        if self._restore.is_on_record(parse_config(live)):
            self._session.keep({each.key: Base(sent=each.xml, saved=live)})

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
