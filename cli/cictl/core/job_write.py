"""The config.xml that a plan writes: what Git wants, with what must go along, and our mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cictl.core.job_carry import Redacted, carry_over
from cictl.core.job_changes import changes
from cictl.core.job_graft import graft
from cictl.core.job_marks import put_mark
from cictl.core.job_plan import Action
from cictl.core.job_three_way import DISABLED, Base, Side, touch
from cictl.core.job_xml import Element, parse_config, serialise

if TYPE_CHECKING:
    from cictl.core.job_plan import JobPlan

_WRITTEN = frozenset({Action.CREATE, Action.UPDATE, Action.CONFLICT})


@dataclass(frozen=True, slots=True)
class CannotSend:
    """Why nothing may be written for a job."""

    reason: str


def text_to_send(
    plan: JobPlan, *, base: Base | None, live: str | None, owner: str, overwrite: bool = False, enable: bool = False
) -> str | CannotSend:
    """Return the config.xml to write for PLAN over LIVE, with OWNER's mark.

    What only Jenkins moved stays; with OVERWRITE Git's values win everywhere, and only so are conflicts and drift
    written at all. A job that was disabled by hand stays disabled unless ENABLE.
    """
    if plan.refusal or plan.xml is None:
        return CannotSend(plan.refusal or "nothing is rendered for it")
    if plan.action not in _WRITTEN and not overwrite:
        return CannotSend(f"it is {plan.action.value}, and such a job is left as it is")
    root = parse_config(plan.xml, where=f"what is rendered for {plan.key.full_name}")
    if live is None:
        return serialise(marked(root, owner))
    if plan.conflicts and not overwrite:
        return CannotSend(f"both moved: {', '.join('/'.join(each.path) for each in plan.conflicts)}")
    merged = _merged(plan, root, base, parse_config(live), overwrite=overwrite, enable=enable)
    return merged if isinstance(merged, CannotSend) else serialise(marked(merged, owner))


def _merged(
    plan: JobPlan, root: Element, base: Base | None, seen: Element, *, overwrite: bool, enable: bool
) -> Element | CannotSend:
    """Return ROOT with what must go along of what is SEEN, and with what only Jenkins moved unless OVERWRITE."""
    sent = parse_config(base.sent) if base else None
    apart = {DISABLED} if plan.is_disabled_by_hand else set()
    edits = [each.steps for each in plan.fields if each.side is Side.JENKINS and each.steps not in apart]
    theirs = [] if overwrite else edits
    carried = carry_over(graft(root, seen, theirs) if theirs else root, seen, sent=sent, keeps_disabled=not enable)
    if isinstance(carried, Redacted):
        return CannotSend(carried.reason)
    if theirs and not _keeps_edits(carried.root, seen, plan):
        return CannotSend("what Git and what Jenkins changed cannot be put together")
    return carried.root


def _keeps_edits(merged: Element, seen: Element, plan: JobPlan) -> bool:
    """Whether MERGED differs from what was SEEN in fields that Git moved alone: a slip here would lose an edit."""
    moved = [each.steps for each in plan.fields if each.side in {Side.GIT, Side.ALIKE}] + [DISABLED]
    return all(any(touch(each.steps, steps) for steps in moved) for each in changes(seen, merged))


def marked(root: Element, owner: str) -> Element:
    """Return ROOT with OWNER's mark in its description."""
    old = root.child("description")
    new = Element("description", text=put_mark(old.text if old else "", owner))
    if not old:
        return root.with_children((new, *root.children))
    return root.with_children(tuple(new if each is old else each for each in root.children))
