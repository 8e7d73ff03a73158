"""The loop that moves a rollout on: observe one snapshot, decide, make one write, until it has ended.

Refuses to decide anything itself. Any process may run it for any rollout; two of them cannot both succeed in a write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from cictl.clock import Clock
from cictl.core.decide import MANAGER, decide
from cictl.core.holding import is_held
from cictl.core.observe import Seen, Sight, observe
from cictl.core.outcome import Outcome
from cictl.core.patches import forget_operations, manifest_operations, scale_operations, write_operations
from cictl.core.pods import Graces, by_gravity, log_request
from cictl.core.record import ReleaseRecord
from cictl.core.rollout import Action, ApplyObjects, End, Remove, Rollout, Scale, Snapshot, Stop, Wait, Write
from cictl.core.rollout_state import Phase, Reason, RolloutState, StateUnreadable, as_far_as_readable
from cictl.core.verdict import Verdict
from cictl.core.workload import read_deployment
from cictl.errors import CictlError, Conflict, NotFound, Unreachable
from cictl.services.gate_looks import GateLooks, Judge
from cictl.services.release_objects import ReleaseObjects
from cictl.services.release_store import ReleaseStore, StoredRelease
from cictl.services.timeline import Timeline

Json = dict[str, Any]
_EVENTS_EVERY_SECONDS = 3.0
_EVIDENCE_EVERY_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 1.0
_MAX_UNREACHABLE_SECONDS = 300.0
_MAX_CONFLICTS = 30
_AT_ONCE = 3  # conflicts that are answered without a pause: an autoscaler at work
_FIRST_PAUSE_SECONDS = 0.05
_LOG_LINES = 20
_POD_REASONS = frozenset({Reason.PODS_FAILED, Reason.TIMED_OUT})
_GRACES = Graces()


class Cluster(Protocol):
    """What a driver needs of the cluster, beside what it watches."""

    def patch(self, kind: str, namespace: str, name: str, operations: Sequence[Json], *, dry_run: bool = False) -> Json:
        """Send a JSON Patch."""

    def get(self, kind: str, namespace: str, name: str) -> Json:
        """Read one object."""

    def list(self, kind: str, namespace: str, *, labels: str = "", fields: str = "") -> Json:
        """Read a list."""

    def delete(self, kind: str, namespace: str, name: str, *, uid: str) -> None:
        """Delete one object."""

    def log_tail(self, namespace: str, pod: str, container: str, *, previous: bool, lines: int) -> tuple[str, ...]:
        """Return the end of a container's log."""

    def now(self) -> float:
        """Return the API server's time."""


class Live(Protocol):
    """The watched objects: "deployment", "replica_sets", "pods"."""

    @property
    def changes(self) -> int:
        """How many changes were seen."""

    def get(self, name: str) -> tuple[Json, ...]:
        """Return objects as last seen."""

    def put(self, name: str, raw: Json) -> None:
        """Take in what a write answered."""

    def wait(self, seen: int, timeout_seconds: float | None) -> None:
        """Return at the next change or after the timeout."""

    def wake(self) -> None:
        """Make waiting readers look again."""

    def refresh(self) -> None:
        """List everything again."""

    def trouble(self) -> CictlError | None:
        """Return why what is seen may be old, None while it is not."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One look and what is about to be done about it, for people and for the record."""

    sight: Sight
    action: Action
    record: ReleaseRecord


class Reporter(Protocol):
    """Who is told of the progress."""

    def note(self, progress: Progress) -> None:
        """Take notice."""

    def say(self, line: str) -> None:
        """Tell what is being waited for before there is progress."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a driver works with."""

    cluster: Cluster
    live: Live
    store: ReleaseStore
    objects: ReleaseObjects
    clock: Clock
    reporter: Reporter
    judge: Judge | None = None
    graces: Graces = _GRACES


class Driver:
    """Drives one release's rollout with one token."""

    def __init__(self, tools: Tools, stored: StoredRelease, rollout: Rollout) -> None:
        """Drive ROLLOUT of the release STORED."""
        self._tools, self._stored, self._rollout, self._record = tools, stored, rollout, stored.record
        self._looks = GateLooks(tools.judge, tools.clock, on_look=tools.live.wake)
        self._timeline = Timeline()
        self._objects_are: str | None = None
        self._events: tuple[Json, ...] = ()
        self._events_at = -_EVENTS_EVERY_SECONDS
        self._log: tuple[str, ...] = ()
        self._trouble_since: float | None = None
        self._blind_since: float | None = None
        self._conflicts = 0
        self._evidence_at = -_EVIDENCE_EVERY_SECONDS
        self._removal: RolloutState | None = None

    def drive(self) -> Outcome:
        """Go on until the rollout has ended or is held; Conflict where somebody else drives."""
        try:
            while True:
                if (outcome := self._turn()) is not None:
                    return outcome
        finally:
            self._looks.close()

    def order(self, act: Callable[[Rollout, Snapshot], Action | None]) -> None:
        """Do ACT, a person's order, on whatever is there now; it carries this driver's token and so takes over.

        A token that is there already may be another's who took over at the same moment: then a higher one is written.
        """
        for _ in range(_MAX_CONFLICTS):
            sight = self.look()
            self._outbid(sight.snapshot.state)
            if not self._takes_orders(sight.snapshot) or (action := act(self._rollout, sight.snapshot)) is None:
                return
            self._timeline.note(sight, action)
            self._tools.reporter.note(Progress(sight, action, self._record))
            try:
                self._act(action, sight, self._tools.live.changes)
            except (Unreachable, Conflict, NotFound) as problem:
                self._after_trouble(problem)
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
        self._check_watches()
        sight = self.look()
        action = decide(self._rollout, sight.snapshot)
        progress = Progress(sight, action, self._record)
        self._timeline.note(sight, action)
        self._tools.reporter.note(progress)
        if isinstance(action, Stop) and not action.held:
            raise Conflict(f"{self._record.service}: {action.why}", hint=self._stop_hint(sight.snapshot.state))
        try:
            outcome = self._act(action, sight, seen)
        except (Unreachable, Conflict, NotFound) as problem:
            self._after_trouble(problem)
            return None
        self._trouble_since, self._conflicts = None, 0
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
            self._check_token()
            self._tools.store.write_evidence(self._stored, self._timeline.events())

    def _check_watches(self) -> None:
        """Give up where what is seen has been old for too long: the rollout stays held, and any driver can go on."""
        problem, now = self._tools.live.trouble(), self._tools.clock.monotonic()
        if problem is None:
            self._blind_since = None
        elif self._blind_since is None:
            self._blind_since = now
        elif now - self._blind_since > self._patience_seconds:
            raise problem

    @property
    def _patience_seconds(self) -> float:
        """How long the API server may be away: beyond the deadline nothing but an abort would be left to do."""
        return min(_MAX_UNREACHABLE_SECONDS, self._rollout.strategy.deadline_seconds)

    def _status_hint(self) -> str:
        return f"run 'cictl rollout status {self._record.address}' to see who drives"

    def _stop_hint(self, state: RolloutState | None) -> str:
        if state is not None and state.release >= self._rollout.release:
            return self._status_hint()
        return f"run 'cictl rollout abort {self._record.address}': the release's record knows what to give back"

    def look(self) -> Sight:
        """Return one snapshot, and begin the gate's next look when it is due."""
        sight = self._observe()
        if sight.target is not None and not sight.snapshot.is_canary_ready and self._events_are_old():
            self._fetch_events()
            sight = self._observe()
        state = sight.snapshot.state
        if state is not None and state.phase in {Phase.STEPPING, Phase.PROMOTING, Phase.WATCHING}:
            self._looks.follow(state, sight.target)
            return replace(
                sight,
                snapshot=replace(sight.snapshot, gate=self._looks.newest(), is_gate_due=self._looks.is_due),
            )
        return sight

    def _observe(self) -> Sight:
        live = self._tools.live
        try:
            return observe(
                Seen(live.get("deployment"), live.get("replica_sets"), live.get("pods"), self._events),
                self._rollout,
                now=self._tools.cluster.now(),
                service=self._record.service,
                objects_are=self._objects_are if self._record.objects or self._record.created_objects else "any",
                graces=self._tools.graces,
            )
        except StateUnreadable as problem:
            raise Conflict(f"{self._record.service}: {problem}", hint=self._status_hint()) from problem

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

    def _act(self, action: Action, sight: Sight, seen: int) -> Outcome | None:
        match action:
            case Wait():
                self._wait(action, sight, seen)
            case Write():
                self._write(action, sight)
            case Scale():
                self._scale(action)
            case ApplyObjects():
                self._apply_objects(action)
            case Remove():
                return self._remove(action, sight)
            case Stop():
                return self._held(action, sight)
            case End():
                return self._finish_removal(action.state, action.why)
        return None

    def _wait(self, action: Wait, sight: Sight, seen: int) -> None:
        bounds = [self._looks.seconds_to_next()]
        if action.until is not None:
            bounds.append(max(0.02, action.until - sight.snapshot.now))
        if sight.findings or self._blind_since is not None:
            bounds.append(_LOOK_AGAIN_SECONDS)
        known = [bound for bound in bounds if bound is not None]
        self._tools.live.wait(seen, min(known) if known else None)

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

    def _apply_objects(self, action: ApplyObjects) -> None:
        self._check_token()
        if action.new:
            self._tools.objects.apply_all(self._record)
        else:
            self._take_objects_back()
        self._objects_are = "new" if action.new else "old"

    def _take_objects_back(self) -> None:
        self._tools.objects.remove_created(self._record)
        if (before := self._record.stable_release) is None:
            return
        try:
            stable = self._tools.store.get(self._record.service, before)
        except NotFound:
            return
        self._tools.objects.take_back(stable.record, self._rollout.token)

    def _check_token(self) -> None:
        """Read the Deployment afresh: other objects carry no token, so theirs is asked for just before."""
        raw = self._tools.cluster.get("Deployment", self._record.namespace, self._record.deployment)
        state = as_far_as_readable(raw["metadata"].get("labels") or {})
        if state is None or state.token != self._rollout.token:
            self._tools.live.put("deployment", raw)
            raise Conflict(f"{self._record.service}: another driver has taken over", hint=self._status_hint())

    def _remove(self, action: Remove, sight: Sight) -> Outcome:
        if action.reason in _POD_REASONS:
            self._keep_log(sight)
        phase = Phase.SUPERSEDED if action.reason.supersedes else Phase.ROLLED_BACK
        self._check_token()
        self._tools.store.note_ending(self._stored, phase, action.why)
        state = RolloutState(self._record.revision, phase, 0, sight.snapshot.now, self._rollout.token, action.reason)
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
        self._tools.store.write_evidence(self._stored, self._timeline.events())
        gate = sight.snapshot.gate
        is_insufficient = gate is not None and gate.verdict is Verdict.INSUFFICIENT
        reason = Reason.GATE_INSUFFICIENT if is_insufficient else Reason.GATE_UNKNOWN
        return self._outcome(phase, reason, action.why, held=True)

    def _end(self, state: RolloutState, why: str) -> Outcome:
        why = why if state.phase is Phase.SUCCEEDED else self._timeline.cause() or why
        finished = datetime.fromtimestamp(state.since, UTC).isoformat(timespec="seconds")
        store = self._tools.store
        store.write_evidence(self._stored, self._timeline.events())
        if self._record.is_adopted:
            self._forget()
        store.finish(self._stored, state.phase, why, finished)
        if state.phase is Phase.SUCCEEDED:
            store.prune(self._record.service, current=self._record.revision)
        return self._outcome(state.phase, state.reason, why)

    def _forget(self) -> None:
        """Leave no entry in the managedFields of a Deployment that others own."""
        try:
            raw = self._tools.cluster.get("Deployment", self._record.namespace, self._record.deployment)
        except NotFound:
            return
        if operations := forget_operations(read_deployment(raw), MANAGER):
            self._tools.cluster.patch("Deployment", self._record.namespace, self._record.deployment, operations)

    def _outcome(self, phase: Phase, reason: Reason, why: str, *, held: bool = False) -> Outcome:
        record = self._record
        return Outcome(
            record.service, record.namespace, record.revision, phase, reason, why, record.image, self._log, held
        )

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

    def _after_trouble(self, problem: CictlError) -> None:
        """Read everything again, since a write may have been done, or the object has moved; give up in the end."""
        now = self._tools.clock.monotonic()
        self._conflicts += 1
        if self._trouble_since is None:
            self._trouble_since = now
        is_over = now - self._trouble_since > self._patience_seconds
        if is_over or (self._conflicts > _MAX_CONFLICTS and not isinstance(problem, Unreachable)):
            raise problem
        if self._conflicts > _AT_ONCE:
            self._tools.clock.sleep(min(_LOOK_AGAIN_SECONDS, _FIRST_PAUSE_SECONDS * self._conflicts))
        try:
            self._tools.live.refresh()
        except Unreachable:
            self._tools.clock.sleep(_LOOK_AGAIN_SECONDS)
