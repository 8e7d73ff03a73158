"""What a release keeps of its rollout beside the events: looks of the gate and counts of pods over time, bounded.

The events say what was new; they are too few to draw. A series too long loses every second of its points, again and
again, so that a rollout of days is kept as well as one of minutes: coarser, from its beginning to its end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cictl.core.observe import Sight
from cictl.core.verdict import CheckResult, GateResult
from cictl.core.workload import ReplicaSet

Json = dict[str, Any]
MOST_POINTS = 240
MOST_SERIES_BYTES = 160 * 1024  # the events have most of what a ConfigMap holds
_FEWEST_POINTS = 2
_OF_STEP = ("phase", "step")
_PROOF = ("bad", "total", "eValue")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a release keeps of its rollout, oldest first: events, looks of the gate, counts of pods."""

    events: Sequence[Mapping[str, Any]] = ()
    looks: Sequence[Mapping[str, Any]] = ()
    pods: Sequence[Mapping[str, Any]] = ()


def evidence_of(events: str, series: str) -> Evidence:
    """Return the evidence in EVENTS and SERIES, JSON that a person may have damaged: what cannot be read is left."""
    kept = _loaded(series)
    of_time = kept if isinstance(kept, dict) else {}
    return Evidence(_mappings(_loaded(events)), _mappings(of_time.get("looks")), _mappings(of_time.get("pods")))


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _mappings(found: object) -> tuple[Mapping[str, Any], ...]:
    return tuple(each for each in found if isinstance(each, dict)) if isinstance(found, list) else ()


def pods_point(sight: Sight) -> Json:
    """Return how many pods each release has now: those ready, and those wanted."""
    now = sight.snapshot
    is_one = now.stable is not None and now.canary is not None and now.stable.name == now.canary.name
    return {"at": round(now.now, 1), "old": _counts(None if is_one else now.stable), "new": _counts(now.canary)}


def _counts(replica_set: ReplicaSet | None) -> list[int]:
    return [0, 0] if replica_set is None else [replica_set.ready, replica_set.wanted]


def look_point(sight: Sight, gate: GateResult) -> Json:
    """Return one look of GATE: what was measured, and what it said."""
    state = sight.snapshot.state
    where = {} if state is None else {"phase": state.phase.value, "step": state.step}
    checks = [_check_point(check) for check in gate.checks]
    return {"at": gate.at, **where, "verdict": gate.verdict.value, "checks": checks}


def _check_point(check: CheckResult) -> Json:
    proof = {name: check.evidence[name] for name in _PROOF if name in check.evidence}
    return {"name": check.name, "verdict": check.verdict.value, "value": check.value, **proof}


def thinned(points: Sequence[Mapping[str, Any]], most: int = MOST_POINTS) -> list[Mapping[str, Any]]:
    """Return POINTS, no more than about MOST of them: the newest, each step's last, and of the others evenly many."""
    kept = list(points)
    while len(kept) > most:
        fewer = [point for at, point in enumerate(kept) if at % 2 == 0 or _ends_a_step(kept, at)]
        if len(fewer) == len(kept):
            return kept[-most:]
        kept = fewer
    return kept


def _ends_a_step(points: Sequence[Mapping[str, Any]], at: int) -> bool:
    return at + 1 == len(points) or any(points[at].get(name) != points[at + 1].get(name) for name in _OF_STEP)


def series_text(looks: Sequence[Mapping[str, Any]], pods: Sequence[Mapping[str, Any]]) -> str:
    """Return both series as JSON of no more than `MOST_SERIES_BYTES`."""
    most = MOST_POINTS
    while True:
        series = {"looks": thinned(looks, most), "pods": thinned(pods, most)}
        text = json.dumps(series, ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) <= MOST_SERIES_BYTES or most <= _FEWEST_POINTS:
            return text if len(text.encode()) <= MOST_SERIES_BYTES else "{}"
        most //= 2
