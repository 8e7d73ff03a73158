"""A plan as a JSON document, so that what was shown can be applied later, exactly so."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cictl.core.job_plan import Action, ItemKey, JobPlan, Plan
from cictl.core.job_three_way import PlannedField, Side

API_VERSION = "cictl.dev/v1"
KIND = "JobsPlan"


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return PLAN as plain dictionaries, lists and texts; no secret and nothing carried over is in it."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "owner": plan.owner,
        "jobs": [_job_document(each) for each in plan.jobs],
    }


def read_plan(document: object) -> Plan:
    """Return the plan that plan_document made DOCUMENT of; raises ValueError, which says what is wrong in another."""
    if not isinstance(document, dict) or (document.get("apiVersion"), document.get("kind")) != (API_VERSION, KIND):
        raise ValueError(f"it is no {KIND} of {API_VERSION}")
    try:
        return Plan(_text(document["owner"]), tuple(_job(each) for each in document["jobs"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it lacks a part or has one of the wrong kind: {error}") from error


def _job_document(job: JobPlan) -> dict[str, Any]:
    document = asdict(job)
    key = document.pop("key")
    return {"name": key["full_name"], "isView": key["is_view"], **document}


def _job(document: dict[str, Any]) -> JobPlan:
    return JobPlan(
        ItemKey(_text(document["name"]), _truth(document["isView"])),
        Action(document["action"]),
        fields=tuple(_field(each) for each in document["fields"]),
        entails=_texts(document["entails"]),
        notes=_texts(document["notes"]),
        refusal=_text_or_none(document["refusal"]),
        is_disabled_by_hand=_truth(document["is_disabled_by_hand"]),
        renews_base=_truth(document["renews_base"]),
        xml=_text_or_none(document["xml"]),
        fingerprint=_text_or_none(document["fingerprint"]),
    )


def _field(document: dict[str, Any]) -> PlannedField:
    base, git, jenkins = (_text_or_none(document[each]) for each in ("base", "git", "jenkins"))
    return PlannedField(_texts(document["path"]), Side(document["side"]), base, git, jenkins, _texts(document["steps"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError(f"{value!r} is no list")
    return tuple(_text(each) for each in value)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value
