"""Plans jobs: reads what Jenkins has, and what was last written, and compares both with what Git says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cictl.core.jenkins_items import Item
from cictl.core.job_keeping import is_own
from cictl.core.job_plan import Action, ItemKey, JobPlan, Plan, plan_all
from cictl.core.job_prune import Found
from cictl.core.job_records import Record, base_for
from cictl.core.job_survey import (
    Survey,
    as_there,
    folders_to_list,
    foreign_plans,
    left_behind,
    missing_folders,
    refuse_homeless,
    refuse_taken,
    settled_anew,
    surveyed,
    with_rendered,
)
from cictl.core.job_three_way import Base
from cictl.core.job_veil import veiled
from cictl.core.rendered_job import RenderedJob
from cictl.services.jobs_documents import Documents, documents_of


class Items(Documents, Protocol):
    """Jobs, folders and views of one Jenkins."""

    def item(self, full_name: str) -> Item | None:
        """Return what is called so."""


class Inventory(Protocol):
    """What is in Jenkins."""

    def listed(self, folders: Iterable[str]) -> tuple[Found, ...]:
        """Return what is directly in each of FOLDERS."""


class Records(Protocol):
    """What we know of our last writes."""

    def records(self) -> Mapping[ItemKey, Record]:
        """Return all records."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what it was made of: what is LIVE (as it is, secrets and all), the BASES, where jobs are defined.

    FORMERLY are the marks of those of ours that bear one that an earlier cictl gave them.
    """

    plan: Plan
    live: Mapping[ItemKey, str] = field(repr=False)
    bases: Mapping[ItemKey, Base] = field(repr=False)
    rendered: Mapping[ItemKey, str] = field(repr=False)
    sources: Mapping[ItemKey, str] = field(repr=False)
    formerly: Mapping[ItemKey, str] = field(default_factory=dict)

    @property
    def refused(self) -> tuple[JobPlan, ...]:
        """What Git asks for and nothing can be done about before Git is changed, or bootstrap has run."""
        return tuple(each for each in self.plan.jobs if each.refusal and each.action is Action.CREATE)


@dataclass(frozen=True, slots=True)
class JobsPlanning:
    """Plans the jobs of OWNER; cictl's own are in the team's FOLDER, and FELLOWS are who else makes some of those.

    FORMERS are who an earlier cictl said that OWNER is.
    """

    items: Items
    inventory: Inventory
    records: Records
    owner: str
    folder: str
    fellows: Collection[str] = ()
    formers: Collection[str] = ()

    def plan(self, jobs: Iterable[RenderedJob], *, is_chosen: Callable[[str], bool] = lambda _: True) -> Planned:
        """Return what would be done for JOBS; others of ours that IS_CHOSEN names would be deleted."""
        wanted = {ItemKey(each.full_name, each.is_view): as_there(each) for each in jobs}
        records = self.records.records()
        folders = folders_to_list(wanted, records)
        found = self.inventory.listed(folders)
        survey = surveyed(
            found, wanted.keys(), self.owner, is_chosen=is_chosen, is_own=lambda name: is_own(name, self.folder)
        )
        live = documents_of(self.items, survey.read)
        rendered = {key: each.xml for key, each in wanted.items()}
        bases, plans = self._compared(rendered, live, records)
        plans = tuple(settled_anew(plans, {key for key, each in records.items() if each.pending}))
        plans = self._checked(plans, found)
        ours = folders_to_list(wanted, ())
        others = _chosen(survey, is_chosen)
        left = {each.key: notes for each in others if (notes := self._left_behind(each, records))}
        foreign = foreign_plans((each for each in others if each.key not in left), ours, (self.owner, *self.fellows))
        listed = (*plans, *(JobPlan(key, Action.FOREIGN, notes=notes) for key, notes in left.items()), *foreign)
        formerly = {
            each.key: each.owner
            for each in found
            if each.owner is not None and each.owner in self.formers and each.key in bases
        }
        sources = {key: each.source for key, each in wanted.items() if each.source}
        return Planned(Plan(self.owner, listed), live, bases, rendered, sources, formerly)

    def _left_behind(self, found: Found, records: Mapping[ItemKey, Record]) -> tuple[str, ...]:
        record = records.get(found.key) if found.owner in {None, *self.formers} else None
        return left_behind(found, record.last, self.owner, self.formers) if record else ()

    def _compared(
        self, rendered: Mapping[ItemKey, str], live: Mapping[ItemKey, str], records: Mapping[ItemKey, Record]
    ) -> tuple[dict[ItemKey, Base], tuple[JobPlan, ...]]:
        """Compare without secrets: all sides are veiled alike, and what is to be sent is put back after."""
        wanted = {key: veiled(xml) for key, xml in rendered.items()}
        there = {key: veiled(xml) for key, xml in live.items()}
        bases = {
            key: base
            for key in {**wanted, **there}
            if (record := records.get(key))
            and (base := base_for(record, desired=wanted.get(key), live=there.get(key))) is not None
        }
        desired = [RenderedJob(key.full_name, xml, key.is_view, None) for key, xml in wanted.items()]
        plan = plan_all(desired, bases, there, owner=self.owner, formers=self.formers)
        return bases, tuple(with_rendered(plan.jobs, rendered))

    def _checked(self, plans: Sequence[JobPlan], found: Sequence[Found]) -> tuple[JobPlan, ...]:
        checked = tuple(refuse_taken(plans, found))
        missing = [each for each in missing_folders(checked, found) if self.items.item(each) is None]
        return tuple(refuse_homeless(checked, missing))


def _chosen(survey: Survey, is_chosen: Callable[[str], bool]) -> list[Found]:
    return [each for each in survey.others if is_chosen(each.key.full_name)]
