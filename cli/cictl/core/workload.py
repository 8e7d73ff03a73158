"""Deployments and ReplicaSets as frozen views of the API's JSON; refuses to know anything of rollouts."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]
IntOrPercent = int | str

FIELD_MANAGER = "cictl"  # who writes, in managedFields
HASH_LABEL = "pod-template-hash"
REVISION_ANNOTATION = "deployment.kubernetes.io/revision"
DEFAULT_PROGRESS_DEADLINE_SECONDS = 600
DEFAULT_PART = "25%"
ROLLING_UPDATE = "RollingUpdate"


@dataclass(frozen=True, slots=True)
class HeldFields:
    """The four fields that hold a rolling update and move it on; `strategy_type` stands beside the last two."""

    min_ready_seconds: int
    progress_deadline_seconds: int
    max_surge: IntOrPercent
    max_unavailable: IntOrPercent
    strategy_type: str = ROLLING_UPDATE

    @property
    def is_rolling(self) -> bool:
        """Whether old and new pods may run side by side: Recreate, which has no maxSurge, forbids it."""
        return self.strategy_type == ROLLING_UPDATE


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of `status.conditions`; `updated` in seconds since the epoch, 0 where the API does not tell."""

    status: str
    reason: str
    message: str
    updated: float = 0.0


@dataclass(frozen=True, slots=True)
class Deployment:
    """A Deployment as read; `template` is the API's JSON, `template_key` its identity."""

    name: str
    namespace: str
    uid: str
    generation: int
    observed_generation: int
    resource_version: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    selector: Json
    replicas: int
    paused: bool
    held: HeldFields
    template: Json
    template_key: str
    conditions: Mapping[str, Condition]
    managed_fields: tuple[Json, ...]
    total_pods: int
    updated_pods: int
    ready_pods: int
    available_pods: int

    @property
    def is_observed(self) -> bool:
        """Whether the controller has seen the newest spec."""
        return self.observed_generation >= self.generation


@dataclass(frozen=True, slots=True)
class ReplicaSet:
    """One release's pods as the Deployment's controller counts them."""

    name: str
    uid: str
    resource_version: str
    is_observed: bool
    wanted: int
    pods: int
    ready: int
    available: int
    template: Json
    template_key: str
    revision: int
    labels: Mapping[str, str]
    failure: str | None

    @property
    def is_settled(self) -> bool:
        """Whether as many pods exist and are ready as are wanted."""
        return self.is_observed and self.pods == self.wanted == self.ready


def canonical_json(value: object) -> str:
    """Return one text for one value, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def without_hash(template: Json) -> dict[str, Any]:
    """Return TEMPLATE less the label that the controller adds in a ReplicaSet."""
    copy: dict[str, Any] = json.loads(canonical_json(template))
    metadata = copy.get("metadata") or {}
    metadata.get("labels", {}).pop(HASH_LABEL, None)
    metadata.pop("creationTimestamp", None)
    copy["metadata"] = metadata
    return copy


def template_key(template: Json) -> str:
    """Return the identity of a pod template: what the controller compares, as a short digest."""
    return hashlib.sha256(canonical_json(without_hash(template)).encode()).hexdigest()[:20]


def held_fields(spec: Json) -> HeldFields:
    """Return the held fields of a Deployment's SPEC, with the API's defaults where it leaves them out."""
    strategy = spec.get("strategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    return HeldFields(
        min_ready_seconds=int(spec.get("minReadySeconds") or 0),
        progress_deadline_seconds=_progress_deadline(spec),
        max_surge=rolling.get("maxSurge", DEFAULT_PART),
        max_unavailable=rolling.get("maxUnavailable", DEFAULT_PART),
        strategy_type=strategy.get("type", ROLLING_UPDATE),
    )


def _progress_deadline(spec: Json) -> int:
    value = spec.get("progressDeadlineSeconds")
    return DEFAULT_PROGRESS_DEADLINE_SECONDS if value is None else int(value)


def read_deployment(raw: Json) -> Deployment:
    """Return the view of a Deployment in the API's JSON."""
    meta, spec, status = raw["metadata"], raw["spec"], raw.get("status") or {}
    return Deployment(
        name=meta["name"],
        namespace=meta.get("namespace", ""),
        uid=meta.get("uid", ""),
        generation=int(meta.get("generation", 0)),
        observed_generation=int(status.get("observedGeneration", 0)),
        resource_version=meta.get("resourceVersion", ""),
        labels=meta.get("labels") or {},
        annotations=meta.get("annotations") or {},
        selector=spec.get("selector") or {},
        replicas=_replicas(spec),
        paused=bool(spec.get("paused", False)),
        held=held_fields(spec),
        template=spec["template"],
        template_key=template_key(spec["template"]),
        conditions=_conditions(status),
        managed_fields=tuple(meta.get("managedFields") or ()),
        total_pods=int(status.get("replicas", 0)),
        updated_pods=int(status.get("updatedReplicas", 0)),
        ready_pods=int(status.get("readyReplicas", 0)),
        available_pods=int(status.get("availableReplicas", 0)),
    )


def _replicas(spec: Json) -> int:
    value = spec.get("replicas")
    return 1 if value is None else int(value)


def _conditions(status: Json) -> dict[str, Condition]:
    return {
        entry["type"]: Condition(
            entry.get("status", ""), entry.get("reason", ""), entry.get("message", ""), _updated(entry)
        )
        for entry in status.get("conditions") or ()
    }


def _updated(entry: Json) -> float:
    stamp = entry.get("lastUpdateTime") or entry.get("lastTransitionTime")
    return datetime.fromisoformat(stamp).timestamp() if stamp else 0.0


def read_replica_set(raw: Json) -> ReplicaSet:
    """Return the view of a ReplicaSet in the API's JSON."""
    meta, spec, status = raw["metadata"], raw["spec"], raw.get("status") or {}
    failure = _conditions(status).get("ReplicaFailure")
    return ReplicaSet(
        name=meta["name"],
        uid=meta.get("uid", ""),
        resource_version=meta.get("resourceVersion", ""),
        is_observed=int(status.get("observedGeneration", 0)) >= int(meta.get("generation", 0)),
        wanted=_replicas(spec),
        pods=int(status.get("replicas", 0)),
        ready=int(status.get("readyReplicas", 0)),
        available=int(status.get("availableReplicas", 0)),
        template=spec["template"],
        template_key=template_key(spec["template"]),
        revision=_revision(meta),
        labels=meta.get("labels") or {},
        failure=failure.message if failure and failure.status == "True" else None,
    )


def _revision(meta: Json) -> int:
    """Return the controller's number, 0 where there is none: anybody may edit it, and the controller writes it anew."""
    text = (meta.get("annotations") or {}).get(REVISION_ANNOTATION, "")
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else 0


def is_owned_by(raw: Json, uid: str) -> bool:
    """Whether the object's controlling owner has this UID."""
    owners: Sequence[Json] = raw["metadata"].get("ownerReferences") or ()
    return any(owner.get("uid") == uid and owner.get("controller") for owner in owners)


def last_writer(deployment: Deployment, *, other_than: str) -> str:
    """Say who wrote the spec last, by managedFields, leaving out one manager; "somebody" where nothing tells."""
    entries = [
        entry
        for entry in deployment.managed_fields
        if entry.get("manager") != other_than and "f:spec" in (entry.get("fieldsV1") or {})
    ]
    if not entries:
        return "somebody"
    newest = max(entries, key=lambda entry: str(entry.get("time", "")))
    return f"{newest.get('manager')} ({newest.get('operation')} at {newest.get('time')})"


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
