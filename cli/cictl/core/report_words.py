"""How a report's values read for people; what nobody knows reads "not recorded"."""

from __future__ import annotations

from datetime import UTC, datetime

from cictl.core.commits import committed, is_dirty
from cictl.core.gate_rules import in_unit
from cictl.core.plan import short_image
from cictl.core.quantities import format_duration
from cictl.core.report import CheckKind, CheckReport, Measured, Report, Span, Status

NOT_RECORDED = "not recorded"
STATUS_WORDS = {
    Status.SUCCEEDED: "succeeded",
    Status.ROLLED_BACK: "rolled back",
    Status.SUPERSEDED: "superseded",
    Status.FAILED: "failed",
    Status.HELD: "held",
    Status.UNDER_WAY: "under way",
}
KIND_WORDS = {
    CheckKind.TARGETS: "telemetry",
    CheckKind.TRAFFIC: "traffic",
    CheckKind.RATIO: "ratio, judged by sequential test",
    CheckKind.VALUE: "measured value",
    CheckKind.OTHER: NOT_RECORDED,
}
_MINUTE = 60


def clock(seconds: float | None) -> str:
    """Return a time of day with its date, in UTC."""
    return NOT_RECORDED if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%F %T} UTC"


def lasted(seconds: float | None) -> str:
    """Return how long something took, in tenths of a second while it is short."""
    if seconds is None:
        return NOT_RECORDED
    return f"{float(f'{seconds:.1f}'):g}s" if seconds < _MINUTE else format_duration(round(seconds))


def ended(report: Report) -> str:
    """Return when the rollout ended, and how long it took."""
    if report.ended is not None:
        return f"{clock(report.ended)}, after {lasted(report.seconds)}"
    return NOT_RECORDED if report.is_over else "not yet"


def took(report: Report, span: Span) -> str:
    """Return how long a phase or step took."""
    return "goes on" if span.ended is None and not report.is_over else lasted(span.seconds)


def since(report: Report, at: float) -> str:
    """Return when, counted from the rollout's beginning."""
    return f"+{lasted(max(0.0, at - report.started))}"


def measured(check: CheckReport, result: Measured) -> str:
    """Return what was measured, with what it rests on."""
    if result.value is None:
        return "nothing"
    shown = in_unit(result.value, check.unit)
    if result.bad is None or result.total is None:
        return shown
    return f"{shown} ({result.bad} of {result.total})"


def rule(check: CheckReport) -> str:
    """Return what a check is and what it asks for, where the one does not say the other."""
    is_plain = check.kind in {CheckKind.TARGETS, CheckKind.TRAFFIC, CheckKind.OTHER}
    return check.rule if is_plain else f"{KIND_WORDS[check.kind]}: {check.rule}"


def proof(result: Measured) -> str:
    """Return the evidence against the limit, and how much of it would be enough."""
    if result.e_value is None:
        return ""
    needed = "" if result.e_needed is None else f" of {result.e_needed:.3g}"
    return f"{result.e_value:.3g}{needed}"


def interval(check: CheckReport, result: Measured) -> str:
    """Return between which bounds the true ratio lies."""
    if result.low is None or result.high is None:
        return ""
    low, high = (in_unit(float(f"{bound:.3g}"), check.unit) for bound in (result.low, result.high))
    return f"{low} to {high}"


def before(report: Report) -> str:
    """Return what ran before."""
    if report.is_first_install:
        return "nothing: this was the first install"
    number = f"release {report.release_before}" if report.release_before is not None else "no release that is known"
    return number if report.image_before is None else f"{number}, {short_image(report.image_before)}"


def commit_line(report: Report) -> str:
    """Return the commit with its author and subject."""
    if report.commit is None:
        return NOT_RECORDED
    told, marked = report.commit_told, ", and changes that nobody committed" if is_dirty(report.commit) else ""
    if told is None:
        return f"{committed(report.commit)}, author and subject {NOT_RECORDED}{marked}"
    return f"{told.subject} ({told.author}){marked}"


def strategy_line(report: Report) -> str:
    """Return the strategy with its steps."""
    steps = ", ".join(f"{weight} % for {format_duration(pause)}" for weight, pause in report.steps)
    return f"{report.strategy}: {steps}" if steps else f"{report.strategy}: no steps"
