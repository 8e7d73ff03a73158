"""What happened in a rollout, in few lines: each act, each new reason to wait, each change of a verdict."""

from __future__ import annotations

from typing import Any

from cictl.core.observe import Sight
from cictl.core.rollout import Action, Remove, Scale, Wait, Write
from cictl.core.rollout_state import Phase
from cictl.core.verdict import GateResult

Json = dict[str, Any]


class Timeline:
    """The evidence that the release's record keeps."""

    def __init__(self) -> None:
        """Begin empty."""
        self._events: list[Json] = []
        self._seen: tuple[object, ...] = ()
        self._cause = ""
        self.has_news = False

    def note(self, sight: Sight, action: Action) -> None:
        """Keep what is new in this look."""
        gate = sight.snapshot.gate
        key = (type(action), getattr(action, "why", ""), gate and gate.verdict)
        if key == self._seen:
            return
        self._seen = key
        self.has_news = True
        self._events.append(_event(sight, action))
        if not self._cause and (isinstance(action, Remove) or (isinstance(action, Write) and _leaves_the_way(action))):
            self._cause = action.why

    def cause(self) -> str:
        """Return why the rollout left the way to `succeeded`, "" where it did not, or before this driver."""
        return self._cause

    def events(self) -> list[Json]:
        """Return what was kept, oldest first; it is no news any more."""
        self.has_news = False
        return list(self._events)


def _leaves_the_way(action: Write) -> bool:
    return action.state.phase in {Phase.ABORTING, Phase.SUPERSEDED, Phase.FAILED}


def _event(sight: Sight, action: Action) -> Json:
    now = sight.snapshot
    event: Json = {"at": round(now.now, 1), "action": type(action).__name__.lower()}
    if not isinstance(action, Wait | Scale) and now.state is not None:
        event["from"] = now.state.phase.value
    if now.state is not None:
        event |= {"phase": now.state.phase.value, "step": now.state.step}
    if isinstance(action, Write):
        event |= {"phase": action.state.phase.value, "step": action.state.step}
    event["why"] = getattr(action, "why", "")
    if now.gate is not None:
        event["gate"] = gate_data(now.gate)
    return event


def gate_data(gate: GateResult) -> Json:
    """Return a gate's result as plain data."""
    return {
        "name": gate.gate,
        "verdict": gate.verdict.value,
        "reason": gate.reason,
        "at": gate.at,
        "checks": [
            {
                "name": check.name,
                "verdict": check.verdict.value,
                "reason": check.reason,
                "value": check.value,
                "limit": check.limit,
                "unit": check.unit,
                "evidence": dict(check.evidence),
            }
            for check in gate.checks
        ],
    }
