"""Which of the jobs in Jenkins a plan has to look at, and what it says of those that it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cictl.core.job_marks import MARK_FORMER, MARK_LOST, how_to_mark, how_to_take
from cictl.core.job_names import folded, parent_of
from cictl.core.job_plan import Action, ItemKey, JobPlan
from cictl.core.job_prune import Found
from cictl.core.job_records import owner_on_record
from cictl.core.job_three_way import Base
from cictl.core.job_xml import parse_config, serialise
from cictl.core.rendered_job import RenderedJob

_MAKES = "'cictl bootstrap' makes the team's"


@dataclass(frozen=True, slots=True)
class Survey:
    """What is there: config.xml of what is in READ is needed; OTHERS are nobody's business of ours."""

    read: tuple[ItemKey, ...]
    others: tuple[Found, ...]


def folders_to_list(wanted: Iterable[ItemKey], written: Iterable[ItemKey]) -> tuple[str, ...]:
    """Return the folders that hold what is WANTED, or was once WRITTEN."""
    return tuple(sorted({parent_of(key.full_name) for each in (wanted, written) for key in each}))


def surveyed(
    found: Iterable[Found],
    wanted: Collection[ItemKey],
    owner: str,
    *,
    is_chosen: Callable[[str], bool],
    is_own: Callable[[str], bool],
) -> Survey:
    """Return what of FOUND must be read: what is WANTED, and what bears OWNER's mark; IS_OWN are cictl's own jobs."""
    read: list[ItemKey] = []
    others: list[Found] = []
    for each in found:
        if each.key in wanted or (each.owner == owner and is_chosen(each.key.full_name)):
            read.append(each.key)
        elif not is_own(each.key.full_name):
            others.append(each)
    return Survey(tuple(read), tuple(others))


def left_behind(found: Found, base: Base | None, owner: str, formers: Collection[str]) -> tuple[str, ...]:
    """Return why FOUND, which Git does not make and does not bear OWNER's mark, may be ours all the same; else nothing.

    BASE is our last write of it; FORMERS are the marks that trees of its name bore before.
    """
    if base is None or found.owner not in {None, *formers}:
        return ()
    if found.owner is not None:
        return (MARK_FORMER, how_to_take(found.owner))
    return (MARK_LOST, how_to_mark(owner)) if owner_on_record(base) in {owner, *formers} else ()


def foreign_plans(others: Iterable[Found], folders: Collection[str], owners: Collection[str]) -> Iterator[JobPlan]:
    """Yield what a plan says of jobs in FOLDERS, which hold ours, that are of none of OWNERS."""
    for each in others:
        if each.owner not in owners and not each.key.is_view and parent_of(each.key.full_name) in folders:
            note = f"it belongs to {each.owner}" if each.owner else "another tool or a person made it"
            yield JobPlan(each.key, Action.FOREIGN, notes=(note,))


def refuse_taken(plans: Iterable[JobPlan], there: Iterable[Found]) -> Iterator[JobPlan]:
    """Refuse what would be created beside something that to Jenkins has the same name: it tells no capitals apart."""
    names = {folded(each.key.full_name): each.key.full_name for each in there if not each.key.is_view}
    for each in plans:
        taken = names.get(folded(each.key.full_name)) if not each.key.is_view else None
        if each.action is Action.CREATE and taken and taken != each.key.full_name and not each.refusal:
            yield replace(each, refusal=f"to Jenkins it has the same name as {taken!r}, which is there")
        else:
            yield each


def missing_folders(plans: Sequence[JobPlan], there: Iterable[Found]) -> tuple[str, ...]:
    """Return the folders that something would be created in, and that nobody knows to be there or creates."""
    known = {each.key.full_name for each in there} | {each.key.full_name for each in plans if not each.key.is_view}
    needed = {parent_of(each.key.full_name) for each in plans if each.action is Action.CREATE}
    return tuple(sorted(needed - known - {""}))


def refuse_homeless(plans: Iterable[JobPlan], missing: Collection[str]) -> Iterator[JobPlan]:
    """Refuse what would be created in a folder that is MISSING."""
    for each in plans:
        folder = parent_of(each.key.full_name)
        if each.action is Action.CREATE and folder in missing and not each.refusal:
            yield replace(each, refusal=f"its folder {folder} is not in Jenkins, or hidden; {_MAKES}")
        else:
            yield each


def as_there(job: RenderedJob) -> RenderedJob:
    """Return JOB; a view without the folders that Job Builder leaves in its name, which Jenkins does not keep."""
    name = job.full_name.rpartition("/")[2]
    if not job.is_view or name == job.full_name:
        return job
    root = parse_config(job.xml, where=f"what is rendered for {job.full_name}")
    children = tuple(each._replace(text=name) if each.tag == "name" else each for each in root.children)
    return replace(job, xml=serialise(root.with_children(children)))


def with_rendered(plans: Iterable[JobPlan], rendered: Mapping[ItemKey, str]) -> Iterator[JobPlan]:
    """Yield PLANS with what is really RENDERED, in place of what was made unreadable to compare it."""
    for each in plans:
        yield replace(each, xml=rendered.get(each.key)) if each.xml is not None else each


def settled_anew(plans: Iterable[JobPlan], unsettled: Collection[ItemKey]) -> Iterator[JobPlan]:
    """Yield PLANS; of what an earlier run left UNSETTLED and is as Git says, the record is to be made whole."""
    for each in plans:
        is_found_done = each.action is Action.UNCHANGED and each.key in unsettled
        yield replace(each, renews_base=True) if is_found_done else each
