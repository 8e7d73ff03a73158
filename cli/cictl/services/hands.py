"""What a driver does: each action of the decision table as writes that depend on what was seen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cictl.core.observe import Sight
from cictl.core.outcome import Outcome, outcome_of
from cictl.core.patches import forget_operations, manifest_operations, scale_operations, write_operations
from cictl.core.pods import by_gravity, log_request
from cictl.core.rollout import Action, ApplyObjects, End, Remove, Scale, Stop, Wait, Write
from cictl.core.rollout_state import Phase, Reason, RolloutState, as_far_as_readable
from cictl.core.verdict import Verdict
from cictl.core.workload import FIELD_MANAGER, read_deployment
from cictl.errors import CictlError, Conflict, NotFound
from cictl.services.driver_tools import Tools
from cictl.services.observer import status_hint
from cictl.services.release_store import StoredRelease
from cictl.services.timeline import Timeline

Json = dict[str, Any]
_LOG_LINES = 20
_POD_REASONS = frozenset({Reason.PODS_FAILED, Reason.TIMED_OUT})


class Hands:
    """Does what was decided for one release, in the name of the token that it is given."""

    def __init__(self, tools: Tools, stored: StoredRelease, timeline: Timeline) -> None:
        """Act on the release STORED; TIMELINE is kept as its evidence."""
        self._tools, self._stored, self._record, self._timeline = tools, stored, stored.record, timeline
        self._log: tuple[str, ...] = ()
        self._removal: RolloutState | None = None
        self.objects_are: str | None = None

    def do(self, action: Action, sight: Sight, token: int) -> Outcome | None:
        """Do ACTION on what SIGHT shows; return how the rollout ended where it has. Waiting is the caller's."""
        match action:
            case Wait():
                return None
            case Write():
                self._write(action, sight)
            case Scale():
                self._scale(action)
            case ApplyObjects():
                self._apply_objects(action, token)
            case Remove():
                return self._remove(action, sight, token)
            case Stop():
                return self._held(action, sight)
            case End():
                return self._finish_removal(action.state, action.why)
        return None

    def _write(self, action: Write, sight: Sight) -> None:
        deployment = sight.snapshot.deployment
        if deployment is None:
            return
        if action.state.reason in _POD_REASONS:
            self._keep_log(sight)
        operations = write_operations(deployment, action, self._record.templates())
        manifest = self._record.deployment_object
        if action.state.phase is Phase.SUCCEEDED and manifest is not None:
            operations += manifest_operations(deployment, manifest)
        answer = self._tools.cluster.patch("Deployment", deployment.namespace, deployment.name, operations)
        self._tools.live.put("deployment", answer)

    def _scale(self, action: Scale) -> None:
        operations = scale_operations(action.replica_set, action.replicas)
        name = action.replica_set.name
        answer = self._tools.cluster.patch("ReplicaSet", self._record.namespace, name, operations)
        self._tools.live.put("replica_sets", answer)

    def _apply_objects(self, action: ApplyObjects, token: int) -> None:
        self.check_token(token)
        if action.new:
            self._tools.objects.apply_all(self._record)
        else:
            self._take_objects_back(token)
        self.objects_are = "new" if action.new else "old"

    def _take_objects_back(self, token: int) -> None:
        self._tools.objects.remove_created(self._record)
        if (before := self._record.stable_release) is None:
            return
        try:
            stable = self._tools.store.get(self._record.service, before)
        except NotFound:
            return
        self._tools.objects.take_back(stable.record, token)

    def check_token(self, token: int) -> None:
        """Read the Deployment afresh: other objects carry no token, so theirs is asked for just before."""
        raw = self._tools.cluster.get("Deployment", self._record.namespace, self._record.deployment)
        state = as_far_as_readable(raw["metadata"].get("labels") or {})
        if state is None or state.token != token:
            self._tools.live.put("deployment", raw)
            raise Conflict(f"{self._record.service}: another driver has taken over", hint=status_hint(self._record))

    def _remove(self, action: Remove, sight: Sight, token: int) -> Outcome:
        if action.reason in _POD_REASONS:
            self._keep_log(sight)
        phase = Phase.SUPERSEDED if action.reason.supersedes else Phase.ROLLED_BACK
        self.check_token(token)
        self._tools.store.note_ending(self._stored, phase, action.why)
        state = RolloutState(self._record.revision, phase, 0, sight.snapshot.now, token, action.reason)
        self._removal = state  # from here on its being gone is our doing
        if (deployment := sight.snapshot.deployment) is not None:
            self._tools.cluster.delete("Deployment", deployment.namespace, deployment.name, uid=deployment.uid)
        return self._finish_removal(state, action.why)

    def _finish_removal(self, state: RolloutState, why: str) -> Outcome:
        """End; where a first install was taken back, with what was created beside it, even after a lost answer."""
        if self._removal is None:
            return self._end(state, why)
        self._tools.objects.remove_created(self._record)
        return self._end(self._removal, why)

    def _held(self, action: Stop, sight: Sight) -> Outcome:
        state = sight.snapshot.state
        phase = state.phase if state else Phase.STEPPING
        self._tools.store.write_evidence(self._stored, self._timeline.evidence())
        gate = sight.snapshot.gate
        is_insufficient = gate is not None and gate.verdict is Verdict.INSUFFICIENT
        reason = Reason.GATE_INSUFFICIENT if is_insufficient else Reason.GATE_UNKNOWN
        return outcome_of(self._record, phase, reason, action.why, log=self._log, held=True)

    def _end(self, state: RolloutState, why: str) -> Outcome:
        why = why if state.phase is Phase.SUCCEEDED else self._timeline.cause() or why
        finished = datetime.fromtimestamp(state.since, UTC).isoformat(timespec="seconds")
        store = self._tools.store
        store.write_evidence(self._stored, self._timeline.evidence())
        if self._record.is_adopted:
            self._forget()
        store.finish(self._stored, state.phase, why, finished, state.reason)
        if state.phase is Phase.SUCCEEDED:
            store.prune(self._record.service, current=self._record.revision)
        return outcome_of(self._record, state.phase, state.reason, why, log=self._log)

    def _forget(self) -> None:
        """Leave no entry in the managedFields of a Deployment that others own."""
        try:
            raw = self._tools.cluster.get("Deployment", self._record.namespace, self._record.deployment)
        except NotFound:
            return
        if operations := forget_operations(read_deployment(raw), FIELD_MANAGER):
            self._tools.cluster.patch("Deployment", self._record.namespace, self._record.deployment, operations)

    def _keep_log(self, sight: Sight) -> None:
        """Fetch the failing container's last lines before its pod is gone."""
        found = sight.worst or next(iter(by_gravity(sight.findings)), None)
        if found is None or (wanted := log_request(found, tail_lines=_LOG_LINES)) is None:
            return
        try:
            self._log = self._tools.cluster.log_tail(
                self._record.namespace,
                wanted.pod,
                wanted.container,
                previous=wanted.previous,
                lines=wanted.tail_lines,
            )
        except CictlError:
            return
