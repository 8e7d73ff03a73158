"""What a driver sees: one snapshot at a time, with pod events while pods do not come up, and the gate's newest look."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cictl.core.observe import Seen, Sight, observe
from cictl.core.record import ReleaseRecord
from cictl.core.rollout import Rollout
from cictl.core.rollout_state import StateUnreadable
from cictl.errors import CictlError, Conflict
from cictl.services.driver_tools import Tools
from cictl.services.gate_looks import GateLooks

Json = dict[str, Any]
_EVENTS_EVERY_SECONDS = 3.0


class Observer:
    """Looks at one release's rollout; writes nothing."""

    def __init__(self, tools: Tools, record: ReleaseRecord) -> None:
        """Look at the rollout of RECORD's release."""
        self._tools, self._record = tools, record
        self._gate = GateLooks(tools.judge, tools.clock, on_look=tools.live.wake)
        self._events: tuple[Json, ...] = ()
        self._events_at = -_EVENTS_EVERY_SECONDS

    def look(self, rollout: Rollout, *, objects_are: str | None) -> Sight:
        """Return one snapshot, and begin the gate's next look when it is due.

        OBJECTS_ARE says what the driver brought the release's other objects to: "new", "old" or None.
        """
        sight = self._observe(rollout, objects_are)
        if sight.target is not None and not sight.snapshot.is_canary_ready and self._events_are_old():
            self._fetch_events()
            sight = self._observe(rollout, objects_are)
        state = sight.snapshot.state
        if state is not None and state.phase.is_judged:
            self._gate.follow(state, sight.target)
            return replace(
                sight,
                snapshot=replace(sight.snapshot, gate=self._gate.newest(), is_gate_due=self._gate.is_due),
            )
        return sight

    def _observe(self, rollout: Rollout, objects_are: str | None) -> Sight:
        live = self._tools.live
        try:
            return observe(
                Seen(live.get("deployment"), live.get("replica_sets"), live.get("pods"), self._events),
                rollout,
                now=self._tools.cluster.now(),
                service=self._record.service,
                objects_are=objects_are if self._record.objects or self._record.created_objects else "any",
                graces=self._tools.graces,
            )
        except StateUnreadable as problem:
            raise Conflict(f"{self._record.service}: {problem}", hint=status_hint(self._record)) from problem

    def _events_are_old(self) -> bool:
        return self._tools.clock.monotonic() - self._events_at >= _EVENTS_EVERY_SECONDS

    def _fetch_events(self) -> None:
        """Read the namespace's pod events: only while pods do not come up, since busy namespaces have many."""
        self._events_at = self._tools.clock.monotonic()
        try:
            listed = self._tools.cluster.list("Event", self._record.namespace, fields="involvedObject.kind=Pod")
        except CictlError:
            return  # they only explain; without them the pods' own status is judged
        self._events = tuple(listed["items"])

    def seconds_to_next_look(self) -> float | None:
        """Return how long until the gate's next look, None where none is planned."""
        return self._gate.seconds_to_next()

    def close(self) -> None:
        """Look no more."""
        self._gate.close()


def status_hint(record: ReleaseRecord) -> str:
    """Return how to see who drives."""
    return f"run 'cictl rollout status {record.address}' to see who drives"
