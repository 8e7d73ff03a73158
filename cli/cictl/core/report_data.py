"""A report as plain data, for machines; what nobody knows is null, and its name stands in `notRecorded`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cictl.core.commits import committed, is_dirty
from cictl.core.report import CheckReport, GateReport, Happening, Measured, Pods, Report, Span

Json = dict[str, Any]


def report_data(report: Report) -> Json:
    """Return REPORT: times as RFC 3339, spans of time in seconds, ratios from 0 to 1."""
    return {
        **_what(report),
        "started": _time(report.started),
        "ended": _time(report.ended),
        "seconds": _rounded(report.seconds),
        "made": _time(report.made),
        "phases": [_span(span) for span in report.spans],
        "pods": [_pods(each) for each in report.pods],
        "gate": None if report.gate is None else _gate(report.gate),
        "differences": None if report.differences is None else list(report.differences),
        "undo": {"text": report.undo.text, "command": report.undo.command},
        "events": [_happening(each) for each in report.happenings],
        "notRecorded": list(_not_recorded(report)),
    }


def _what(report: Report) -> Json:
    told = report.commit_told
    return {
        "service": report.service,
        "environment": report.environment,
        "namespace": report.namespace,
        "deployment": report.deployment,
        "release": report.release,
        "status": report.status.value,
        "headline": report.headline,
        "why": report.why,
        "reason": report.reason,
        "image": report.image,
        "imageBefore": report.image_before,
        "releaseBefore": report.release_before,
        "firstInstall": report.is_first_install,
        "commit": committed(report.commit) if report.commit else None,
        "dirty": is_dirty(report.commit),
        "author": None if told is None else told.author,
        "subject": None if told is None else told.subject,
        "strategy": report.strategy,
        "steps": [{"weight": weight, "pauseSeconds": pause} for weight, pause in report.steps],
        "approvedBy": report.approved_by,
        "promotedFrom": report.promoted_from,
        "undoOf": report.undo_of,
        "givenReason": report.given_reason,
    }


def _span(span: Span) -> Json:
    return {
        "phase": span.phase,
        "step": span.step,
        "weight": span.weight,
        "began": _time(span.began),
        "ended": _time(span.ended),
        "seconds": _rounded(span.seconds),
        "verdict": span.verdict,
        "why": span.why,
    }


def _pods(each: Pods) -> Json:
    return {
        "at": _time(each.at),
        "old": {"ready": each.old_ready, "wanted": each.old_wanted},
        "new": {"ready": each.new_ready, "wanted": each.new_wanted},
    }


def _gate(gate: GateReport) -> Json:
    return {
        "name": gate.name,
        "alpha": gate.alpha,
        "everySeconds": gate.every_seconds,
        "checks": [_check(check) for check in gate.checks],
    }


def _check(check: CheckReport) -> Json:
    return {
        "name": check.name,
        "kind": check.kind.value,
        "rule": check.rule,
        "limit": check.limit,
        "unit": check.unit,
        "queries": list(check.queries),
        "results": [{"endOf": result.label, **_measured(result)} for result in check.results],
        "looks": [_measured(look) for look in check.looks],
    }


def _measured(result: Measured) -> Json:
    return {
        "at": _time(result.at),
        "verdict": result.verdict,
        "value": result.value,
        "bad": result.bad,
        "total": result.total,
        "eValue": result.e_value,
        "eNeeded": result.e_needed,
        "low": result.low,
        "high": result.high,
        "reason": result.reason,
    }


def _happening(each: Happening) -> Json:
    return {
        "at": _time(each.at),
        "where": each.where,
        "what": each.what,
        "why": each.why,
        "verdict": each.verdict,
        "gateReason": each.gate,
    }


def _not_recorded(report: Report) -> Iterator[str]:
    missing = {
        "environment": report.environment is None,
        "commit": report.commit is None,
        "author": report.commit_told is None,
        "subject": report.commit_told is None,
        "approvedBy": report.approved_by is None,
        "ended": report.is_over and report.ended is None,
        "pods": not report.pods,
        "events": not report.happenings,
        "differences": report.differences is None,
    }
    return (name for name, is_missing in missing.items() if is_missing)


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
