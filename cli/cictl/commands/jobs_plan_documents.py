"""What `cictl jobs plan`, `apply` and `drift` show: as text, as Markdown for a pull request, as data."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cictl.core.job_intents import Wishes
from cictl.core.job_marks import BUILDER_MARK
from cictl.core.job_plan import STAYS_DISABLED, Action
from cictl.core.job_saved_plan import shown_document
from cictl.core.job_three_way import DISABLED, Side
from cictl.core.job_values import shown_together
from cictl.output import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cictl.core.job_plan import JobPlan
    from cictl.core.job_three_way import PlannedField
    from cictl.services.jobs_plan import Planned

_LONGEST_MARKDOWN = 60_000  # characters: a comment on GitHub takes 65,536
_COUNTED = (
    (Action.CREATE, "to create"),
    (Action.UPDATE, "to update"),
    (Action.DRIFTED, "drifted"),
    (Action.CONFLICT, "in conflict"),
    (Action.DELETE, "to delete"),
    (Action.FOREIGN, "foreign"),
    (Action.UNCHANGED, "unchanged"),
)
_SYMBOLS = {Side.GIT: "", Side.JENKINS: "  (in Jenkins; stays)", Side.UNKNOWN: "  (nobody knows who moved it)"}
_WON = {Side.JENKINS: "  (edited in Jenkins; Git wins)", Side.BOTH: "  (conflict; Git wins)", Side.UNKNOWN: ""}
_NO_WISHES = Wishes()


def plan_shown(planned: Planned, diffs: Sequence[str] = (), wishes: Wishes = _NO_WISHES) -> Document:
    """Return a plan as WISHES change it; DIFFS are lines to show below it."""
    jobs = [each for each in planned.plan.jobs if _is_told(each, planned)]
    lines = [line for each in jobs for line in _job_lines(each, planned.sources.get(each.key), wishes)]
    text = "\n".join([*lines, *([""] if lines else []), summary(planned), *diffs])
    names = tuple(f"{each.action.value}/{each.key.full_name}" for each in jobs)
    return Document("JobsPlan", _data(planned, diffs, wishes), names=names, text=text)


def plan_markdown(planned: Planned, wishes: Wishes = _NO_WISHES) -> str:
    """Return a plan, as WISHES change it, as a comment for a pull request."""
    jobs = [each for each in planned.plan.jobs if _is_told(each, planned)]
    parts = [f"### Jobs: {summary(planned)}"]
    size = 0
    for index, each in enumerate(jobs):
        part = _job_markdown(each, wishes)
        size += len(part)
        if size > _LONGEST_MARKDOWN:
            parts.append(f"… and {len(jobs) - index} more: run `cictl jobs plan`.")
            break
        parts.append(part)
    return "\n\n".join(parts)


def drift_shown(planned: Planned, drifted: Sequence[JobPlan]) -> Document:
    """Return what people changed in Jenkins."""
    rows = tuple(row for each in drifted for row in _drift_rows(each))
    jobs = [job for job in shown_document(planned.plan)["jobs"] if job["name"] in {e.key.full_name for e in drifted}]
    text = None if rows else "nothing was changed in Jenkins"
    names = tuple(each.key.full_name for each in drifted)
    return Document("JobsDrift", {"jobs": jobs}, ("JOB", "FIELD", "GIT", "JENKINS"), rows, names=names, text=text)


def summary(planned: Planned) -> str:
    """Return how many jobs come to which action, in words."""
    counts = [(planned.plan.count(action), words) for action, words in _COUNTED]
    found = ", ".join(f"{count} {words}" for count, words in counts if count) or "no jobs"
    hint = "; 'cictl jobs prune' deletes" if planned.plan.count(Action.DELETE) else ""
    return f"{found}{hint}"


def _data(planned: Planned, diffs: Sequence[str], wishes: Wishes) -> dict[str, object]:
    document = shown_document(planned.plan)
    sources = {(key.full_name, key.is_view): source for key, source in planned.sources.items()}
    for job in document["jobs"]:
        for name in ("xml", "renews_base", "fingerprint"):
            del job[name]
        job["isDisabledByHand"] = job.pop("is_disabled_by_hand")
        job["isOverwritten"] = bool(job["fields"]) and wishes.overwrites(job["name"])
        job["source"] = sources.get((job["name"], job["isView"]))
    counts = {action.value: planned.plan.count(action) for action in Action}
    data = {"owner": document["owner"], "summary": counts, "jobs": document["jobs"]}
    return {**data, "diff": "\n".join(diffs)} if diffs else data


def _is_told(plan: JobPlan, planned: Planned) -> bool:
    is_in_the_way = plan.action is Action.FOREIGN and plan.key in planned.rendered
    return plan.is_change or plan.refusal is not None or is_in_the_way or plan.is_left_behind


def _job_lines(plan: JobPlan, source: str | None, wishes: Wishes) -> Iterator[str]:
    what = f"view {plan.key.full_name}" if plan.key.is_view else plan.key.full_name
    yield f"{plan.action.value:9} {what}{f'  ({source})' if source else ''}"
    yield from (f"            {line}" for line in said_of(plan, wishes))


def said_of(plan: JobPlan, wishes: Wishes = _NO_WISHES) -> Iterator[str]:
    """Yield what there is to say of one job: its fields, what a write entails, notes, what is in the way."""
    name = plan.key.full_name
    wins, enables = wishes.overwrites(name), wishes.enables(name)
    for each in plan.fields:
        is_apart = plan.is_disabled_by_hand and each.steps == DISABLED
        if line := _field_line(each, git_wins=enables if is_apart else wins):
            yield line
    is_written = plan.action is not Action.DRIFTED or wins or (enables and plan.is_disabled_by_hand)
    notes = (each for each in plan.notes if not (enables and each == STAYS_DISABLED))
    yield from (f"! {each}" for each in (*(plan.entails if is_written else ()), *notes))
    if plan.refusal:
        yield f"error: {plan.refusal}"
    elif plan.action is Action.CONFLICT and not wins:
        left = f"left as it is until Git or Jenkins gives in, or --overwrite {name}"
        yield f"! {left if plan.conflicts else 'what Git changed is written, what Jenkins changed stays'}"


def _field_line(field: PlannedField, *, git_wins: bool) -> str:
    path = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} ".join(field.path)
    if field.side in {Side.ALIKE, Side.UNMANAGED}:
        return ""
    if git_wins and field.side in _WON:
        before, after = _values(field.jenkins, field.git)
        return f"{path}: {before} → {after}{_WON[field.side]}"
    if field.side is Side.BOTH:
        base, git, jenkins = _values(field.base, field.git, field.jenkins)
        return f"{path}: was {base}, Git {git}, Jenkins {jenkins}  (conflict)"
    before, after = _values(
        *(field.base, field.jenkins)
        if field.side is Side.JENKINS
        else (field.jenkins if field.side is Side.UNKNOWN else field.base, field.git)
    )
    return f"{path}: {before} → {after}{_SYMBOLS[field.side]}"


def _values(*values: str | None) -> tuple[str, ...]:
    return shown_together([value and value.replace(BUILDER_MARK, "") for value in values])


def _drift_rows(plan: JobPlan) -> Iterator[tuple[str, ...]]:
    name = plan.key.full_name
    if plan.is_mark_lost:
        yield name, "description", "(Git no longer makes it)", "without our mark"
    if plan.action is Action.CREATE:
        yield name, "(all of it)", "there", "deleted"
    if plan.is_disabled_by_hand:
        yield name, "disabled", "enabled", "disabled by hand"
    for each in plan.fields:
        if each.side in {Side.JENKINS, Side.BOTH, Side.UNKNOWN}:
            path = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} ".join(each.path)
            yield name, path, *_values(each.git, each.jenkins)


def _job_markdown(plan: JobPlan, wishes: Wishes) -> str:
    title = f"**{plan.action.value}** <code>{escape(plan.key.full_name)}</code>"
    return "\n".join([title, *(f"- {escape(line)}" for line in said_of(plan, wishes))])
