"""Results of the rollout commands, for people and for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cictl.core.commits import committed, is_dirty, short_commit
from cictl.output import Document

if TYPE_CHECKING:
    from cictl.core.outcome import Outcome
    from cictl.core.plan import Plan
    from cictl.core.workload import ReplicaSet
    from cictl.services.following import Status
    from cictl.services.release_store import StoredRelease

_SECONDS_A_DAY, _SECONDS_AN_HOUR, _SECONDS_A_MINUTE = 86400, 3600, 60


def plan_document(plan: Plan) -> Document:
    """Return a plan."""
    from cictl.core.plan import plan_data, plan_lines  # noqa: PLC0415 - not needed for --help

    lines = plan_lines(plan)
    if plan.is_empty:
        lines = (f"{plan.record.service} runs {plan.record.image} already: nothing to change",)
    name = f"release/{plan.record.service}.v{plan.record.revision}"
    return Document("RolloutPlan", {**plan_data(plan), "empty": plan.is_empty}, names=(name,), text="\n".join(lines))


def outcome_document(outcome: Outcome) -> Document:
    """Return how a rollout ended."""
    data: dict[str, object] = {
        "service": outcome.service,
        "namespace": outcome.namespace,
        "release": outcome.release,
        "phase": outcome.phase.value,
        "reason": outcome.reason.value,
        "why": outcome.why,
        "image": outcome.image,
        "held": outcome.held,
        "exitCode": int(outcome.exit_code),
        "log": list(outcome.log),
    }
    state = "held" if outcome.held else outcome.phase.value
    lines = [f"{outcome.service} release {outcome.release} {state}: {outcome.why}"]
    lines += [f"  | {line}" for line in outcome.log]
    name = f"release/{outcome.service}.v{outcome.release}"
    return Document("RolloutOutcome", data, names=(name,), text="\n".join(lines))


def status_document(status: Status) -> Document:
    """Return where a rollout is."""
    outcome = status.stored.outcome
    phase = status.state.phase.value if status.state else (outcome.value if outcome else "preparing")
    return Document(
        "RolloutStatus",
        _status_data(status, phase),
        columns=("FIELD", "VALUE"),
        rows=_status_rows(status, phase),
        names=(f"release/{status.service}.v{status.stored.record.revision}",),
    )


def _status_data(status: Status, phase: str) -> dict[str, object]:
    record, now, state = status.stored.record, status.sight.snapshot, status.state
    return {
        "service": status.service,
        "namespace": record.namespace,
        "release": record.revision,
        "phase": phase,
        "step": state.step if state else None,
        "reason": state.reason.value if state else None,
        "since": state.since if state else None,
        "token": state.token if state else None,
        "image": record.image,
        "why": status.stored.why,
        "driver": status.holder or None,
        "stable": _pods_data(now.stable),
        "canary": _pods_data(now.canary),
        "lastEvent": status.evidence,
    }


def _status_rows(status: Status, phase: str) -> tuple[tuple[str, str], ...]:
    from cictl.core.narration import headline, pods_line  # noqa: PLC0415 - not needed for --help
    from cictl.core.plan import short_image  # noqa: PLC0415

    record, state = status.stored.record, status.state
    return (
        ("service", f"{status.service} in {record.namespace}"),
        ("release", str(record.revision)),
        ("image", short_image(record.image)),
        ("phase", headline(record, state) if state else phase),
        ("since", age_text(status.sight.snapshot.now - state.since) if state else "-"),
        ("pods", pods_line(status.sight)),
        ("driver", status.holder or "nobody"),
        ("gate", _gate_text(status.evidence)),
        ("why", status.stored.why or str(status.evidence.get("why", "-"))),
    )


def _gate_text(event: Mapping[str, Any]) -> str:
    gate = event.get("gate")
    return f"{gate['name']} {gate['verdict']}: {gate['reason']}" if isinstance(gate, dict) else "-"


def _pods_data(replica_set: ReplicaSet | None) -> dict[str, object] | None:
    if replica_set is None:
        return None
    return {
        "replicaSet": replica_set.name,
        "wanted": replica_set.wanted,
        "pods": replica_set.pods,
        "ready": replica_set.ready,
    }


def history_document(service: str, releases: Sequence[StoredRelease], running: int | None) -> Document:
    """Return the releases that are kept, newest first; RUNNING has a star."""
    newest_first = tuple(reversed(releases))
    return Document(
        "RolloutHistory",
        {"service": service, "items": [_history_item(stored, running) for stored in newest_first]},
        columns=("RELEASE", "OUTCOME", "IMAGE", "COMMIT", "STRATEGY", "CREATED", "WHY"),
        rows=tuple(_history_row(stored, running) for stored in newest_first),
        names=tuple(f"release/{service}.v{stored.revision}" for stored in newest_first),
    )


def _history_row(stored: StoredRelease, running: int | None) -> tuple[str, ...]:
    from cictl.core.plan import short_image  # noqa: PLC0415 - not needed for --help

    record = stored.record
    return (
        f"{stored.revision}{'*' if stored.revision == running else ''}",
        _outcome_text(stored),
        short_image(record.image),
        short_commit(record.commit or "-"),
        record.strategy.name,
        f"{datetime.fromtimestamp(record.created, UTC):%F %T}Z",
        f"undo to {record.undo_of}; {stored.why}" if record.undo_of else stored.why,
    )


def _history_item(stored: StoredRelease, running: int | None) -> dict[str, object]:
    record = stored.record
    return {
        "release": stored.revision,
        "running": stored.revision == running,
        "outcome": _outcome_text(stored),
        "image": record.image,
        "commit": committed(record.commit) if record.commit else None,
        "dirty": is_dirty(record.commit),
        "strategy": record.strategy.name,
        "created": datetime.fromtimestamp(record.created, UTC).isoformat(),
        "undoOf": record.undo_of,
        "promotedFrom": record.promoted_from,
        "approvedBy": record.approved_by,
        "reason": record.reason,
        "why": stored.why,
    }


def _outcome_text(stored: StoredRelease) -> str:
    return stored.outcome.value if stored.outcome else "unfinished"


def age_text(seconds: float) -> str:
    """Return a span of time as short as people want it."""
    for size, unit in ((_SECONDS_A_DAY, "d"), (_SECONDS_AN_HOUR, "h"), (_SECONDS_A_MINUTE, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(0, int(seconds))}s"
