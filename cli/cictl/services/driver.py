"""The loop that moves a rollout on: observe one snapshot, decide, make one write, until it has ended.

Refuses to decide anything itself. Any process may run it for any rollout; two of them cannot both succeed in a write.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from cictl.core.decide import decide
from cictl.core.evidence import Evidence
from cictl.core.holding import is_held
from cictl.core.observe import Sight
from cictl.core.outcome import Outcome
from cictl.core.rollout import Action, Rollout, Snapshot, Stop, Wait
from cictl.core.rollout_state import RolloutState
from cictl.errors import CictlError, Conflict, NotFound, Unreachable
from cictl.services.driver_tools import Progress, Tools
from cictl.services.hands import Hands
from cictl.services.observer import Observer, status_hint
from cictl.services.patience import MAX_CONFLICTS, Patience
from cictl.services.release_store import StoredRelease
from cictl.services.timeline import Timeline

_EVIDENCE_EVERY_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 1.0


class Driver:
    """Drives one release's rollout with one token."""

    def __init__(self, tools: Tools, stored: StoredRelease, rollout: Rollout, earlier: Evidence | None = None) -> None:
        """Drive ROLLOUT of the release STORED; EARLIER is what a driver before has kept of it."""
        self._tools, self._stored, self._rollout, self._record = tools, stored, rollout, stored.record
        self._timeline = Timeline(earlier or Evidence())
        self._observer = Observer(tools, stored.record)
        self._hands = Hands(tools, stored, self._timeline)
        self._patience = Patience(tools.live, tools.clock, deadline_seconds=rollout.strategy.deadline_seconds)
        self._evidence_at = -_EVIDENCE_EVERY_SECONDS

    def drive(self) -> Outcome:
        """Go on until the rollout has ended or is held; Conflict where somebody else drives."""
        try:
            while True:
                if (outcome := self._turn()) is not None:
                    return outcome
        finally:
            self._observer.close()

    def order(self, act: Callable[[Rollout, Snapshot], Action | None]) -> None:
        """Do ACT, a person's order, on whatever is there now; it carries this driver's token and so takes over.

        A token that is there already may be another's who took over at the same moment: then a higher one is written.
        """
        for _ in range(MAX_CONFLICTS):
            sight = self.look()
            self._outbid(sight.snapshot.state)
            if not self._takes_orders(sight.snapshot) or (action := act(self._rollout, sight.snapshot)) is None:
                return
            self._timeline.note(sight, action)
            self._tools.reporter.note(Progress(sight, action, self._record))
            try:
                self._do(action, sight, self._tools.live.changes)
            except (Unreachable, Conflict, NotFound) as problem:
                self._patience.bear(problem)
            else:
                return

    def _outbid(self, state: RolloutState | None) -> None:
        if state is None or state.release != self._rollout.release:
            return
        if state.phase.is_terminal:
            self._rollout = replace(self._rollout, token=state.token)
        elif state.token >= self._rollout.token:
            self._rollout = replace(self._rollout, token=state.token + 1)

    def _takes_orders(self, now: Snapshot) -> bool:
        """Whether there is something to take over: a rollout under way, or a Deployment that one left held."""
        if now.deployment is None:
            return False
        if now.state is None or now.state.release != self._rollout.release:
            return now.state is None or now.state.release < self._rollout.release
        return not now.state.phase.is_terminal or is_held(now.deployment.held)

    def _turn(self) -> Outcome | None:
        seen = self._tools.live.changes
        self._patience.check_watches()
        sight = self.look()
        action = decide(self._rollout, sight.snapshot)
        progress = Progress(sight, action, self._record)
        self._timeline.note(sight, action)
        self._tools.reporter.note(progress)
        if isinstance(action, Stop) and not action.held:
            raise Conflict(f"{self._record.service}: {action.why}", hint=self._stop_hint(sight.snapshot.state))
        try:
            outcome = self._do(action, sight, seen)
        except (Unreachable, Conflict, NotFound) as problem:
            self._patience.bear(problem)
            return None
        self._patience.restore()
        if outcome is None:
            self._keep_evidence()
        return outcome

    def _keep_evidence(self) -> None:
        """Let others see now and then what happened so far; nothing depends on it."""
        now = self._tools.clock.monotonic()
        if not self._timeline.has_news or now - self._evidence_at < _EVIDENCE_EVERY_SECONDS:
            return
        self._evidence_at = now
        with suppress(CictlError):
            self._hands.check_token(self._rollout.token)
            self._tools.store.write_evidence(self._stored, self._timeline.evidence())

    def _stop_hint(self, state: RolloutState | None) -> str:
        if state is not None and state.release >= self._rollout.release:
            return status_hint(self._record)
        return f"run 'cictl rollout abort {self._record.address}': the release's record knows what to give back"

    def look(self) -> Sight:
        """Return one snapshot, and begin the gate's next look when it is due."""
        return self._observer.look(self._rollout, objects_are=self._hands.objects_are)

    def _do(self, action: Action, sight: Sight, seen: int) -> Outcome | None:
        if isinstance(action, Wait):
            self._wait(action, sight, seen)
        return self._hands.do(action, sight, self._rollout.token)

    def _wait(self, action: Wait, sight: Sight, seen: int) -> None:
        bounds = [self._observer.seconds_to_next_look()]
        if action.until is not None:
            bounds.append(max(0.02, action.until - sight.snapshot.now))
        if sight.findings or self._patience.is_blind:
            bounds.append(_LOOK_AGAIN_SECONDS)
        known = [bound for bound in bounds if bound is not None]
        self._tools.live.wait(seen, min(known) if known else None)
