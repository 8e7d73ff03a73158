"""Actions as JSON Patches (RFC 6902): what is tested and what is set, in one write.

`metadata.generation` rises with the spec alone, so status updates do not disturb; the state labels rise with every act.
A request of a driver whose knowledge is old therefore fails as a whole (422), whenever it arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cictl.core.rollout import Write
from cictl.core.rollout_state import STATE_LABELS, TOKEN, RolloutState, to_labels
from cictl.core.workload import Deployment, HeldFields, Json, ReplicaSet

Operation = dict[str, Any]


def escape(key: str) -> str:
    """Return KEY as one token of a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _operation(op: str, path: str, value: object) -> Operation:
    return {"op": op, "path": path, "value": value}


def guards(deployment: Deployment) -> list[Operation]:
    """Return the tests that make a write depend on all that was read of DEPLOYMENT."""
    tests = [
        _operation("test", "/metadata/uid", deployment.uid),
        _operation("test", "/metadata/generation", deployment.generation),
    ]
    tests += [
        _operation("test", f"/metadata/labels/{escape(label)}", deployment.labels[label])
        for label in STATE_LABELS
        if label in deployment.labels
    ]
    if TOKEN in deployment.labels:
        return tests
    absent = f"/metadata/labels/{escape(TOKEN)}" if deployment.labels else "/metadata/labels"
    return [*tests, _operation("test", absent, None)]


def state_operations(deployment: Deployment, state: RolloutState) -> list[Operation]:
    """Return the operations that set the state labels."""
    labels = to_labels(state)
    if not deployment.labels:
        return [_operation("add", "/metadata/labels", labels)]
    return [_operation("add", f"/metadata/labels/{escape(key)}", value) for key, value in labels.items()]


def field_operations(fields: HeldFields) -> list[Operation]:
    """Return the operations that set the held fields, explicitly: own values are never given back by leaving out."""
    strategy: dict[str, Any] = {"type": fields.strategy_type}
    if fields.is_rolling:
        strategy["rollingUpdate"] = {"maxSurge": fields.max_surge, "maxUnavailable": fields.max_unavailable}
    return [
        _operation("add", "/spec/minReadySeconds", fields.min_ready_seconds),
        _operation("add", "/spec/progressDeadlineSeconds", fields.progress_deadline_seconds),
        _operation("add", "/spec/strategy", strategy),
    ]


def write_operations(deployment: Deployment, write: Write, templates: Mapping[str, Json]) -> list[Operation]:
    """Return the whole patch of a Write; TEMPLATES holds "stable" and "canary"."""
    operations = guards(deployment)
    if write.template is not None:
        operations.append(_operation("replace", "/spec/template", templates[write.template]))
    if write.fields is not None:
        operations += field_operations(write.fields)
    if write.replicas is not None:
        operations.append(_operation("add", "/spec/replicas", write.replicas))
    if write.unpause:
        operations.append(_operation("add", "/spec/paused", value=False))
    return operations + state_operations(deployment, write.state)


def manifest_operations(deployment: Deployment, manifest: Json) -> list[Operation]:
    """Return the operations that bring what a chart says of the Deployment itself, beside template, scale and hold.

    Labels and annotations of others stay; so do those that an earlier chart set.
    """
    operations: list[Operation] = []
    metadata = manifest.get("metadata") or {}
    for part, live in (("labels", deployment.labels), ("annotations", deployment.annotations)):
        wanted = metadata.get(part) or {}
        if wanted and not live:
            operations.append(_operation("add", f"/metadata/{part}", dict(wanted)))
            continue
        changed = {key: value for key, value in wanted.items() if live.get(key) != value}
        operations += [_operation("add", f"/metadata/{part}/{escape(key)}", value) for key, value in changed.items()]
    limit = manifest["spec"].get("revisionHistoryLimit")
    return operations if limit is None else [*operations, _operation("add", "/spec/revisionHistoryLimit", limit)]


def scale_operations(replica_set: ReplicaSet, replicas: int) -> list[Operation]:
    """Return the patch that repairs a split; it depends on the ReplicaSet's every field."""
    return [
        _operation("test", "/metadata/uid", replica_set.uid),
        _operation("test", "/metadata/resourceVersion", replica_set.resource_version),
        _operation("replace", "/spec/replicas", replicas),
    ]


def fence_operations(replica_set: ReplicaSet, token: int) -> list[Operation]:
    """Return the patch that makes every repair of an older driver fail: its resourceVersion is gone."""
    return [
        _operation("test", "/metadata/uid", replica_set.uid),
        _operation("add", f"/metadata/labels/{escape(TOKEN)}", str(token)),
    ]


def forget_operations(deployment: Deployment, manager: str) -> list[Operation]:
    """Return the patch that takes MANAGER's entries out of managedFields, so that no owner's apply conflicts."""
    operations = []
    for index in range(len(deployment.managed_fields) - 1, -1, -1):
        if deployment.managed_fields[index].get("manager") == manager:
            path = f"/metadata/managedFields/{index}"
            operations += [_operation("test", f"{path}/manager", manager), {"op": "remove", "path": path}]
    return operations
