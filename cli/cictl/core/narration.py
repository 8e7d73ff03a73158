"""A rollout's progress in words: one line for each thing that is new."""

from __future__ import annotations

from cictl.core.observe import Sight, describe
from cictl.core.pods import FindingKind, PodFinding
from cictl.core.record import ReleaseRecord
from cictl.core.rollout import Action, ApplyObjects, End, Remove, Scale, Stop, Wait, Write
from cictl.core.rollout_state import Phase, RolloutState
from cictl.core.verdict import GateResult

_STARTING_SECONDS = 5.0  # what every pod may take to come up, before a line tells of it


def headline(record: ReleaseRecord, state: RolloutState | None) -> str:
    """Return where the rollout is, such as "stepping 1/2 (10 %)"."""
    if state is None:
        return "not begun"
    steps = record.strategy.steps
    if state.phase is not Phase.STEPPING or state.step >= len(steps):
        return state.phase.value
    return f"stepping {state.step + 1}/{len(steps)} ({steps[state.step].weight} %)"


def pods_line(sight: Sight) -> str:
    """Return the pods of both releases."""
    stable, canary = sight.snapshot.stable, sight.snapshot.canary
    parts = []
    if stable is not None and stable.name != (canary.name if canary else "") and (stable.wanted or stable.pods):
        parts.append(f"stable {stable.ready}/{stable.wanted} ready")
    if canary is not None:
        parts.append(f"new {canary.ready}/{canary.wanted} ready")
    return ", ".join(parts) or "no pods yet"


def action_line(record: ReleaseRecord, sight: Sight, action: Action) -> str:
    """Return what this look says and what is done about it."""
    now = sight.snapshot
    where = headline(record, now.state)
    match action:
        case Write():
            return f"{where} → {headline(record, action.state)}: {action.why}"
        case Scale():
            return f"{where}: {action.why}"
        case Wait():
            return f"{where}: {action.why} ({pods_line(sight)})"
        case ApplyObjects() | Remove() | Stop():
            return f"{where}: {action.why}"
        case End():
            return f"{action.state.phase.value}: {action.why}"


def finding_lines(sight: Sight) -> tuple[str, ...]:
    """Return what ails the new release's pods, without what is normal while they start."""
    now = sight.snapshot.now
    return tuple(describe(finding) for finding in sight.findings if not _is_young(finding, now))


def _is_young(finding: PodFinding, now: float) -> bool:
    starting = finding.kind in {FindingKind.NOT_STARTED, FindingKind.NOT_READY}
    return starting and finding.since is not None and now - finding.since < _STARTING_SECONDS


def measured(value: float | None, unit: str) -> str:
    """Return a measured value as people write it."""
    if value is None:
        return "-"
    if unit == "ratio":
        return f"{value:.2%}"
    if unit == "seconds":
        return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
    return f"{value:g}"


def gate_line(gate: GateResult) -> str:
    """Return a gate's result in one line."""
    checks = ", ".join(f"{check.name} {measured(check.value, check.unit)}" for check in gate.checks)
    suffix = f" [{checks}]" if checks else ""
    return f"gate {gate.gate}: {gate.verdict.value}: {gate.reason}{suffix}"
