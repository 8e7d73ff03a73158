"""The config.xml that a plan writes: what Git wants, with what must go along, and our mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cictl.core.job_carry import Redacted, carry_over
from cictl.core.job_graft import graft
from cictl.core.job_marks import put_mark
from cictl.core.job_plan import Action
from cictl.core.job_three_way import DISABLED, Base, Side
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
    seen, sent = parse_config(live), parse_config(base.sent) if base else None
    apart = {DISABLED} if plan.is_disabled_by_hand else set()
    theirs = [each.steps for each in plan.fields if each.side is Side.JENKINS and each.steps not in apart]
    merged = graft(root, seen, theirs) if theirs and not overwrite else root
    carried = carry_over(merged, seen, sent=sent, keeps_disabled=not enable)
    return CannotSend(carried.reason) if isinstance(carried, Redacted) else serialise(marked(carried.root, owner))


def marked(root: Element, owner: str) -> Element:
    """Return ROOT with OWNER's mark in its description."""
    old = root.child("description")
    new = Element("description", text=put_mark(old.text if old else "", owner))
    if not old:
        return root.with_children((new, *root.children))
    return root.with_children(tuple(new if each is old else each for each in root.children))
