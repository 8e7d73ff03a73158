"""The rows of the decision table for the way back: to stable's template, and to the Deployment's own values."""

from __future__ import annotations

from dataclasses import replace

from cictl.core.holding import aborting_fields
from cictl.core.rollout import Action, ApplyObjects, Remove, Rollout, Snapshot, Stop, Wait, Write
from cictl.core.rollout_state import Phase, Reason, RolloutState
from cictl.core.workload import Deployment


def begin_abort(rollout: Rollout, now: Snapshot, state: RolloutState, reason: Reason, why: str) -> Write:
    """Return the write that starts the way back, from any phase."""
    fields = aborting_fields(rollout.own, at_once=_stable_is_whole(now))
    aborted = replace(state, phase=Phase.ABORTING, since=now.now, reason=reason)
    is_scaled = rollout.replicas is not None and state.phase in {Phase.PROMOTING, Phase.WATCHING}
    replicas = rollout.own_replicas if is_scaled else None
    return Write(aborted, why, fields=fields, template="stable", replicas=replicas, unpause=True)


def finish_superseded(rollout: Rollout, now: Snapshot, state: RolloutState, reason: Reason, why: str) -> Write:
    """Return the write that gives own values back: only where the template is, or is made, exactly stable's."""
    ended = replace(state, phase=Phase.SUPERSEDED, since=now.now, reason=reason)
    return Write(ended, why, fields=rollout.own, unpause=True)


def _stable_is_whole(now: Snapshot) -> bool:
    """Whether stable has all N pods: then the canary's can go at once, ready or not as stable's may be."""
    deployment, stable = now.deployment, now.stable
    if deployment is None or stable is None or not deployment.is_observed or not stable.is_observed:
        return False
    return min(stable.wanted, stable.pods) >= deployment.replicas


def aborting(rollout: Rollout, now: Snapshot, deployment: Deployment, state: RolloutState) -> Action:
    """Return what the way back needs next."""
    if rollout.is_first_install:
        return Remove(state.reason, "taking the first install back")
    if deployment.template_key != rollout.stable_key or deployment.paused:
        return _turn_again(rollout, now, deployment, state)
    if not now.objects_applied:
        return ApplyObjects(new=False, why="taking the other objects back")
    if _is_back(now, deployment):
        return _finish(rollout, now, state, "only stable's pods are left")
    return _hurry_or_wait(rollout, now, deployment, state)


def _turn_again(rollout: Rollout, now: Snapshot, deployment: Deployment, state: RolloutState) -> Action:
    """Return the way back begun anew after somebody's change; in the end it is left to them."""
    what = "paused" if deployment.paused else "given another template"
    if now.now >= _deadline(rollout, state):
        return Stop(f"on the way back the Deployment is {what} again and again")
    again = begin_abort(rollout, now, state, state.reason, f"{what} on the way back")
    return replace(again, state=state)


def _deadline(rollout: Rollout, state: RolloutState) -> float:
    return state.since + rollout.strategy.abort_patience_seconds + rollout.strategy.deadline_seconds


def _finish(rollout: Rollout, now: Snapshot, state: RolloutState, why: str) -> Write:
    phase = Phase.SUPERSEDED if state.reason.supersedes else Phase.ROLLED_BACK
    return Write(replace(state, phase=phase, since=now.now), why, fields=rollout.own)


def _is_back(now: Snapshot, deployment: Deployment) -> bool:
    """Whether stable's pods alone are left; the Deployment's own count may lag behind those of its ReplicaSets."""
    stable, canary = now.stable, now.canary
    if not deployment.is_observed or stable is None or not stable.is_observed:
        return False
    if canary is not None and not (canary.is_observed and canary.wanted == canary.pods == 0):
        return False
    return stable.wanted == stable.pods == deployment.replicas == deployment.total_pods


def _waits_for_sick_pods_alone(now: Snapshot, deployment: Deployment) -> bool:
    """Whether all pods of stable that the way back has started are ready."""
    if now.stable is None or not now.sick_stable or not _stable_is_whole(now):
        return False
    return now.stable.ready + now.sick_stable >= deployment.replicas


def _hurry_or_wait(rollout: Rollout, now: Snapshot, deployment: Deployment, state: RolloutState) -> Action:
    at_once = aborting_fields(rollout.own, at_once=True)
    patience = state.since + rollout.strategy.abort_patience_seconds
    deadline = _deadline(rollout, state)
    if now.now >= deadline:
        return _finish(rollout, now, state, "stable's template is back, but not all of its pods are there")
    if deployment.held != at_once and _waits_for_sick_pods_alone(now, deployment):
        why = "only pods of stable that were unready before are still missing: the canary's need not wait for them"
        return Write(state, why, fields=at_once)
    if deployment.held != at_once and now.now >= patience:
        why = "stable's pods are not ready in time: the canary's go all the same"
        return Write(state, why, fields=at_once)
    return Wait("the canary's pods are going", until=deadline if deployment.held == at_once else patience)
