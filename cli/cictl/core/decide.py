"""The decision table: one rollout and one snapshot of it in, one action out.

Nothing here reads a clock, a cluster or a gate. Each function is one row group of the table, tried in order; the first
that knows what to do decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cictl.core.decide_abort import aborting, begin_abort, finish_superseded
from cictl.core.decide_step import first_look, gate_reason, stepping, worry
from cictl.core.holding import given_back
from cictl.core.rollout import Action, ApplyObjects, End, Rollout, Snapshot, Stop, Wait, Write
from cictl.core.rollout_state import Phase, Reason, RolloutState
from cictl.core.strategy import OnInsufficient, OnUnknown
from cictl.core.verdict import Verdict
from cictl.core.workload import FIELD_MANAGER, Deployment, last_writer

_ENDINGS = {
    Reason.NONE: "every pod is of the new release",
    Reason.BY_USER: "aborted by hand",
    Reason.UNDONE: "stable's template was put back",
    Reason.OTHER_TEMPLATE: "another template was written",
    Reason.GATE_INSUFFICIENT: "the gate saw too little traffic",
    Reason.GATE_UNKNOWN: "the gate could not tell",
}


_NO_VERDICT = {Verdict.UNKNOWN: Reason.GATE_UNKNOWN, Verdict.INSUFFICIENT: Reason.GATE_INSUFFICIENT}


def decide(rollout: Rollout, now: Snapshot) -> Action:
    """Return the one thing to do next."""
    deployment, state = now.deployment, now.state
    if deployment is None:
        return End(_lost(rollout, now), "the Deployment is gone")
    if state is None or state.release != rollout.release:
        return Stop(f"the Deployment's labels no longer name release {rollout.release}")
    if state.token != rollout.token:
        return Stop(f"another driver has taken over (token {state.token}, this one has {rollout.token})")
    if state.phase.is_terminal:
        return _end(rollout, now, state)
    return _in_phase(rollout, now, deployment, state)


def _lost(rollout: Rollout, now: Snapshot) -> RolloutState:
    return RolloutState(rollout.release, Phase.SUPERSEDED, 0, now.now, rollout.token, Reason.GONE)


def _end(rollout: Rollout, now: Snapshot, state: RolloutState) -> Action:
    is_back = now.deployment is not None and now.deployment.template_key == rollout.stable_key
    goes_back = state.phase in {Phase.ROLLED_BACK, Phase.SUPERSEDED} and is_back
    if not now.objects_applied and goes_back:
        return ApplyObjects(new=False, why="taking the other objects back")
    return End(state, _ENDINGS.get(state.reason, state.reason.value.replace("-", " ")))


def _in_phase(rollout: Rollout, now: Snapshot, deployment: Deployment, state: RolloutState) -> Action:
    if state.phase is Phase.ABORTING:
        return aborting(rollout, now, deployment, state)
    if (interference := _interference(rollout, now, deployment, state)) is not None:
        return interference
    if state.phase is Phase.STEPPING:
        return stepping(rollout, now, deployment, state)
    return _PHASES[state.phase](rollout, now, deployment, state)


def _interference(rollout: Rollout, now: Snapshot, deployment: Deployment, state: RolloutState) -> Action | None:
    """Return what somebody else's change asks for, in any phase before the end."""
    who = last_writer(deployment, other_than=FIELD_MANAGER)
    if deployment.template_key == rollout.stable_key != rollout.canary_key:
        return finish_superseded(rollout, now, state, Reason.UNDONE, f"stable's template was put back by {who}")
    if deployment.template_key != rollout.canary_key:
        return take_back(rollout, now, state, Reason.OTHER_TEMPLATE, f"another template was written by {who}")
    if deployment.replicas == 0 and state.phase is Phase.STEPPING:
        why = "scaled to zero: stable's template is written before anything can grow from the canary"
        return replace(finish_superseded(rollout, now, state, Reason.SCALED_TO_ZERO, why), template="stable")
    if deployment.paused:
        return take_back(rollout, now, state, Reason.PAUSED, f"paused by {who}")
    return None


def take_back(rollout: Rollout, now: Snapshot, state: RolloutState, reason: Reason, why: str) -> Action:
    """Return the way back from here: to stable, to nothing, or to a plain failure where an undo must stand."""
    if rollout.is_first_install and reason.supersedes:
        ended = replace(state, phase=Phase.SUPERSEDED, since=now.now, reason=reason)
        return Write(ended, f"{why}; there is nothing to go back to, so it is left to them")
    if rollout.is_first_install:
        return Write(replace(state, phase=Phase.ABORTING, since=now.now, reason=reason), why)
    if rollout.is_undo:
        phase = Phase.SUPERSEDED if reason.supersedes else Phase.FAILED
        return Write(replace(state, phase=phase, since=now.now, reason=reason), why, fields=rollout.new_own)
    return begin_abort(rollout, now, state, reason, why)


def _preparing(_rollout: Rollout, now: Snapshot, _deployment: Deployment, state: RolloutState) -> Action:
    return Write(replace(state, phase=Phase.PROMOTING, since=now.now), "ready to go")


def _promoting(rollout: Rollout, now: Snapshot, deployment: Deployment, state: RolloutState) -> Action:
    if (bad := _bad_news(rollout, now, state)) is not None:
        return bad
    if not now.objects_applied:
        return ApplyObjects(new=True, why="applying the other objects")
    if not is_complete(deployment, now):
        return _still_promoting(rollout, now, state, deployment)
    phase = Phase.WATCHING if _watches(rollout) else Phase.SUCCEEDED
    reason = state.reason if _watches(rollout) else _lack_of_verdict(rollout, now, state)
    fields = given_back(deployment.held, rollout.new_own, may_double=rollout.may_double)
    theirs = "" if fields == rollout.new_own else "; rollout fields were changed meanwhile, and stay so"
    return Write(
        replace(state, phase=phase, since=now.now, reason=reason),
        f"every pod is of the new release{theirs}",
        fields=None if deployment.held == fields else fields,
    )


def _watches(rollout: Rollout) -> bool:
    return bool(rollout.strategy.watch_seconds) and rollout.strategy.gate is not None and not rollout.is_undo


def _lack_of_verdict(rollout: Rollout, now: Snapshot, state: RolloutState) -> Reason:
    """Return why there is no verdict on a release that nobody goes on watching, NONE where its last step gave one.

    Without steps, as in a first install, only the newest look can tell.
    """
    has_steps = bool(rollout.strategy.steps) and not rollout.is_first_install
    if rollout.strategy.gate is None or rollout.is_undo or has_steps:
        return state.reason
    return _NO_VERDICT.get(now.gate.verdict if now.gate else Verdict.UNKNOWN, Reason.NONE)


def is_complete(deployment: Deployment, now: Snapshot) -> bool:
    """Whether every pod is of the newest template and available, and no other is left (as kubectl judges it)."""
    wanted = deployment.replicas
    return (
        deployment.is_observed
        and deployment.updated_pods == deployment.total_pods == deployment.available_pods == wanted
        and (now.canary is not None or wanted == 0)
    )


def _still_promoting(rollout: Rollout, now: Snapshot, state: RolloutState, deployment: Deployment) -> Action:
    deadline = state.since + rollout.strategy.deadline_seconds
    progressing = deployment.conditions.get("Progressing")
    if progressing and progressing.reason == "ProgressDeadlineExceeded" and progressing.updated > state.since:
        return take_back(rollout, now, state, Reason.TIMED_OUT, f"{progressing.message}{worry(now)}")
    if now.now >= deadline:
        why = f"not every pod came up before the deadline{worry(now)}"
        return take_back(rollout, now, state, Reason.TIMED_OUT, why)
    ready = f"{deployment.updated_pods} of {deployment.replicas} new, {deployment.available_pods} available"
    return Wait(ready, until=deadline)


def _watching(rollout: Rollout, now: Snapshot, deployment: Deployment, state: RolloutState) -> Action:
    if deployment.replicas == 0:
        ended = replace(state, phase=Phase.SUPERSEDED, since=now.now, reason=Reason.SCALED_TO_ZERO)
        return Write(ended, "scaled to zero: there is nothing left to watch")
    if (bad := _bad_news(rollout, now, state)) is not None:
        return bad
    over = state.since + rollout.strategy.watch_seconds
    if now.now < over:
        return Wait("watching the new release", until=over)
    return _watched(rollout, now, state, over + rollout.strategy.deadline_seconds)


def _watched(rollout: Rollout, now: Snapshot, state: RolloutState, deadline: float) -> Action:
    """Return how a watch ends that lasted long enough."""
    verdict = now.gate.verdict if now.gate else Verdict.UNKNOWN
    if verdict is Verdict.HEALTHY:
        healthy = replace(state, phase=Phase.SUCCEEDED, since=now.now, reason=Reason.NONE)
        return Write(healthy, "healthy to the end of the watch")
    if verdict is Verdict.INSUFFICIENT and rollout.is_first_install:  # nobody calls what was not there before
        ended = replace(state, phase=Phase.SUCCEEDED, since=now.now, reason=Reason.GATE_INSUFFICIENT)
        return Write(ended, "too little traffic yet to judge a first install by")
    if now.gate is None and now.is_gate_due:
        return first_look(now)
    if now.now < deadline:
        return Wait(f"the gate is {verdict.value}", until=deadline)
    return _undecided(rollout, now, state, verdict)


def _undecided(rollout: Rollout, now: Snapshot, state: RolloutState, verdict: Verdict) -> Action:
    """Return what the strategy says of a watch that ended without knowledge."""
    if verdict is Verdict.INSUFFICIENT:
        choice, reason = rollout.strategy.on_insufficient.value, Reason.GATE_INSUFFICIENT
    else:
        choice, reason = rollout.strategy.on_unknown.value, Reason.GATE_UNKNOWN
    why = f"the gate is {verdict.value} at the deadline{gate_reason(now)}"
    if choice == OnInsufficient.PROCEED.value:
        return Write(replace(state, phase=Phase.SUCCEEDED, since=now.now, reason=reason), f"{why}; told to proceed")
    if choice == OnUnknown.HOLD.value:
        return Stop(f"{why}; told to hold", held=True)
    return take_back(rollout, now, state, reason, why)


def _bad_news(rollout: Rollout, now: Snapshot, state: RolloutState) -> Action | None:
    if now.trouble is not None:
        return take_back(rollout, now, state, Reason.PODS_FAILED, now.trouble.reason)
    if now.gate is not None and now.gate.verdict is Verdict.UNHEALTHY and not rollout.is_undo:
        return take_back(rollout, now, state, Reason.GATE_UNHEALTHY, now.gate.reason)
    return None


_PHASES: dict[Phase, Callable[[Rollout, Snapshot, Deployment, RolloutState], Action]] = {
    Phase.PREPARING: _preparing,
    Phase.PROMOTING: _promoting,
    Phase.WATCHING: _watching,
}
