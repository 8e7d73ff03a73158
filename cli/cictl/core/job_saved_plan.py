"""A plan that was saved and is applied later: exactly what was shown, and nothing that moved since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cictl.core.job_outcome import Outcome, Result
from cictl.core.job_plan import Action, ItemKey, JobPlan, Plan
from cictl.core.job_plan_document import plan_document, read_plan
from cictl.core.job_records import digest
from cictl.core.job_three_way import Side

_APPLIED = frozenset({Action.CREATE, Action.UPDATE, Action.CONFLICT, Action.DRIFTED, Action.FOREIGN})


@dataclass(frozen=True, slots=True)
class Tree:
    """The Job Builder tree that was planned, as it was named."""

    recursive: str | None = None
    exclude: tuple[str, ...] = ()
    ini: str | None = None
    plugins_info: str | None = None


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan, digests of what was rendered for it, and of which TREE, and the jobs that were asked for (GLOBS).

    OVERWRITE are the names and globs that Git was to win in.
    """

    plan: Plan
    rendered: Mapping[ItemKey, str]
    tree: Tree
    globs: tuple[str, ...] = ()
    overwrite: tuple[str, ...] = ()


def saved_document(
    plan: Plan,
    rendered: Mapping[ItemKey, str],
    tree: Tree,
    globs: tuple[str, ...],
    overwrite: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return a document that read_saved reads: of config.xml files it holds numbers alone."""
    document = shown_document(plan)
    for job, each in zip(document["jobs"], plan.jobs, strict=True):
        job["rendered"] = digest(rendered[each.key]) if each.key in rendered else None
    named = {
        "recursive": tree.recursive,
        "exclude": list(tree.exclude),
        "ini": tree.ini,
        "pluginsInfo": tree.plugins_info,
    }
    return {**document, "tree": named, "globs": list(globs), "overwrite": list(overwrite)}


def shown_document(plan: Plan) -> dict[str, Any]:
    """Return PLAN as a document without any config.xml."""
    return plan_document(replace(plan, jobs=tuple(replace(each, xml=None) for each in plan.jobs)))


def read_saved(document: object) -> SavedPlan:
    """Return the plan that saved_document made DOCUMENT of; raises ValueError, which says what is wrong in another."""
    plan = read_plan(document)
    assert isinstance(document, dict)  # noqa: S101 - read_plan has looked
    try:
        tree, globs = document["tree"], document["globs"]
        overwrite = document.get("overwrite", ())  # plans of older versions have none
        digests = [job["rendered"] for job in document["jobs"]]
        rendered = {each.key: str(text) for each, text in zip(plan.jobs, digests, strict=True) if text is not None}
        named = Tree(
            _text(tree["recursive"]),
            tuple(map(str, tree["exclude"])),
            _text(tree["ini"]),
            _text(tree["pluginsInfo"]),
        )
        return SavedPlan(plan, rendered, named, tuple(map(str, globs)), tuple(map(str, overwrite)))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it lacks a part or has one of the wrong kind: {error}") from error


def narrowed(saved: SavedPlan, fresh: Plan, rendered: Mapping[ItemKey, str]) -> tuple[Plan, tuple[Outcome, ...]]:
    """Return of the FRESH plan what was SAVED, and what became of the rest of it: done already, or moved since."""
    now = {each.key: each for each in fresh.jobs}
    allowed: list[JobPlan] = []
    outcomes: list[Outcome] = []
    for each in saved.plan.jobs:
        if each.action not in _APPLIED or each.key not in saved.rendered:
            continue
        judged = _judged(each, now.get(each.key), saved.rendered[each.key], rendered.get(each.key))
        if isinstance(judged, Outcome):
            outcomes.append(judged)
        else:
            allowed.append(judged)
    return replace(fresh, jobs=tuple(allowed)), tuple(outcomes)


def appeared(saved: SavedPlan, fresh: Plan) -> Iterator[ItemKey]:
    """Yield what the FRESH plan would change and the SAVED one did not show as a change."""
    shown = {each.key for each in saved.plan.jobs if each.is_change}
    yield from (each.key for each in fresh.jobs if each.is_change and each.key not in shown)


def _judged(shown: JobPlan, now: JobPlan | None, digest_shown: str, rendered: str | None) -> JobPlan | Outcome:
    if rendered is None or now is None:
        return Outcome(shown.key, Result.CONFLICT, "Git no longer makes it")
    if now.action is Action.UNCHANGED:
        return Outcome(shown.key, Result.UNCHANGED, "it is as Git says already")
    if digest(rendered) != digest_shown:
        return Outcome(shown.key, Result.CONFLICT, "Git says something else since the plan")
    if _is_as_left(shown, now):
        return Outcome(shown.key, Result.UNCHANGED, "it is as the plan leaves it already")
    moved = _moved(shown, now)
    return now if moved is None else Outcome(shown.key, Result.CONFLICT, moved)


def _moved(shown: JobPlan, now: JobPlan) -> str | None:
    if now.action is Action.CREATE and shown.action is not Action.CREATE:
        return "it was deleted in Jenkins since the plan"
    if now.action is not shown.action or now.fingerprint != shown.fingerprint or now.fields != shown.fields:
        return "it was changed in Jenkins since the plan"
    return None


def _is_as_left(shown: JobPlan, now: JobPlan) -> bool:
    """Whether Git's part of what was SHOWN is done, and what only Jenkins had moved stands as it was shown."""
    stays = {each for each in shown.fields if each.side is Side.JENKINS}
    return shown.action is not Action.DRIFTED and now.action is Action.DRIFTED and set(now.fields) == stays


def _text(value: object) -> str | None:
    return None if value is None else str(value)
