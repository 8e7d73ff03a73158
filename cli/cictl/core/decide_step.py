"""The rows of the decision table for a held step: grow, repair, judge, advance."""

from __future__ import annotations

from dataclasses import replace

from cictl.core.decide_abort import begin_abort
from cictl.core.holding import Split, promoting_fields, split_of, stages
from cictl.core.rollout import Action, Rollout, Scale, Snapshot, Stop, Wait, Write
from cictl.core.rollout_state import Phase, Reason, RolloutState
from cictl.core.strategy import OnInsufficient, OnUnknown
from cictl.core.verdict import Verdict
from cictl.core.workload import Deployment, ReplicaSet

_FIRST_LOOK_SECONDS = 5.0


def stepping(rollout: Rollout, now: Snapshot, deployment: Deployment, state: RolloutState) -> Action:
    """Return what a rollout that is held at a step needs next."""
    if not 0 <= state.step < len(rollout.strategy.steps):
        why = f"the label says step {state.step + 1}, of {len(rollout.strategy.steps)}"
        return begin_abort(rollout, now, replace(state, step=0), Reason.FIELDS_CHANGED, why)
    bad = _lost_hold(rollout, now, deployment, state) or _bad_news(rollout, now, state)
    if bad is not None:
        return bad
    writes = stages(rollout.strategy, state.step)
    wanted = split_of(deployment.held, deployment.replicas)
    if (repair := _repair(now, deployment, wanted)) is not None:
        return repair
    if not _is_settled(now, deployment, wanted):
        return _wait_for_pods(rollout, now, state, wanted)
    if deployment.held != writes[-1]:
        return Write(state, "the new pods are ready: stable's make room", fields=writes[-1])
    return _judge(rollout, now, state)


def _lost_hold(rollout: Rollout, now: Snapshot, deployment: Deployment, state: RolloutState) -> Action | None:
    """Return the way back where the split can neither be kept nor repaired."""
    if deployment.held not in stages(rollout.strategy, state.step):
        why = "the fields that hold the rollout were changed, so Kubernetes would promote by itself"
        return begin_abort(rollout, now, state, Reason.FIELDS_CHANGED, why)
    if _is_stable_lost(now, deployment, split_of(deployment.held, deployment.replicas)):
        why = "scaling left stable no pod: only the new release is left, and scaling the ReplicaSets cannot repair that"
        return begin_abort(rollout, now, state, Reason.SCALED_TO_ZERO, why)
    return None


def _bad_news(rollout: Rollout, now: Snapshot, state: RolloutState) -> Action | None:
    if now.trouble is not None:
        return begin_abort(rollout, now, state, Reason.PODS_FAILED, now.trouble.reason)
    if now.gate is not None and now.gate.verdict is Verdict.UNHEALTHY:
        return begin_abort(rollout, now, state, Reason.GATE_UNHEALTHY, now.gate.reason)
    return None


def _is_stable_lost(now: Snapshot, deployment: Deployment, wanted: Split) -> bool:
    """Whether stable was scaled away while nobody looked; the controller gives back only what is active."""
    stable = now.stable
    return deployment.is_observed and wanted.stable > 0 and (stable is None or stable.wanted == 0)


def _repair(now: Snapshot, deployment: Deployment, wanted: Split) -> Scale | None:
    """Return the write that brings a split back which scaling has moved: stable up first, then the canary down."""
    stable, canary = now.stable, now.canary
    if not deployment.is_observed or stable is None or canary is None:
        return None
    if stable.wanted < wanted.stable:
        return Scale(stable, wanted.stable, _drift(stable, wanted.stable, "stable"))
    if canary.wanted > wanted.canary and stable.wanted == wanted.stable:
        return Scale(canary, wanted.canary, _drift(canary, wanted.canary, "the canary"))
    return None


def _drift(replica_set: ReplicaSet, wanted: int, who: str) -> str:
    return f"scaling moved the split: {who} {replica_set.wanted} → {wanted} pods"


def _is_settled(now: Snapshot, deployment: Deployment, wanted: Split) -> bool:
    """Whether the canary is as the step says and ready; stable's own unready pods are not the canary's fault."""
    stable, canary = now.stable, now.canary
    if not deployment.is_observed or stable is None or canary is None:
        return False
    return stable.wanted == wanted.stable and canary.wanted == wanted.canary and canary.is_settled


def _wait_for_pods(rollout: Rollout, now: Snapshot, state: RolloutState, wanted: Split) -> Action:
    deadline = _deadline(rollout, state)
    ready = now.canary.ready if now.canary else 0
    if now.now >= deadline:
        why = f"{ready} of {wanted.canary} new pods ready at the deadline{worry(now)}"
        return begin_abort(rollout, now, state, Reason.TIMED_OUT, why)
    return Wait(f"{ready} of {wanted.canary} new pods ready", until=deadline)


def _deadline(rollout: Rollout, state: RolloutState) -> float:
    return state.since + rollout.strategy.steps[state.step].pause_seconds + rollout.strategy.deadline_seconds


def _judge(rollout: Rollout, now: Snapshot, state: RolloutState) -> Action:
    pause_over = state.since + rollout.strategy.steps[state.step].pause_seconds
    if now.now < pause_over:
        return Wait("pausing", until=pause_over)
    if rollout.strategy.gate is None:
        return advance(rollout, now, state, "the pause is over")
    verdict = now.gate.verdict if now.gate else Verdict.UNKNOWN
    if verdict is Verdict.HEALTHY:
        return advance(rollout, now, state, "healthy, and the pause is over")
    if now.gate is None and now.is_gate_due:
        return first_look(now)
    if now.now < _deadline(rollout, state):
        return Wait(f"the gate is {verdict.value}", until=_deadline(rollout, state))
    return _undecided(rollout, now, state, verdict)


def _undecided(rollout: Rollout, now: Snapshot, state: RolloutState, verdict: Verdict) -> Action:
    strategy, why = rollout.strategy, f"the gate is {verdict.value} at the step's deadline{gate_reason(now)}"
    if verdict is Verdict.INSUFFICIENT:
        if strategy.on_insufficient is OnInsufficient.PROCEED:
            return advance(rollout, now, state, f"{why}; told to proceed", reason=Reason.GATE_INSUFFICIENT)
        if strategy.on_insufficient is OnInsufficient.HOLD:
            return Stop(f"{why}; told to hold", held=True)
        return begin_abort(rollout, now, state, Reason.GATE_INSUFFICIENT, why)
    if strategy.on_unknown is OnUnknown.HOLD:
        return Stop(f"{why}; told to hold", held=True)
    return begin_abort(rollout, now, state, Reason.GATE_UNKNOWN, why)


def first_look(now: Snapshot) -> Wait:
    """Return the wait of a driver that has just taken over: a deadline that passed before is no verdict."""
    return Wait("the gate takes its first look", until=now.now + _FIRST_LOOK_SECONDS)


def worry(now: Snapshot) -> str:
    """Return what ails the new pods, to stand behind a deadline that has passed."""
    return f" ({now.worry})" if now.worry else ""


def gate_reason(now: Snapshot) -> str:
    """Return what the newest look gave as its reason, to stand behind a verdict."""
    return f" ({now.gate.reason})" if now.gate is not None else ""


def advance(rollout: Rollout, now: Snapshot, state: RolloutState, why: str, *, reason: Reason = Reason.NONE) -> Write:
    """Return the write of the next step, or of the promotion behind the last; REASON is why there is no verdict yet."""
    step, state = state.step + 1, replace(state, reason=reason)
    if step < len(rollout.strategy.steps):
        fields = stages(rollout.strategy, step)[0]
        return Write(replace(state, step=step, since=now.now), why, fields=fields)
    promoted = replace(state, phase=Phase.PROMOTING, since=now.now)
    fields = promoting_fields(rollout.new_own, may_double=rollout.may_double)
    return Write(promoted, why, fields=fields, replicas=rollout.replicas)
