"""From what is wanted and what is live to a plan; everything that can be refused is refused here, before an act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from cictl.core.manifest_checks import direct_only
from cictl.core.objects import mappings_at, text_at
from cictl.core.plan import Plan
from cictl.core.refusals import Refusal, read_autoscalers, refusals
from cictl.core.release_plan import Found, KeptRelease, new_plan, new_record
from cictl.core.rollout_state import Phase, RolloutState, StateNewer, StateUnreadable, as_far_as_readable, from_labels
from cictl.core.wanted import Wanted
from cictl.core.workload import Deployment, ReplicaSet, is_owned_by, label_selector, read_deployment, read_replica_set
from cictl.errors import CictlError, ConfigInvalid, Conflict, NotAllowed, NotFound
from cictl.services.preflight import Preflight
from cictl.services.release_objects import ReleaseObjects
from cictl.services.release_store import ReleaseStore

Json = dict[str, Any]


class Cluster(Protocol):
    """What planning reads and tries."""

    def find(self, kind: str, namespace: str, name: str) -> Json | None:
        """Read one object, None where there is none."""

    def list(self, kind: str, namespace: str, *, labels: str = "", fields: str = "") -> Json:
        """Read a list."""

    def patch(self, kind: str, namespace: str, name: str, operations: Sequence[Json], *, dry_run: bool = False) -> Json:
        """Send a JSON Patch."""

    def create(self, namespace: str, body: Json, *, dry_run: bool = False) -> Json:
        """Create one object."""

    def may(
        self, namespace: str, verb: str, kind: str, subresource: str = "", *, api_version: str | None = None
    ) -> bool:
        """Whether the caller may do VERB on KIND."""

    def now(self) -> float:
        """Return the API server's time."""


class Planner:
    """Plans rollouts in one namespace."""

    def __init__(self, cluster: Cluster, store: ReleaseStore, objects: ReleaseObjects) -> None:
        """Read CLUSTER, STORE and OBJECTS."""
        self._cluster, self._store, self._objects = cluster, store, objects
        self._preflight = Preflight(cluster)

    def plan(self, wanted: Wanted) -> Plan:
        """Return what a rollout of WANTED would do; raise what keeps it from starting."""
        self._preflight.check_rights(wanted)
        found = self._find(wanted)
        wanted = self._with_claims(wanted, found)
        if found.deployment is not None:
            _raise_refusals(refusals(wanted, found.deployment, found.state, found.replica_sets, found.autoscalers))
        created = self._objects.missing(wanted.objects)
        self._objects.try_create(wanted.objects)
        changed = tuple(name for name, differs in self._objects.changes(wanted.objects) if differs)
        record = self._preflight.complete(new_record(wanted, found, created, self._cluster.now()), found)
        self._preflight.check_room(record, found)
        return new_plan(record, found, changed, wanted)

    def _find(self, wanted: Wanted) -> Found:
        raw = self._cluster.find("Deployment", wanted.namespace, wanted.deployment)
        if raw is None and wanted.deployment_object is None:
            message = f"there is no Deployment {wanted.deployment} in namespace {wanted.namespace}"
            raise NotFound(message, hint=f"run 'kubectl get deployments -n {wanted.namespace}'")
        deployment = None if raw is None else read_deployment(raw)
        scalers = self._cluster.list("HorizontalPodAutoscaler", wanted.namespace)["items"]
        return Found(
            deployment=deployment,
            raw=raw,
            state=None if deployment is None else read_state(deployment),
            replica_sets=self._replica_sets(deployment),
            autoscalers=read_autoscalers(scalers, wanted.deployment),
            quotas=tuple(self._cluster.list("ResourceQuota", wanted.namespace)["items"]),
            releases=tuple(
                KeptRelease(each.record, each.outcome is Phase.SUCCEEDED) for each in self._store.all(wanted.service)
            ),
        )

    def _with_claims(self, wanted: Wanted, found: Found) -> Wanted:
        """Return WANTED with the reasons that the live claims of its pods give against a canary."""
        workload = wanted.deployment_object or found.raw
        if workload is None or not wanted.strategy.steps:
            return wanted
        mounted = {text_at(volume, "persistentVolumeClaim", "claimName") for volume in volumes_of(workload)}
        names = mounted - {""}
        try:
            found_claims = [
                self._cluster.find("PersistentVolumeClaim", wanted.namespace, name) for name in sorted(names)
            ]
        except NotAllowed:
            warning = f"the claims {', '.join(sorted(names))} cannot be read: no pod of the canary may share them"
            return replace(wanted, warnings=(*wanted.warnings, warning))
        claims = [claim for claim in found_claims if claim is not None]
        reasons = dict.fromkeys((*wanted.direct_only, *direct_only([workload], claims)))
        return replace(wanted, direct_only=tuple(reasons))

    def _replica_sets(self, deployment: Deployment | None) -> tuple[ReplicaSet, ...]:
        if deployment is None:
            return ()
        listed = self._cluster.list("ReplicaSet", deployment.namespace, labels=label_selector(deployment.selector))
        return tuple(read_replica_set(raw) for raw in listed["items"] if is_owned_by(raw, deployment.uid))


def volumes_of(workload: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the volumes of a Deployment's pods."""
    return mappings_at(workload, "spec", "template", "spec", "volumes")


def read_state(deployment: Deployment, *, is_strict: bool = True) -> RolloutState | None:
    """Return the rollout's state; Conflict for labels of a newer version and, where IS_STRICT, for broken ones."""
    try:
        if not is_strict:
            return as_far_as_readable(deployment.labels)
        return from_labels(deployment.labels)
    except StateUnreadable as problem:
        message = f"Deployment {deployment.name} in {deployment.namespace}: {problem}"
        is_newer = isinstance(problem, StateNewer)
        hint = "use the newer cictl" if is_newer else "run 'cictl rollout abort': the record knows what to give back"
        raise Conflict(message, hint=hint) from problem


def _raise_refusals(found: Sequence[Refusal]) -> None:
    if not found:
        return
    error: type[CictlError] = Conflict if any(refusal.conflict for refusal in found) else ConfigInvalid
    raise error("; ".join(refusal.message for refusal in found), hint=found[0].hint)
