"""What it means to take over a job that another tool or a person made: whose it was, and what Git will change in it.

Adopting itself changes nothing but the description, so nothing of the job can be lost by it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from shlex import quote
from typing import TYPE_CHECKING

from cictl.core.job_carry import is_unmanaged
from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_marks import is_job_builders, owner_of, put_mark
from cictl.core.job_plan import Action, ItemKey, plan_job
from cictl.core.job_shapes import is_folder
from cictl.core.job_three_way import Base
from cictl.core.job_veil import veiled
from cictl.core.job_write import marked
from cictl.core.job_xml import Element, MalformedConfig, parse_config, serialise

if TYPE_CHECKING:
    from collections.abc import Collection

    from cictl.core.job_plan import JobPlan

UNFINISHED = "cictl, without a record of a write"
UNMARKED = "cictl, and its mark was lost since"
_FOLDER_PARTS = ("folderViews", "healthMetrics", "icon")


@dataclass(frozen=True, slots=True)
class Adoption:
    """A job that Git makes and that is in Jenkins without our mark.

    MAKER says whose it is. AFTER is what the first plan after the adoption says. DESCRIPTION, with our mark, is all
    that is written; FINGERPRINT is of what was seen. A REFUSAL says why it cannot be adopted. KEEPS_RECORD: our last
    write is on record, and stays there.
    """

    key: ItemKey
    maker: str
    description: str
    fingerprint: str
    after: JobPlan | None = None
    refusal: str | None = None
    keeps_record: bool = False

    @property
    def becomes(self) -> str:
        """What becomes of the job at the next `apply`."""
        if self.refusal or self.after is None:
            return "refused"
        return self.after.action.value


def plan_adoption(
    key: ItemKey,
    *,
    desired: str,
    live: str,
    owner: str,
    base: Base | None = None,
    takes_from: Collection[str] = (),
    formers: Collection[str] = (),
) -> Adoption | None:
    """Return how the LIVE job becomes OWNER's, None if it is already and BASE, our last write, is on record.

    TAKES_FROM are owners that may lose it; FORMERS are what OWNER was called before.
    """
    try:
        there = parse_config(live, where=f"config.xml of {key.full_name}")
    except MalformedConfig as error:
        return Adoption(key, "nobody knows whose", "", "", refusal=error.message)
    description = there.text_of("description")
    current = owner_of(description)
    if current == owner and base is not None:
        return None
    keeps_record = current in {None, *formers} and base is not None
    if current == owner:
        maker = UNFINISHED
    else:
        maker = UNMARKED if keeps_record and not current else _maker(description, current)
    adoption = Adoption(key, maker, put_mark(description, owner), fingerprint(live))
    if current not in {None, owner, *formers, *takes_from}:
        reason = f"{current} manages it with cictl: let it go there first, or say --from {quote(current or '')}"
        return _refused(adoption, reason)
    after = _first_plan(key, veiled(desired), veiled(live), owner, base if keeps_record else None)
    if after.action is Action.CONFLICT and after.refusal:
        return _refused(adoption, after.refusal)
    return replace(adoption, after=after, keeps_record=keeps_record)


def refused_adoption(key: ItemKey, maker: str, reason: str) -> Adoption:
    """Return that KEY, which is MAKER's, cannot be adopted."""
    return Adoption(key, maker, "", "", refusal=reason)


def adopted_base(desired: str, live: str) -> Base:
    """Return what counts as our last write of a job that is adopted: the LIVE document.

    Less what Git says nothing about, where nobody may think that Git took it away: a folder's credentials, libraries,
    rights and views, and that a job is disabled. Raises MalformedConfig.
    """
    wanted, there = parse_config(desired), parse_config(live)
    children = there.children
    if not wanted.text_of("disabled"):
        children = tuple(each for each in children if each.tag != "disabled")
    if is_folder(there):
        children = tuple(part for each in children if (part := _managed_part(each, wanted)) is not None)
    return Base(sent=serialise(there.with_children(children)), saved=live)


def _first_plan(key: ItemKey, desired: str, live: str, owner: str, base: Base | None) -> JobPlan:
    after = serialise(marked(parse_config(live), owner))
    return plan_job(key, desired=desired, base=base or adopted_base(desired, live), live=after, owner=owner)


def _refused(adoption: Adoption, reason: str) -> Adoption:
    return replace(adoption, refusal=reason)


def _maker(description: str, current: str | None) -> str:
    if current is not None:
        return current
    return "Job Builder" if is_job_builders(description) else "another tool or a person"


def _managed_part(part: Element, wanted: Element) -> Element | None:
    """Return PART, a child of a folder, as far as Git manages it; what it is silent about is as Git has it."""
    if part.tag in _FOLDER_PARTS and is_unmanaged((part.tag,), wanted, None):
        return wanted.child(part.tag)
    if part.tag != "properties":
        return part
    theirs = wanted.child("properties") or Element("properties")
    kept = (
        theirs.child(each.tag) if is_unmanaged(("properties", each.tag), wanted, None) else each
        for each in part.children
    )
    return part.with_children(tuple(each for each in kept if each is not None))
