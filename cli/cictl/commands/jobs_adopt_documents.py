"""What `cictl jobs adopt` would mark, what Git will change in it then, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cictl.commands.jobs_plan_documents import said_of
from cictl.output import Document

if TYPE_CHECKING:
    from cictl.core.job_adoption import Adoption

_NOTHING = "Nothing to adopt: what Git makes is ours, or not in Jenkins yet."


def plan_document(plan: Sequence[Adoption]) -> Document:
    """Return whose each job is now, and what the first plan after the adoption says."""
    text = "\n".join(line for each in plan for line in _lines(each)) if plan else _NOTHING
    names = tuple(each.key.full_name for each in plan if each.refusal is None)
    return Document("JobsAdoptPlan", {"jobs": [_data(each) for each in plan]}, names=names, text=text)


def _lines(adoption: Adoption) -> Iterator[str]:
    name = f"{'view ' if adoption.key.is_view else ''}{adoption.key.full_name}"
    if adoption.refusal is not None:
        yield f"refuse  {name}: {adoption.refusal}"
        return
    yield f"adopt   {name}, made by {adoption.maker}"
    said = tuple(said_of(adoption.after)) if adoption.after else ()
    yield from (f"          {line}" for line in said or ("Git changes nothing in it",))


def _data(adoption: Adoption) -> dict[str, object]:
    after = adoption.after
    fields = after.fields if after else ()
    return {
        "name": adoption.key.full_name,
        "isView": adoption.key.is_view,
        "madeBy": adoption.maker,
        "refusal": adoption.refusal,
        "then": adoption.becomes,
        "fields": [{"path": list(each.path), "jenkins": each.jenkins, "git": each.git} for each in fields],
        "notes": [*after.notes, *after.entails] if after else [],
    }
