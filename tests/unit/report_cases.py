"""A rollout's evidence as a driver keeps it, for tests of reports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cictl.core.commits import Commit
from cictl.core.evidence import Evidence
from cictl.core.report_building import Known
from cictl.core.rollout_state import Phase, Reason
from tests.unit.rollout_cases import NOW, STABLE, a_record

Json = dict[str, Any]
COMMIT = Commit("c" * 40, "Ada", "ada@example.com", "feat: greet <everybody>")


def gate(at: float, verdict: str, *, bad: int = 0, total: int = 100, reason: str = "") -> Json:
    """Return what an event keeps of a look AT seconds after the beginning."""
    proof = {
        "bad": bad,
        "total": total,
        "eValue": 0.5,
        "eNeeded": 400.0,
        "badQuery": "sum(bad)",
        "totalQuery": "sum(n)",
    }
    checks = [
        {"name": "targets", "verdict": "healthy", "reason": "1 up", "value": 1.0, "evidence": {}},
        {
            "name": "errors",
            "verdict": verdict,
            "reason": reason or f"{bad} of {total}",
            "value": bad / total,
            "limit": 0.01,
            "unit": "ratio",
            "evidence": proof,
        },
    ]
    return {
        "name": "default",
        "verdict": verdict,
        "reason": f"errors: {bad} of {total}",
        "at": NOW + at,
        "checks": checks,
    }


def event(at: float, action: str, phase: str, step: int, why: str, of_gate: Json | None = None) -> Json:
    """Return one event AT seconds after the beginning."""
    kept: Json = {"at": NOW + at, "action": action, "phase": phase, "step": step, "why": why}
    return kept if of_gate is None else {**kept, "gate": of_gate}


def look(at: float, verdict: str, bad: int, total: int, step: int = 0) -> Json:
    """Return one look of the series."""
    check = {"name": "errors", "verdict": verdict, "value": bad / total, "bad": bad, "total": total, "eValue": 0.5}
    return {"at": NOW + at, "phase": "stepping", "step": step, "verdict": verdict, "checks": [check]}


ROLLED_BACK = Evidence(
    events=(
        event(1, "wait", "stepping", 0, "0 of 1 new pods ready"),
        event(61, "write", "stepping", 1, "healthy, and the pause is over", gate(60, "healthy")),
        event(80, "wait", "stepping", 1, "pausing", gate(79, "insufficient", bad=2)),
        event(91, "write", "aborting", 1, "errors: 30 of 100", gate(90, "unhealthy", bad=30)),
        event(95, "write", "rolled-back", 1, "only stable's pods are left"),
        event(95, "end", "rolled-back", 1, "gate unhealthy"),
    ),
    looks=(
        look(30, "healthy", 0, 50),
        look(60, "healthy", 0, 100),
        look(79, "insufficient", 2, 100, 1),
        look(90, "unhealthy", 30, 100, 1),
    ),
    pods=(
        {"at": NOW + 1, "old": [5, 5], "new": [0, 1]},
        {"at": NOW + 4, "old": [5, 5], "new": [1, 1]},
        {"at": NOW + 95, "old": [5, 5], "new": [0, 0]},
    ),
)


def known(**changes: Any) -> Known:  # noqa: ANN401 - of any field
    """Return release 7 of shop, rolled back for its errors."""
    record = a_record(environment="production", commit=COMMIT.id, stable_release=6, approved_by="grace")
    base = Known(
        record=record,
        evidence=ROLLED_BACK,
        now=NOW + 200,
        outcome=Phase.ROLLED_BACK,
        finished="2023-11-14T22:14:55+00:00",
        why="errors: 30 of 100",
        reason=Reason.GATE_UNHEALTHY,
        before=replace(record, revision=6, template=STABLE, image="reg/shop@sha256:" + "b" * 64),
        commit=COMMIT,
        running=6,
        undo_to=5,
    )
    return replace(base, **changes)
