"""Puts our mark on jobs that Git makes and another tool or a person made; nothing of them but the description moves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from cictl.core.job_adoption import Adoption, adopted_base, plan_adoption, refused_adoption
from cictl.core.job_carry import redacted_fields, with_field
from cictl.core.job_changes import changes
from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_marks import owner_of
from cictl.core.job_names import folded, parent_of
from cictl.core.job_outcome import DONE_ALREADY, Outcome, Result
from cictl.core.job_plan import ItemKey
from cictl.core.job_prune import Found
from cictl.core.job_shapes import is_folder
from cictl.core.job_survey import as_there
from cictl.core.job_three_way import Base
from cictl.core.job_xml import Element, parse_config, serialise
from cictl.core.rendered_job import RenderedJob
from cictl.errors import NotAllowed
from cictl.services.jobs_documents import AT_ONCE, Documents, document_of
from cictl.services.jobs_session import Attempt, Lock, Records, Session, session


class Inventory(Protocol):
    """What is in Jenkins."""

    def listed(self, folders: Iterable[str]) -> tuple[Found, ...]:
        """Return what is directly in each of FOLDERS."""


class Items(Documents, Protocol):
    """Jobs, folders and views of one Jenkins."""

    def describe(self, full_name: str, description: str) -> None:
        """Set a job's description."""

    def describe_view(self, full_name: str, description: str) -> None:
        """Set a view's."""

    def update(self, full_name: str, xml: str) -> None:
        """Replace a folder's config.xml."""


@dataclass(frozen=True, slots=True)
class Adopt:
    """Adopts jobs for OWNER, whom an earlier cictl may have called one of FORMERS."""

    inventory: Inventory
    items: Items
    records: Records
    lock: Lock
    owner: str
    tell: Callable[[str], None] = lambda _: None
    formers: Collection[str] = ()

    def plan(
        self,
        rendered: Iterable[RenderedJob],
        *,
        is_chosen: Callable[[str], bool] = lambda _: True,
        takes_from: Collection[str] = (),
    ) -> tuple[Adoption, ...]:
        """Return which of RENDERED are there without being ours, and what becomes of each."""
        bases = self.records.bases()
        chosen = [as_there(each) for each in rendered if is_chosen(each.full_name)]
        folders = sorted({parent_of(each.full_name) for each in chosen})
        there = {_same(each.key): each for each in self.inventory.listed(folders)}
        plan = partial(self._planned, there=there, bases=bases, takes_from=takes_from)
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            found = list(pool.map(plan, chosen))
        return tuple(sorted((each for each in found if each), key=lambda each: (each.key.full_name, each.key.is_view)))

    def _planned(
        self,
        job: RenderedJob,
        *,
        there: Mapping[ItemKey, Found],
        bases: Mapping[ItemKey, Base],
        takes_from: Collection[str],
    ) -> Adoption | None:
        key = ItemKey(job.full_name, job.is_view)
        found = there.get(_same(key))
        if found is None or (found.owner == self.owner and key in bases):
            return None
        if found.key != key:
            return refused_adoption(key, found.owner or "another", f"in Jenkins it is called {found.key.full_name}")
        live = document_of(self.items, key)
        if live is None:
            return None
        return plan_adoption(
            key,
            desired=job.xml,
            live=live,
            owner=self.owner,
            base=bases.get(key),
            takes_from=takes_from,
            formers=self.formers,
        )

    def apply(
        self,
        plan: Iterable[Adoption],
        rendered: Iterable[RenderedJob],
        report: Callable[[Outcome], None] = lambda _: None,
    ) -> tuple[Outcome, ...]:
        """Mark what PLAN says, and REPORT each; one failure does not stop the others."""
        desired = {ItemKey(each.full_name, each.is_view): as_there(each).xml for each in rendered}
        going = [each for each in plan if each.refusal is None]
        if not going:
            return ()
        with session(self.lock, self.records, self.tell) as run:
            known = self.records.bases()
            for each in going:  # what is marked and not recorded is found again by the next run
                act = partial(self._adopted, each, desired[each.key], run, known)
                report(run.attempt(each.key, act))
        return tuple(run.outcomes.values())

    def _adopted(
        self, adoption: Adoption, desired: str, run: Session, known: Collection[ItemKey], attempt: Attempt
    ) -> Outcome:
        key = adoption.key
        before = document_of(self.items, key)
        if before is None:
            return Outcome(key, Result.CONFLICT, "it was deleted since")
        if key in known and self._is_ours(before):
            return Outcome(key, Result.UNCHANGED, DONE_ALREADY)
        if fingerprint(before) != adoption.fingerprint:
            return Outcome(key, Result.CONFLICT, "it was changed since")
        with attempt.sending():
            self._describe(key, adoption.description, before)
        after = document_of(self.items, key)
        if after is None or not self._is_ours(after):
            return Outcome(key, Result.FAILED, "Jenkins did not take the mark")
        if not adoption.keeps_record:
            run.keep({key: adopted_base(desired, after)})
        if moved := changes(parse_config(before), parse_config(after)):
            fields = ", ".join(each.field for each in moved)
            return Outcome(key, Result.ADOPTED, f"in the meantime somebody changed {fields}")
        return Outcome(key, Result.ADOPTED)

    def _is_ours(self, xml: str) -> bool:
        return owner_of(parse_config(xml).text_of("description")) == self.owner

    def _describe(self, key: ItemKey, description: str, seen: str) -> None:
        root = parse_config(seen)
        if key.is_view:
            self.items.describe_view(key.full_name, description)
        elif is_folder(root):
            self._describe_folder(key, description, root)
        else:
            self.items.describe(key.full_name, description)

    def _describe_folder(self, key: ItemKey, description: str, root: Element) -> None:
        """Write the whole folder: Jenkins hands a description that is set alone to the folder's primary view."""
        if hidden := redacted_fields(root):
            reason = f"secrets of {key.full_name} are redacted ({', '.join(hidden)})"
            raise NotAllowed(reason, hint="read it as someone with Configure on the folder")
        described = with_field(root, Element("description", text=description))
        self.items.update(key.full_name, serialise(described))


def _same(key: ItemKey) -> ItemKey:
    """Return KEY as Jenkins compares it."""
    return key if key.is_view else ItemKey(folded(key.full_name))
