"""What would be done with each job: what Git wants, what was last written and what is there, compared by field.

It reads and writes nothing: `job_write` makes what is sent, `job_plan_document` saves a plan and reads it back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from cictl.core.job_carry import Redacted, carry_over, is_disabled_by_hand, is_unmanaged
from cictl.core.job_changes import changes
from cictl.core.job_entails import entailed_by_delete, entailed_by_write
from cictl.core.job_fingerprint import fingerprint_of
from cictl.core.job_labels import type_label
from cictl.core.job_marks import MARK_FORMER, MARK_LOST, is_job_builders, mark_of, owner_of
from cictl.core.job_names import collisions, level_of, refusal_of_path
from cictl.core.job_places import FieldChange
from cictl.core.job_shapes import standard_shape
from cictl.core.job_three_way import DISABLED, Base, PlannedField, Side, three_way, two_way
from cictl.core.job_xml import Element, MalformedConfig, parse_config

if TYPE_CHECKING:
    from cictl.core.rendered_job import RenderedJob

STAYS_DISABLED = "disabled in Jenkins: it stays disabled"


class Action(StrEnum):
    """What a plan does with one job or view."""

    CREATE = "create"
    UPDATE = "update"
    DRIFTED = "drifted"
    CONFLICT = "conflict"
    UNCHANGED = "unchanged"
    DELETE = "delete"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class ItemKey:
    """One job or view: a view of a folder may be called like a job in it."""

    full_name: str
    is_view: bool = False


@dataclass(frozen=True, slots=True)
class JobPlan:
    """What is done with one job or view.

    XML is what Git wants, without anything carried over; FINGERPRINT is of the live document that was seen (None: there
    was none), and what is sent must still find it. A REFUSAL says why nothing can be done. NOTES are for people.
    RENEWS_BASE: nothing is written, but what is there is to be kept as our last write.
    """

    key: ItemKey
    action: Action
    fields: tuple[PlannedField, ...] = ()
    entails: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: str | None = None
    is_disabled_by_hand: bool = False
    renews_base: bool = False
    xml: str | None = None
    fingerprint: str | None = None

    @property
    def is_change(self) -> bool:
        """Whether something differs that concerns us."""
        return self.action not in {Action.UNCHANGED, Action.FOREIGN}

    @property
    def is_mark_lost(self) -> bool:
        """Whether it was ours, is in Jenkins, and nothing but a record says so any more."""
        return MARK_LOST in self.notes

    @property
    def is_left_behind(self) -> bool:
        """Whether it may be ours, and Git no longer makes it: nothing deletes it before somebody looks."""
        return self.is_mark_lost or MARK_FORMER in self.notes

    @property
    def conflicts(self) -> tuple[PlannedField, ...]:
        """The fields that must be decided before anything can be written."""
        return tuple(each for each in self.fields if each.side in {Side.BOTH, Side.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with all jobs and views: writes from the root down, then deletions from the innermost out."""

    owner: str
    jobs: tuple[JobPlan, ...]

    def count(self, action: Action) -> int:
        """Return how many jobs and views ACTION concerns."""
        return sum(each.action is action for each in self.jobs)


def plan_all(
    desired: Iterable[RenderedJob],
    bases: Mapping[ItemKey, Base],
    live: Mapping[ItemKey, str],
    *,
    owner: str,
    formers: Collection[str] = (),
) -> Plan:
    """Return the plan for everything that is DESIRED or LIVE (config.xml by key).

    What bears OWNER's mark is ours, and what we have a record of and bears one of FORMERS.
    """
    wanted = {ItemKey(each.full_name, each.is_view): each.xml for each in desired}
    jobs = [
        plan_job(key, desired=wanted.get(key), base=bases.get(key), live=live.get(key), owner=owner, formers=formers)
        for key in {**wanted, **live}
    ]
    return Plan(owner, tuple(sorted(_refuse_collisions(jobs, live), key=_position)))


def plan_job(
    key: ItemKey,
    *,
    desired: str | None,
    base: Base | None,
    live: str | None,
    owner: str,
    formers: Collection[str] = (),
) -> JobPlan:
    """Return what is done with one job or view, of which at least one of DESIRED and LIVE (config.xml) is there."""
    if live is None:
        return _plan_creation(key, desired or "", base)
    if _is_plainly_unchanged(desired, base, live) and _is_plainly_marked(live, owner):
        return JobPlan(key, Action.UNCHANGED)
    try:
        return _plan_live(JobPlan(key, Action.UNCHANGED, xml=desired), base, live, (owner, formers))
    except MalformedConfig as error:
        return JobPlan(key, Action.FOREIGN, refusal=error.message, xml=desired)


def _plan_creation(key: ItemKey, desired: str, base: Base | None) -> JobPlan:
    notes = ("it was deleted in Jenkins",) if base else ()
    try:
        root = parse_config(desired, where=f"what is rendered for {key.full_name}")
    except MalformedConfig as error:
        return JobPlan(key, Action.CREATE, notes=notes, refusal=error.message, xml=desired)
    refusal = refusal_of_path(key.full_name)
    return JobPlan(key, Action.CREATE, (), entailed_by_write(root, None), notes, refusal, xml=desired)


def _is_plainly_unchanged(desired: str | None, base: Base | None, live: str) -> bool:
    """Whether nothing moved, told without parsing: this is so for nearly all jobs of nearly all plans."""
    return base is not None and desired == base.sent and live == base.saved and "<disabled>true" not in live


def _is_plainly_marked(live: str, owner: str) -> bool:
    """Whether LIVE bears OWNER's mark as Jenkins writes it; in what is spelled otherwise, parsing finds it."""
    return escape(mark_of(owner)) in live


def _plan_live(plan: JobPlan, base: Base | None, live: str, owners: tuple[str, Collection[str]]) -> JobPlan:
    there = parse_config(live, where=f"config.xml of {plan.key.full_name}")
    plan = replace(plan, fingerprint=fingerprint_of(there))
    stranger = _stranger(there, base, *owners)
    if plan.xml is None:
        return _plan_removal(plan, there, base, stranger)
    wanted = parse_config(plan.xml, where=f"what is rendered for {plan.key.full_name}")
    if stranger:
        fields = two_way(wanted, there)
        return replace(plan, action=Action.FOREIGN, fields=fields, notes=(f"{stranger}; adopt it to manage it",))
    if standard_shape(wanted).tag != standard_shape(there).tag:
        reason = f"Jenkins cannot turn a {type_label(there)} into a {type_label(wanted)}: delete or rename it first"
        return replace(plan, action=Action.CONFLICT, refusal=reason)
    return _plan_owned(plan, wanted, there, base)


def _stranger(there: Element, base: Base | None, owner: str, formers: Collection[str]) -> str | None:
    """Return whose the live job is, None if ours: marked so, or written by us and its mark lost in an edit."""
    description = there.text_of("description")
    marked_by = owner_of(description)
    if marked_by == owner or (marked_by in {None, *formers} and base is not None):
        return None
    if marked_by:
        return f"it belongs to {marked_by}"
    return "Job Builder made it" if is_job_builders(description) else "another tool or a person made it"


def _plan_removal(plan: JobPlan, there: Element, base: Base | None, stranger: str | None) -> JobPlan:
    if stranger:
        return replace(plan, action=Action.FOREIGN, notes=(stranger,))
    edited = changes(parse_config(base.saved), there) if base else ()
    notes = (f"edited in Jenkins since the last write: {_listed(edited)}",) if edited else ()
    return replace(plan, action=Action.DELETE, entails=entailed_by_delete(there), notes=notes)


def _plan_owned(plan: JobPlan, wanted: Element, there: Element, base: Base | None) -> JobPlan:
    sent = (wanted if base.sent == plan.xml else parse_config(base.sent)) if base else None
    fields = three_way(wanted, there, sent, parse_config(base.saved)) if base and sent else two_way(wanted, there)
    fields = tuple(_unless_unmanaged(each, wanted, sent) for each in fields)
    stays_disabled = is_disabled_by_hand(wanted, there, sent=sent)
    action = _action_for(fields, stays_disabled=stays_disabled)
    notes = [] if base else ["there is no record of the last write, so who moved a field is not known"]
    notes += [STAYS_DISABLED] if stays_disabled else []
    carried = carry_over(wanted, there, sent=sent)
    is_written = action in {Action.UPDATE, Action.CONFLICT, Action.DRIFTED}
    if isinstance(carried, Redacted):
        return replace(
            plan, action=action, fields=fields, notes=tuple(notes), refusal=carried.reason if is_written else None
        )
    kept = tuple(each for each in carried.kept if each != "disabled")
    entails = entailed_by_write(wanted, there, kept) if is_written else ()
    renews = action is Action.UNCHANGED and (base is None or bool(fields))
    plan = replace(plan, action=action, fields=fields, entails=entails, notes=tuple(notes), renews_base=renews)
    return replace(plan, is_disabled_by_hand=stays_disabled, xml=None if action is Action.UNCHANGED else plan.xml)


def _unless_unmanaged(field: PlannedField, wanted: Element, sent: Element | None) -> PlannedField:
    is_theirs = field.side in {Side.JENKINS, Side.UNKNOWN} and is_unmanaged(field.steps, wanted, sent)
    return replace(field, side=Side.UNMANAGED) if is_theirs else field


def _action_for(fields: tuple[PlannedField, ...], *, stays_disabled: bool) -> Action:
    """Judge by who moved anything; that a job was disabled by hand is reported, but stands in the way of no update."""
    sides = {each.side for each in fields if not (stays_disabled and each.steps == DISABLED)}
    by_git = bool(sides & {Side.GIT, Side.BOTH})
    by_jenkins = bool(sides & {Side.JENKINS, Side.BOTH})
    if (by_git and by_jenkins) or Side.UNKNOWN in sides:
        return Action.CONFLICT
    if by_git:
        return Action.UPDATE
    return Action.DRIFTED if by_jenkins or stays_disabled else Action.UNCHANGED


def _listed(found: tuple[FieldChange, ...]) -> str:
    return ", ".join(each.field for each in found)


def _refuse_collisions(jobs: Iterable[JobPlan], live: Mapping[ItemKey, str]) -> Iterable[JobPlan]:
    """Refuse what would be created under a name that Jenkins takes for another's: it tells no capitals apart."""
    jobs = list(jobs)
    groups = collisions(each.key.full_name for each in jobs if not each.key.is_view)
    others = {name: group for group in groups for name in group}
    for each in jobs:
        name = each.key.full_name
        if each.action is Action.CREATE and not each.key.is_view and name in others and each.key not in live:
            taken = ", ".join(repr(other) for other in others[name] if other != name)
            yield replace(each, refusal=f"to Jenkins it has the same name as {taken}")
        else:
            yield each


def _position(plan: JobPlan) -> tuple[bool, int, bool, str]:
    """Place folders before what is in them, views after jobs; deletions come last, from the innermost out."""
    is_removal = plan.action is Action.DELETE
    level = level_of(plan.key.full_name)
    return (is_removal, -level if is_removal else level, plan.key.is_view, plan.key.full_name)
