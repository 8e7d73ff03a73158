"""What happened in a rollout, in few lines: each act, each new reason to wait, each change of a verdict.

Beside them the series that charts need: each look of the gate, each change of the pods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cictl.core.evidence import MOST_POINTS, Evidence, look_point, pods_point, thinned
from cictl.core.observe import Sight
from cictl.core.rollout import Action, Remove, Scale, Snapshot, Wait, Write
from cictl.core.rollout_state import Phase
from cictl.core.verdict import GateResult, check_data

Json = dict[str, Any]
_SERIES_EVERY_SECONDS = 60.0
_NOTHING = Evidence()
_OFF_THE_WAY = frozenset({Phase.ABORTING, Phase.SUPERSEDED, Phase.FAILED})


class Timeline:
    """The evidence that the release's record keeps."""

    def __init__(self, earlier: Evidence = _NOTHING) -> None:
        """Go on where EARLIER ends, what a driver before has kept."""
        self._events: list[Mapping[str, Any]] = list(earlier.events)
        self._looks: list[Mapping[str, Any]] = list(earlier.looks)
        self._pods: list[Mapping[str, Any]] = list(earlier.pods)
        self._seen: tuple[object, ...] = ()
        self._tried: tuple[object, ...] = ()
        self._cause = ""
        self._leaving: Write | None = None
        self._told_at: float | None = None
        self.has_news = False

    def note(self, sight: Sight, action: Action) -> None:
        """Keep what is new in this look."""
        self._note_points(sight)
        self._note_cause(sight.snapshot, action)
        gate = sight.snapshot.gate
        key = (type(action), getattr(action, "why", ""), gate and gate.verdict)
        tried = _move(sight, action)
        is_again = bool(tried) and tried == self._tried
        if key == self._seen and not is_again:
            return
        self._seen, self._tried = key, tried
        self.has_news = True
        if is_again:
            self._events.pop()  # it was not done: what was seen this time decides
        self._events.append(_event(sight, action))

    def cause(self) -> str:
        """Return why the rollout left the way to `succeeded`, "" where it did not, or before this driver."""
        return self._cause

    def evidence(self) -> Evidence:
        """Return what was kept; it is no news any more."""
        self.has_news, self._told_at = False, None
        return Evidence(tuple(self._events), tuple(self._looks), tuple(self._pods))

    def _note_cause(self, now: Snapshot, action: Action) -> None:
        """Keep the first write that left the way, once its state is there: until then it may yet fail."""
        if self._cause:
            return
        if self._leaving is not None and now.state is not None and now.state.phase is self._leaving.state.phase:
            self._cause = self._leaving.why
        elif isinstance(action, Remove):
            self._cause = action.why
        elif isinstance(action, Write) and action.state.phase in _OFF_THE_WAY:
            self._leaving = action

    def _note_points(self, sight: Sight) -> None:
        """Keep a look and counts of pods that are new; they are news when the newest that others know is old."""
        gate, pods = sight.snapshot.gate, pods_point(sight)
        if not self._pods or any(pods[of] != self._pods[-1].get(of) for of in ("old", "new")):
            self._pods = thinned([*self._pods, pods], 2 * MOST_POINTS)
        if gate is not None and (not self._looks or self._looks[-1].get("at") != gate.at):
            self._looks = thinned([*self._looks, look_point(sight, gate)], 2 * MOST_POINTS)
        if self._told_at is None:
            self._told_at = sight.snapshot.now
        elif sight.snapshot.now - self._told_at >= _SERIES_EVERY_SECONDS:
            self.has_news = True


def _move(sight: Sight, action: Action) -> tuple[object, ...]:
    """Return from which state to where ACTION moves the rollout, () where it does not: to be tried again, it failed."""
    before = sight.snapshot.state
    if not isinstance(action, Write) or (
        before is not None and (before.phase, before.step) == (action.state.phase, action.state.step)
    ):
        return ()
    return before, action.state.phase, action.state.step


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
        "checks": [check_data(check) for check in gate.checks],
    }
