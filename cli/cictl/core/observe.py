"""From the API's JSON to one snapshot: which ReplicaSet is which release, whose pods are whose, and what ails them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cictl.core.pod_diagnosis import diagnose
from cictl.core.pods import Graces, PodFinding, by_gravity, worst_finding
from cictl.core.release_target import ReadyPod, ReleaseTarget
from cictl.core.rollout import PodTrouble, Rollout, Snapshot
from cictl.core.rollout_state import Phase, RolloutState, as_far_as_readable
from cictl.core.workload import Json, ReplicaSet, is_owned_by, read_deployment, read_replica_set

_OBJECTS = {
    Phase.PROMOTING: "new",
    Phase.ABORTING: "old",
    Phase.ROLLED_BACK: "old",
    Phase.SUPERSEDED: "old",
}
_CLOCK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Seen:
    """The namespace's objects of one Deployment, as the API's JSON."""

    deployments: Sequence[Json]
    replica_sets: Sequence[Json]
    pods: Sequence[Json]
    events: Sequence[Json] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """A snapshot, with what people and gates want to know beside it."""

    snapshot: Snapshot
    findings: tuple[PodFinding, ...] = ()
    worst: PodFinding | None = None
    target: ReleaseTarget | None = None
    ready_stable: int = 0


def observe(
    seen: Seen, rollout: Rollout, *, now: float, service: str, objects_are: str | None, graces: Graces
) -> Sight:
    """Return what SEEN shows of ROLLOUT at NOW (seconds since the epoch by the API server).

    OBJECTS_ARE says what this driver brought the other objects to: "new", "old", "any" where there are none, or None.
    """
    if not seen.deployments:
        return Sight(Snapshot(now=now, deployment=None, state=None))
    deployment = read_deployment(seen.deployments[0])
    state = as_far_as_readable(deployment.labels)
    mine = [raw for raw in seen.replica_sets if is_owned_by(raw, deployment.uid)]
    stable, canary = _by_key(mine, rollout.stable_key), _by_key(mine, rollout.canary_key)
    findings = _findings(seen, mine, canary, graces) if state is not None and state.phase.is_judged else ()
    worst = worst_finding(findings, now)
    snapshot = Snapshot(
        now=now,
        deployment=deployment,
        state=state,
        stable=stable,
        canary=canary,
        trouble=PodTrouble(describe(worst)) if worst else None,
        worry=describe(by_gravity(findings)[0]) if findings else "",
        objects_applied=_objects_fit(state, objects_are),
        sick_stable=0 if state is None else _sick_before(pods_of(seen.pods, stable), state.since),
    )
    others = (stable,) if stable else ()
    target = target_of(deployment.namespace, service, canary, seen.pods, others) if canary else None
    return Sight(snapshot, findings, worst, target, stable.ready if stable else 0)


def _sick_before(pods: Sequence[Json], since: float) -> int:
    """Count the unready pods older than SINCE; what is as young as clocks are inexact counts as coming up."""
    old = [raw for raw in pods if seconds(str(raw["metadata"]["creationTimestamp"])) < since - _CLOCK_SECONDS]
    return sum(not raw["metadata"].get("deletionTimestamp") and ready_pod(raw) is None for raw in old)


def _objects_fit(state: RolloutState | None, objects_are: str | None) -> bool:
    wanted = _OBJECTS.get(state.phase) if state is not None else None
    return wanted is None or objects_are in {"any", wanted}


def describe(finding: PodFinding) -> str:
    """Return a finding in one line."""
    where = f"pod {finding.pod}: " if finding.pod else ""
    return f"{where}{finding.reason}"


def _by_key(replica_sets: Sequence[Json], key: str | None) -> ReplicaSet | None:
    """Return the ReplicaSet with this template; of several the controller uses the oldest."""
    oldest_first = sorted(replica_sets, key=lambda raw: str(raw["metadata"].get("creationTimestamp", "")))
    return next((view for raw in oldest_first if (view := read_replica_set(raw)).template_key == key), None)


def pods_of(pods: Sequence[Json], replica_set: ReplicaSet | None) -> list[Json]:
    """Return the pods that REPLICA_SET owns."""
    return [raw for raw in pods if replica_set is not None and is_owned_by(raw, replica_set.uid)]


def _findings(seen: Seen, mine: Sequence[Json], canary: ReplicaSet | None, graces: Graces) -> tuple[PodFinding, ...]:
    raw = [item for item in mine if canary is not None and item["metadata"]["name"] == canary.name]
    return diagnose(pods_of(seen.pods, canary), seen.events, raw, graces)


def target_of(
    namespace: str, service: str, replica_set: ReplicaSet, pods: Sequence[Json], others: Sequence[ReplicaSet]
) -> ReleaseTarget:
    """Return which pods a gate is to look at."""
    mine = pods_of(pods, replica_set)
    return ReleaseTarget(
        namespace=namespace,
        service=service,
        replica_set=replica_set.name,
        ready_pods=tuple(ready for raw in mine if (ready := ready_pod(raw)) is not None),
        all_pod_names=tuple(raw["metadata"]["name"] for raw in mine),
        other_replica_sets=tuple(other.name for other in others if other.name != replica_set.name),
    )


def ready_pod(raw: Json) -> ReadyPod | None:
    """Return the pod if it is ready and not ending."""
    if raw["metadata"].get("deletionTimestamp"):
        return None
    for condition in (raw.get("status") or {}).get("conditions") or ():
        if condition["type"] == "Ready" and condition["status"] == "True":
            return ReadyPod(raw["metadata"]["name"], seconds(str(condition["lastTransitionTime"])))
    return None


def seconds(rfc3339: str) -> float:
    """Return a time of the API in seconds since the epoch."""
    return datetime.fromisoformat(rfc3339).timestamp()
