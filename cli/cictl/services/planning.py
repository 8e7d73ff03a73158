"""From what is wanted and what is live to a plan; everything that can be refused is refused here, before an act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from cictl.core.acts import first_write
from cictl.core.holding import aborting_fields, settled_split
from cictl.core.manifests import image_of, service_container, set_image
from cictl.core.patches import write_operations
from cictl.core.plan import Plan
from cictl.core.quantity import quota_headroom
from cictl.core.record import ObjectName, ReleaseRecord, content_of
from cictl.core.refusals import Autoscaler, Refusal, read_autoscalers, refusals
from cictl.core.release_diff import diff_objects, diff_releases
from cictl.core.rollout import Write
from cictl.core.rollout_state import Phase, RolloutState, StateUnreadable, from_labels, to_labels
from cictl.core.wanted import Wanted
from cictl.core.workload import (
    Deployment,
    HeldFields,
    ReplicaSet,
    held_fields,
    is_owned_by,
    read_deployment,
    read_replica_set,
    template_key,
    without_hash,
)
from cictl.errors import CictlError, ConfigInvalid, Conflict, FarSideFailed, NotAllowed, NotFound
from cictl.services.release_objects import ReleaseObjects
from cictl.services.release_store import ReleaseStore, StoredRelease

Json = dict[str, Any]

NEEDED = (
    ("get", "Deployment", ""),
    ("list", "Deployment", ""),
    ("watch", "Deployment", ""),
    ("patch", "Deployment", ""),
    ("list", "ReplicaSet", ""),
    ("watch", "ReplicaSet", ""),
    ("patch", "ReplicaSet", ""),
    ("list", "Pod", ""),
    ("watch", "Pod", ""),
    ("get", "ConfigMap", ""),
    ("list", "ConfigMap", ""),
    ("create", "ConfigMap", ""),
    ("patch", "ConfigMap", ""),
    ("delete", "ConfigMap", ""),
    ("get", "Lease", ""),
    ("create", "Lease", ""),
    ("update", "Lease", ""),
    ("list", "HorizontalPodAutoscaler", ""),
    ("list", "ResourceQuota", ""),
)


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

    def may(self, namespace: str, verb: str, kind: str, subresource: str = "") -> bool:
        """Whether the caller may do VERB on KIND."""

    def now(self) -> float:
        """Return the API server's time."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is live before the first act."""

    deployment: Deployment | None
    raw: Json | None
    state: RolloutState | None
    replica_sets: tuple[ReplicaSet, ...]
    autoscalers: tuple[Autoscaler, ...]
    quotas: tuple[Json, ...]
    releases: tuple[StoredRelease, ...]


class Planner:
    """Plans rollouts in one namespace."""

    def __init__(self, cluster: Cluster, store: ReleaseStore, objects: ReleaseObjects) -> None:
        """Read CLUSTER, STORE and OBJECTS."""
        self._cluster, self._store, self._objects = cluster, store, objects

    def plan(self, wanted: Wanted) -> Plan:
        """Return what a rollout of WANTED would do; raise what keeps it from starting."""
        self._check_rights(wanted)
        found = self._find(wanted)
        if found.deployment is not None:
            _raise_refusals(refusals(wanted, found.deployment, found.state, found.replica_sets, found.autoscalers))
        created = self._objects.missing(wanted.objects)
        self._objects.try_create(wanted.objects)
        changed = tuple(name for name, differs in self._objects.changes(wanted.objects) if differs)
        record = self._complete(self._record(wanted, found, created), found)
        self._check_room(record, found)
        return _plan(record, found, changed, wanted)

    def _check_rights(self, wanted: Wanted) -> None:
        """Ask for every right that even an abort needs, so that none is missing half-way."""
        needed = [*NEEDED, ("create", "Deployment", "")] if wanted.deployment_object is not None else list(NEEDED)
        for verb, kind, sub in needed:
            if not self._cluster.may(wanted.namespace, verb, kind, sub):
                message = f"you may not {verb} {kind} in namespace {wanted.namespace}"
                raise NotAllowed(message, hint="grant the Role in docs/reference/permissions.md; nothing was changed")

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
            releases=self._store.all(wanted.service),
        )

    def _replica_sets(self, deployment: Deployment | None) -> tuple[ReplicaSet, ...]:
        if deployment is None:
            return ()
        listed = self._cluster.list("ReplicaSet", deployment.namespace, labels=label_selector(deployment.selector))
        return tuple(read_replica_set(raw) for raw in listed["items"] if is_owned_by(raw, deployment.uid))

    def _record(self, wanted: Wanted, found: Found, created: tuple[ObjectName, ...]) -> ReleaseRecord:
        """Return the record as far as it is known before the API server has completed the template."""
        live = found.deployment
        own = live.held if live else _own_of(wanted.deployment_object)
        newest = max((stored.revision for stored in found.releases), default=0)
        return ReleaseRecord(
            service=wanted.service,
            namespace=wanted.namespace,
            revision=max(newest, found.state.release if found.state else 0) + 1,
            deployment=wanted.deployment,
            selector=label_selector(live.selector if live else (wanted.deployment_object or {})["spec"]["selector"]),
            image=wanted.image,
            created=self._cluster.now(),
            template=_new_template(wanted, found),
            stable_template=live.template if live else None,
            own=own,
            new_own=_own_of(wanted.deployment_object) if wanted.deployment_object is not None else own,
            strategy=wanted.strategy if live else replace(wanted.strategy, steps=()),
            gate=wanted.gate,
            environment=wanted.environment,
            commit=wanted.commit,
            stable_release=_running_release(found),
            deployment_object=wanted.deployment_object,
            objects=wanted.objects,
            configs=wanted.configs,
            config_originals=wanted.config_originals,
            created_objects=created,
            replicas=_new_replicas(wanted, found),
            undo_of=wanted.undo_of,
            prometheus=wanted.prometheus,
        )

    def _complete(self, record: ReleaseRecord, found: Found) -> ReleaseRecord:
        """Return RECORD with the template as the API server completes it: a dry run of the hold, and of an abort."""
        live = found.deployment
        if live is None:
            body = first_install_body(record, 1)
            answer = self._cluster.create(record.namespace, body, dry_run=True)
        else:
            answer = self._try(record, live, first_write(record, 1, record.created))
            abort = Write(
                RolloutState(record.revision, Phase.ABORTING, 0, record.created, 1),
                "try",
                fields=aborting_fields(record.own, at_once=True),
                template="stable",
                unpause=True,
            )
            self._try(record, live, abort)
        self._try_pod(record, answer["spec"]["template"])
        return replace(record, template=without_hash(answer["spec"]["template"]))

    def _try(self, record: ReleaseRecord, live: Deployment, write: Write) -> Json:
        operations = write_operations(live, write, record.templates())
        return self._cluster.patch("Deployment", live.namespace, live.name, operations, dry_run=True)

    def _try_pod(self, record: ReleaseRecord, template: Json) -> None:
        """Try one pod where the caller may: admission policies look at pods, not at templates."""
        if not self._cluster.may(record.namespace, "create", "Pod"):
            return
        metadata = {key: value for key, value in template["metadata"].items() if value is not None}
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {**metadata, "generateName": f"{record.deployment}-try-"},
            "spec": template["spec"],
        }
        try:
            self._cluster.create(record.namespace, body, dry_run=True)
        except NotAllowed as problem:
            message = f"a pod of the new release would be refused: {problem.message}"
            raise FarSideFailed(message, hint="nothing was changed; mend the template or the policy") from problem

    def _check_room(self, record: ReleaseRecord, found: Found) -> None:
        if found.deployment is None or not record.strategy.steps:
            return
        extra = settled_split(record.strategy, 0, found.deployment.replicas).canary
        if problems := quota_headroom(found.quotas, record.template, extra):
            message = f"no room for {extra} pods of the canary: {'; '.join(map(str, problems))}"
            raise FarSideFailed(message, hint="raise the quota, or use smaller weights; nothing was changed")


def read_state(deployment: Deployment) -> RolloutState | None:
    """Return the rollout's state; Conflict for labels that this version cannot read."""
    try:
        return from_labels(deployment.labels)
    except StateUnreadable as problem:
        message = f"Deployment {deployment.name} in {deployment.namespace}: {problem}"
        raise Conflict(
            message, hint="use the newer cictl, or remove the labels if they were edited by hand"
        ) from problem


def label_selector(selector: Mapping[str, Any]) -> str:
    """Return a Deployment's selector as the API's query takes it."""
    equal = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    return ",".join([*equal, *(_expression(item) for item in selector.get("matchExpressions") or ())])


def _expression(item: Mapping[str, Any]) -> str:
    key, operator, values = str(item["key"]), str(item["operator"]), ",".join(item.get("values") or ())
    written = {
        "In": f"{key} in ({values})",
        "NotIn": f"{key} notin ({values})",
        "Exists": key,
        "DoesNotExist": f"!{key}",
    }
    return written[operator]


def first_install_body(record: ReleaseRecord, token: int) -> Json:
    """Return the Deployment of a first install, its state labels with it."""
    if record.deployment_object is None:
        message = f"Deployment {record.deployment} is gone and was not made from a chart"
        raise NotFound(message, hint="create it again as it was made")
    state = first_write(record, token, record.created).state
    body = dict(record.deployment_object)
    metadata = dict(body["metadata"])
    metadata["labels"] = {**(metadata.get("labels") or {}), **to_labels(state)}
    return {**body, "metadata": metadata}


def _own_of(deployment_object: Mapping[str, Any] | None) -> HeldFields:
    return held_fields({} if deployment_object is None else deployment_object["spec"])


def _new_template(wanted: Wanted, found: Found) -> Mapping[str, Any]:
    if wanted.template is not None:
        return wanted.template
    if wanted.deployment_object is not None:
        template: Mapping[str, Any] = wanted.deployment_object["spec"]["template"]
        return template
    raw = found.raw or {}
    container = wanted.container or service_container(raw, wanted.service)
    if container is None or image_of(raw, container) is None:
        message = f"Deployment {wanted.deployment} has several containers; which one gets the image is not clear"
        raise ConfigInvalid(message, hint="name it with --container")
    changed: Mapping[str, Any] = set_image(raw, container, wanted.image)["spec"]["template"]
    return changed


def _new_replicas(wanted: Wanted, found: Found) -> int | None:
    """Return the scale that the release asks for, None where an autoscaler or nobody says so."""
    if wanted.deployment_object is None or found.deployment is None or found.autoscalers:
        return None
    asked = wanted.deployment_object["spec"].get("replicas")
    return None if asked is None or int(asked) == found.deployment.replicas else int(asked)


def _running_release(found: Found) -> int | None:
    live = found.deployment
    if live is None:
        return None
    running = [
        stored.revision
        for stored in found.releases
        if stored.outcome is Phase.SUCCEEDED and template_key(stored.record.template) == live.template_key
    ]
    return max(running, default=None)


def _raise_refusals(found: Sequence[Refusal]) -> None:
    if not found:
        return
    error: type[CictlError] = Conflict if any(refusal.conflict for refusal in found) else ConfigInvalid
    raise error("; ".join(refusal.message for refusal in found), hint=found[0].hint)


def _plan(record: ReleaseRecord, found: Found, changed: tuple[ObjectName, ...], wanted: Wanted) -> Plan:
    live = found.deployment
    container = service_container(found.raw or {}, wanted.service) or wanted.container
    before = image_of(found.raw, container) if found.raw is not None and container else None
    replicas = record.replicas or (live.replicas if live else _first_replicas(wanted))
    room = not found.quotas or not quota_headroom(found.quotas, record.template, replicas)
    warnings = [*wanted.warnings]
    for scaler in found.autoscalers:
        for metric in scaler.foreign_metrics:
            warnings.append(f"{scaler.name}: metric {metric} is divided by all pods, the canary's too")
    return Plan(
        record=replace(record, may_double=room),
        deployment=live,
        token=(found.state.token if found.state else 0) + 1,
        image_before=before,
        differences=_differences(record, found),
        changed=changed,
        warnings=tuple(warnings),
        replicas=replicas,
    )


def _first_replicas(wanted: Wanted) -> int:
    return int((wanted.deployment_object or {}).get("spec", {}).get("replicas") or 1)


def _differences(record: ReleaseRecord, found: Found) -> tuple[str, ...]:
    live = found.deployment
    if live is None:
        return (f"image: (none) → {record.image}",)
    scale = () if record.replicas is None else (f"replicas: {live.replicas} → {record.replicas}",)
    if live.template_key == template_key(record.template):
        return scale
    running = next((stored for stored in found.releases if stored.revision == record.stable_release), None)
    if running is not None and not record.is_adopted and not running.record.is_adopted:
        before, after = content_of(running.record), content_of(record)
        return (*diff_releases(before, after), *scale)
    old, new = {"spec": {"template": live.template}}, {"spec": {"template": record.template}}
    return (*diff_objects(old, new), *scale)
