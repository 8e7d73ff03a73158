"""From what a release keeps to its report: how it ended, why in one sentence, what was measured, how to go back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from shlex import quote

from cictl.core.commits import Commit
from cictl.core.evidence import Evidence
from cictl.core.gate import RatioCheck, ValueCheck
from cictl.core.gate_rules import TARGETS, TRAFFIC, in_unit
from cictl.core.plan import short_image
from cictl.core.record import ReleaseRecord, content_of
from cictl.core.release_diff import diff_objects, diff_releases, short_digests
from cictl.core.report import CheckKind, CheckReport, GateReport, Report, Span, Status, Undo
from cictl.core.report_evidence import check_names, happenings_of, looks_of, pods_of, queries_of, results_of, spans_of
from cictl.core.rollout_state import Phase, Reason

_ENDINGS = {
    Phase.SUCCEEDED: Status.SUCCEEDED,
    Phase.ROLLED_BACK: Status.ROLLED_BACK,
    Phase.SUPERSEDED: Status.SUPERSEDED,
    Phase.FAILED: Status.FAILED,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a release's rollout.

    `outcome` is None while it has not ended, `finished` when it did (RFC 3339). `before` is the release that ran, where
    it is kept; `commit` what Git says; `running` the release that runs now, `undo_to` the one that an undo brings back;
    `now` in seconds since the epoch by the API server.
    """

    record: ReleaseRecord
    evidence: Evidence
    now: float
    outcome: Phase | None = None
    finished: str = ""
    why: str = ""
    reason: Reason | None = None
    before: ReleaseRecord | None = None
    commit: Commit | None = None
    running: int | None = None
    undo_to: int | None = None


def build_report(known: Known) -> Report:
    """Return the report of what is KNOWN."""
    record, events = known.record, known.evidence.events
    spans, status = spans_of(record, events, known.finished), _status(known)
    why = known.why or _last_why(known)
    return Report(
        service=record.service,
        environment=record.environment,
        namespace=record.namespace,
        deployment=record.deployment,
        release=record.revision,
        status=status,
        headline=_headline(record, status, (spans[-1].why if status is Status.SUCCEEDED else "") or why, spans),
        why=why,
        reason=None if known.reason in {None, Reason.NONE} else str(known.reason),
        image=record.image,
        image_before=_image_before(known),
        release_before=record.stable_release,
        is_first_install=record.stable_template is None,
        commit=record.commit,
        commit_told=known.commit,
        strategy=record.strategy.name,
        steps=tuple((step.weight, step.pause_seconds) for step in record.strategy.steps),
        approved_by=record.approved_by,
        promoted_from=record.promoted_from,
        undo_of=record.undo_of,
        given_reason=record.reason,
        started=record.created,
        ended=None if known.outcome is None else spans[-1].ended,
        made=known.now,
        spans=spans,
        pods=pods_of(known.evidence),
        gate=_gate(known, spans),
        happenings=happenings_of(events),
        differences=_differences(known),
        undo=_undo(known, status),
    )


def _status(known: Known) -> Status:
    if known.outcome is not None:
        return _ENDINGS[known.outcome]
    newest = known.evidence.events[-1] if known.evidence.events else {}
    return Status.HELD if newest.get("action") == "stop" else Status.UNDER_WAY


def _last_why(known: Known) -> str:
    newest = known.evidence.events[-1] if known.evidence.events else {}
    why = newest.get("why")
    return why if isinstance(why, str) else ""


def _headline(record: ReleaseRecord, status: Status, why: str, spans: tuple[Span, ...]) -> str:
    """Return the verdict in one sentence: what happened, and why."""
    what = f"release {record.undo_of} was brought back" if record.undo_of else "was rolled out"
    where = f"to {record.environment or f'namespace {record.namespace}'}"
    back = "deleted again" if record.stable_template is None else f"taken back{_to(record)}"
    subject = f"Release {record.revision} of {record.service}"
    because = f": {why}" if why else ""
    at = f" at {spans[-1].label}" if spans[-1].phase != Phase.PREPARING.value else " before its first act"
    sentences = {
        Status.SUCCEEDED: f"{subject} {what} {where}{because}",
        Status.ROLLED_BACK: f"{subject} was {back}{because}",
        Status.SUPERSEDED: f"{subject} was ended by another change{because}",
        Status.FAILED: f"{subject} failed, and nothing could be brought back{because}",
        Status.HELD: f"{subject} is held{at}{because}",
        Status.UNDER_WAY: f"{subject} is under way{at}{because}",
    }
    if record.undo_of and status is Status.SUCCEEDED:
        return f"{subject} brought release {record.undo_of} back{because}"
    return sentences[status]


def _to(record: ReleaseRecord) -> str:
    return "" if record.stable_release is None else f" to release {record.stable_release}"


def _image_before(known: Known) -> str | None:
    if known.before is not None:
        return known.before.image
    containers = ((known.record.stable_template or {}).get("spec") or {}).get("containers") or []
    return str(containers[0].get("image")) if len(containers) == 1 else None


def _differences(known: Known) -> tuple[str, ...] | None:
    """Return what the release changed of the one before; None where that is not kept."""
    record, before = known.record, known.before
    if record.stable_template is None:
        return diff_releases(None, content_of(record))
    if before is not None and not record.is_adopted and not before.is_adopted:
        lines = diff_releases(content_of(before), content_of(record))
        return tuple(line for line in lines if not _says_image_again(line, record.image))
    if record.is_adopted:  # of others' Deployments the record has the pod template alone
        return diff_objects(_as_object(record.stable_template), _as_object(record.template))
    return None


def _says_image_again(line: str, image: str) -> bool:
    return ".image: " in line and line.endswith(f" → {short_digests(image)}")


def _as_object(template: Mapping[str, object]) -> dict[str, object]:
    return {"kind": "Deployment", "spec": {"template": template}}


def _gate(known: Known, spans: tuple[Span, ...]) -> GateReport | None:
    gate = known.record.gate
    if gate is None:
        return None
    names = dict.fromkeys([*check_names(known.evidence), *(check.name for check in gate.checks)])
    checks = tuple(_check(known, spans, name) for name in names)
    return GateReport(gate.name, gate.alpha, gate.every_seconds, checks)


def _check(known: Known, spans: tuple[Span, ...], name: str) -> CheckReport:
    """Return the rule of a check with what was measured of it."""
    evidence, rule = known.evidence, _rule(known, name)
    return replace(
        rule,
        queries=queries_of(evidence, name) or rule.queries,
        results=results_of(evidence, spans, name),
        looks=looks_of(evidence, name),
    )


def _rule(known: Known, name: str) -> CheckReport:
    gate = known.record.gate
    found = next((check for check in gate.checks if check.name == name), None) if gate else None
    if isinstance(found, RatioCheck):
        rule = f"at most {in_unit(found.max_ratio, 'ratio')} of all events"
        return CheckReport(name, CheckKind.RATIO, rule, found.max_ratio, "ratio", queries=(found.bad, found.total))
    if isinstance(found, ValueCheck):
        return _value_rule(found)
    if name == TRAFFIC and gate is not None:
        rule = f"at least {gate.min_requests} requests"
        return CheckReport(name, CheckKind.TRAFFIC, rule, float(gate.min_requests), is_minimum=True)
    if name == TARGETS:
        return CheckReport(name, CheckKind.TARGETS, "every ready pod is up and was scraped twice")
    return CheckReport(name, CheckKind.OTHER, "not recorded")


def _value_rule(check: ValueCheck) -> CheckReport:
    bound = f"at {'least' if check.is_minimum else 'most'} {in_unit(check.limit, check.unit)}"
    looks = f"; bad when broken at {check.looks} looks in a row" if check.looks > 1 else ""
    return CheckReport(
        check.name, CheckKind.VALUE, bound + looks, check.limit, check.unit, check.is_minimum, (check.query,)
    )


def _undo(known: Known, status: Status) -> Undo:
    """Return how to go back from what is there now."""
    record = known.record
    if status in {Status.HELD, Status.UNDER_WAY}:
        text = "The rollout has not ended. This takes it back, whoever drives it:"
        return Undo(text, f"cictl rollout abort {record.address}")
    if status is not Status.SUCCEEDED:
        return _nothing_to_undo(known)
    if known.running != record.revision:
        at = "no release that is kept" if known.running is None else f"release {known.running}"
        text = f"There is nothing to undo: the Deployment is at {at} now. This brings release {record.revision} back:"
        return Undo(text, f"cictl rollout undo {record.address} --to-revision {record.revision}")
    if known.undo_to is None and record.is_adopted and record.stable_template is not None:
        text = "No earlier release is kept; Kubernetes may still have what ran before:"
        deployment = quote(f"deployment/{record.deployment}")
        return Undo(text, f"kubectl rollout undo {deployment} -n {quote(record.namespace)}")
    if known.undo_to is None:
        return Undo("There is no earlier release that succeeded and is kept, so there is nothing to go back to.")
    text = f"This brings release {known.undo_to} back, its image and its configuration:"
    return Undo(text, f"cictl rollout undo {record.address}")


def _nothing_to_undo(known: Known) -> Undo:
    if known.running is not None:
        return Undo(f"There is nothing to undo: the Deployment is at release {known.running}.")
    if known.record.stable_template is None:
        return Undo("There is nothing to undo: what was created is deleted again.")
    return Undo(f"What runs is no release that is kept: {short_image(_image_before(known))} ran before.")
