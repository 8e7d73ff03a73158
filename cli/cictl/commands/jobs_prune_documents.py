"""What `cictl jobs prune` would delete, keeps, and has deleted: for people and machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.output import Document

if TYPE_CHECKING:
    from cictl.core.job_removal import Removal
    from cictl.services.jobs_prune import PrunePlan


def plan_document(plan: PrunePlan) -> Document:
    """Return what would go, and why the rest stays."""
    data = {
        "owned": plan.owned,
        "mostDeletions": plan.most,
        "jobs": [_removal_data(each) for each in plan.removals],
    }
    rows = tuple((_action(each), each.kind, each.key.full_name, _detail(each)) for each in plan.removals)
    text = None if rows else "Nothing to prune: Git makes all that is ours."
    return Document(
        kind="JobsPrunePlan",
        data=data,
        columns=("ACTION", "KIND", "NAME", "DETAIL"),
        rows=rows,
        names=tuple(each.key.full_name for each in plan.going),
        text=text,
    )


def _action(removal: Removal) -> str:
    return "delete" if removal.stays is None else "keep"


def _detail(removal: Removal) -> str:
    return removal.stays or "; ".join((*removal.entails, *removal.warnings))


def _removal_data(removal: Removal) -> dict[str, object]:
    return {
        "name": removal.key.full_name,
        "kind": removal.kind,
        "action": _action(removal),
        "reason": removal.stays,
        "entails": list(removal.entails),
        "warnings": list(removal.warnings),
    }
