"""A small faithful model of Kubernetes' Deployment and ReplicaSet controllers, holding the API's own JSON.

It follows pkg/controller/deployment (rolling.go, sync.go, util/deployment_util.go) of Kubernetes 1.34: the sums that
decide how many pods of which template there are. Pods have no containers: each is ready or not, since a time.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cictl.core.holding import HELD_PROGRESS_DEADLINE_SECONDS
from cictl.core.observe import Seen
from cictl.core.workload import HASH_LABEL, HeldFields, canonical_json, held_fields, template_key, without_hash
from cictl.errors import Conflict, NotFound

Json = dict[str, Any]
EPOCH = 1_700_000_000.0
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
REVISION = "deployment.kubernetes.io/revision"
_MAX_SYNCS = 300


def template_of(image: str) -> Json:
    """Return a pod template that runs IMAGE."""
    return {
        "metadata": {"labels": {"app": "shop"}},
        "spec": {"containers": [{"name": "app", "image": image}]},
    }


def apply_patch(document: Json, operations: Sequence[Json]) -> Json:
    """Return DOCUMENT after a JSON Patch (RFC 6902), as the API server applies it; Conflict where a test fails."""
    changed = copy.deepcopy(document)
    for operation in operations:
        _apply_operation(changed, operation)
    return changed


def _apply_operation(document: Json, operation: Json) -> None:
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
    place: Any = document
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place.get(part)
        if place is None:
            raise Conflict(f"{operation['path']} does not exist")
    key: Any = int(last) if isinstance(place, list) else last
    exists = key < len(place) if isinstance(place, list) else key in place
    match operation["op"]:
        case "test":
            found = place[key] if exists else None
            if canonical_json(found) != canonical_json(operation["value"]):
                raise Conflict(f"testing {operation['path']} failed")
        case "remove":
            del place[key]
        case "replace" if not exists:
            raise Conflict(f"{operation['path']} does not exist")
        case _:
            place[key] = copy.deepcopy(operation["value"])


@dataclass
class Pod:
    """`ready_since` is None while it is not ready; `is_broken` pods stay so."""

    name: str
    owner: str
    born: float
    ready_since: float | None = None
    is_broken: bool = False


class Model:
    """One Deployment called shop, with what its controllers make of it; every change is one call."""

    def __init__(
        self, *, replicas: int, own: HeldFields, image: str = "v1", strategy_type: str = "RollingUpdate"
    ) -> None:
        self.now = EPOCH
        self.version = 100
        self.broken: set[str] = set()
        self.pods: list[Pod] = []
        self.replica_sets: list[Json] = []
        rolling = {"rollingUpdate": {"maxSurge": own.max_surge, "maxUnavailable": own.max_unavailable}}
        self.deployment: Json | None = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": "shop",
                "namespace": "prod",
                "uid": "uid-shop",
                "generation": 1,
                "resourceVersion": "100",
                "labels": {"app": "shop"},
            },
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": "shop"}},
                "template": template_of(image),
                "minReadySeconds": own.min_ready_seconds,
                "progressDeadlineSeconds": own.progress_deadline_seconds,
                "strategy": {"type": strategy_type, **(rolling if strategy_type == "RollingUpdate" else {})},
            },
            "status": {},
        }
        self.settle()

    # What a client sees and does.

    @property
    def live(self) -> Json:
        """The Deployment, which must be there."""
        if self.deployment is None:
            raise NotFound("the Deployment is gone")
        return self.deployment

    @property
    def wanted(self) -> int:
        """What the Deployment asks for."""
        return int(self.live["spec"]["replicas"])

    @property
    def held(self) -> HeldFields:
        """The held fields as they are."""
        return held_fields(self.live["spec"])

    @property
    def key(self) -> str:
        """The identity of the Deployment's template."""
        return template_key(self.live["spec"]["template"])

    def seen(self) -> Seen:
        """Return copies of everything, as a watch shows it."""
        deployments = [] if self.deployment is None else [copy.deepcopy(self.deployment)]
        return Seen(deployments, copy.deepcopy(self.replica_sets), [self._pod_json(pod) for pod in self.pods])

    def patch(self, kind: str, name: str, operations: Sequence[Json]) -> Json:
        """Apply a JSON Patch, conditional or not; the generation rises where the spec changes."""
        if kind == "Deployment":
            changed = self._changed(self.live, operations)
            self.deployment = changed
            return copy.deepcopy(changed)
        index = next((i for i, found in enumerate(self.replica_sets) if found["metadata"]["name"] == name), None)
        if index is None:
            raise NotFound(f"ReplicaSet {name} is gone")
        self.replica_sets[index] = self._changed(self.replica_sets[index], operations)
        return copy.deepcopy(self.replica_sets[index])

    def edit(self, **spec: object) -> None:
        """Change the Deployment's spec as somebody else does, without asking."""
        operations = [{"op": "add", "path": f"/spec/{key}", "value": value} for key, value in spec.items()]
        self.patch("Deployment", "shop", operations)

    def count(self, key: str) -> int:
        """Return how many pods the ReplicaSets with this template ask for."""
        return sum(_size(each) for each in self.replica_sets if template_key(each["spec"]["template"]) == key)

    @property
    def split(self) -> tuple[int, ...]:
        """The sizes of the ReplicaSets that have any, oldest first."""
        return tuple(_size(each) for each in self.replica_sets if _size(each))

    @property
    def ready(self) -> int:
        """How many pods serve."""
        return sum(pod.ready_since is not None for pod in self.pods)

    def pods_of(self, key: str) -> list[Pod]:
        """Return the pods with this template."""
        names = {
            each["metadata"]["name"] for each in self.replica_sets if template_key(each["spec"]["template"]) == key
        }
        return [pod for pod in self.pods if pod.owner in names]

    def _changed(self, before: Json, operations: Sequence[Json]) -> Json:
        after = apply_patch(before, operations)
        if canonical_json(after) == canonical_json(before):
            return before
        if canonical_json(after["spec"]) != canonical_json(before["spec"]):
            after["metadata"]["generation"] = before["metadata"]["generation"] + 1
        after["metadata"]["resourceVersion"] = self._next_version()
        return after

    def _next_version(self) -> str:
        self.version += 1
        return str(self.version)

    def _pod_json(self, pod: Pod) -> Json:
        ready = pod.ready_since is not None
        stamp = _stamp(pod.ready_since if pod.ready_since is not None else pod.born)
        return {
            "metadata": {
                "name": pod.name,
                "ownerReferences": [{"uid": f"uid-{pod.owner}", "controller": True}],
                "creationTimestamp": _stamp(pod.born),
            },
            "status": {
                "phase": "Running" if ready else "Pending",
                "conditions": [{"type": "Ready", "status": str(ready), "lastTransitionTime": stamp}],
            },
        }

    # Time, nodes and the ReplicaSet controller.

    def settle(self) -> None:
        """Let every controller work until nothing changes any more."""
        for _ in range(_MAX_SYNCS):
            before = self.version
            self.sync_deployment()
            self.sync_replica_sets()
            self.start_pods()
            self.sync_replica_sets()
            if self.version == before:
                return
        message = f"the controllers never come to rest: {self.split}"
        raise AssertionError(message)

    def start_pods(self) -> None:
        """Let every pod that can become ready."""
        for pod in self.pods:
            if pod.ready_since is None and not pod.is_broken and self._image_of(pod) not in self.broken:
                pod.ready_since = self.now
                self._next_version()

    def _image_of(self, pod: Pod) -> str:
        owner = next((each for each in self.replica_sets if each["metadata"]["name"] == pod.owner), None)
        return "" if owner is None else str(owner["spec"]["template"]["spec"]["containers"][0]["image"])

    def sync_replica_sets(self) -> None:
        """Create and delete pods, then say how many there are."""
        for each in self.replica_sets:
            self._match_size(each)
            self._write_status(each, self._replica_set_status(each))

    def _match_size(self, each: Json) -> None:
        name = each["metadata"]["name"]
        mine = [pod for pod in self.pods if pod.owner == name]
        for _ in range(_size(each) - len(mine)):
            self.pods.append(Pod(f"{name}-{self._next_version()}", name, self.now))
        surplus = sorted(mine, key=_keep_longest, reverse=True)[: max(0, len(mine) - _size(each))]
        if surplus:
            self.pods = [pod for pod in self.pods if pod not in surplus]
            self._next_version()

    def _replica_set_status(self, each: Json) -> Json:
        mine = [pod for pod in self.pods if pod.owner == each["metadata"]["name"]]
        since = [pod.ready_since for pod in mine if pod.ready_since is not None]
        long_enough = self.now - each["spec"]["minReadySeconds"]
        return {
            "observedGeneration": each["metadata"]["generation"],
            "replicas": len(mine),
            "readyReplicas": len(since),
            "availableReplicas": sum(each["spec"]["minReadySeconds"] == 0 or at <= long_enough for at in since),
        }

    def _write_status(self, raw: Json, status: Json) -> None:
        if canonical_json(raw.get("status")) != canonical_json(status):
            raw["status"] = status
            raw["metadata"]["resourceVersion"] = self._next_version()

    # The Deployment controller.

    def sync_deployment(self) -> None:
        """Do one sync of the Deployment."""
        if self.deployment is None:
            self.replica_sets, self.pods = [], []
            return
        if self.live["spec"].get("paused") or self._is_scaling_event():
            new = self._new_replica_set(create=False)
            self._scale(new, self._olds(new))
            self._sync_status(new, is_rollout=False)
            return
        if self.live["spec"]["strategy"]["type"] == "Recreate":
            self._recreate()
            return
        self._roll()

    def _roll(self) -> None:
        new = self._new_replica_set(create=True)
        if new is None or not (self._reconcile_new(new) or self._reconcile_old(new)):
            self._clean_up(new)
        self._sync_status(new, is_rollout=True)

    def _recreate(self) -> None:
        old = self._olds(self._new_replica_set(create=False))
        if any(_size(each) for each in old):
            for each in old:
                self._resize(each, 0)
        elif not any(pod.owner == each["metadata"]["name"] for each in old for pod in self.pods):
            new = self._new_replica_set(create=True)
            if new is not None:
                self._resize(new, self.wanted)
        self._sync_status(self._new_replica_set(create=False), is_rollout=True)

    def _clean_up(self, new: Json | None) -> None:
        """Keep at most `revisionHistoryLimit` old ReplicaSets once the rollout is complete."""
        limit = self.live["spec"].get("revisionHistoryLimit", 10)
        if not self._is_complete(self.live["status"]):
            return
        old = sorted(self._olds(new), key=_revision)
        for each in old[: max(0, len(old) - limit)]:
            if not _size(each) and not each["status"].get("replicas"):
                self.replica_sets.remove(each)
                self._next_version()

    def _is_scaling_event(self) -> bool:
        new = self._new_replica_set(create=False)
        everyone = [*self._olds(new), *([new] if new else [])]
        return any(int(each["metadata"]["annotations"][DESIRED]) != self.wanted for each in everyone if _size(each))

    def _olds(self, new: Json | None) -> list[Json]:
        return [each for each in self.replica_sets if each is not new]

    def _new_replica_set(self, *, create: bool) -> Json | None:
        spec = self.live["spec"]
        found = next((each for each in self.replica_sets if _key(each) == template_key(spec["template"])), None)
        revision = max((_revision(each) for each in self._olds(found)), default=0) + 1
        if found is not None:
            self._refresh_new(found, revision)
            return found
        return self._create_new(revision) if create else None

    def _refresh_new(self, found: Json, revision: int) -> None:
        annotations, seconds = found["metadata"]["annotations"], self.live["spec"].get("minReadySeconds", 0)
        if _revision(found) < revision or found["spec"]["minReadySeconds"] != seconds:
            annotations[REVISION] = str(max(revision, _revision(found)))
            if found["spec"]["minReadySeconds"] != seconds:
                found["spec"]["minReadySeconds"] = seconds
                found["metadata"]["generation"] += 1
            found["metadata"]["resourceVersion"] = self._next_version()

    def _create_new(self, revision: int) -> Json:
        spec = self.live["spec"]
        digest = template_key(spec["template"])[:10]
        template = without_hash(spec["template"])
        template["metadata"]["labels"][HASH_LABEL] = digest
        number = self._next_version()
        created: Json = {
            "metadata": {
                "name": f"shop-{digest}",
                "uid": f"uid-shop-{digest}",
                "generation": 1,
                "resourceVersion": number,
                "creationTimestamp": _stamp(EPOCH + int(number)),
                "labels": {"app": "shop", HASH_LABEL: digest},
                "annotations": {REVISION: str(revision)},
                "ownerReferences": [{"uid": self.live["metadata"]["uid"], "controller": True}],
            },
            "spec": {"replicas": 0, "minReadySeconds": spec.get("minReadySeconds", 0), "template": template},
            "status": {},
        }
        self._note_sizes(created)
        self.replica_sets.append(created)
        created["spec"]["replicas"] = self._new_size(created)
        self._write_condition("True", "NewReplicaSetCreated")
        return created

    def _note_sizes(self, each: Json) -> None:
        each["metadata"]["annotations"] |= {
            DESIRED: str(self.wanted),
            MAXIMUM: str(self.wanted + self._fenceposts()[0]),
        }

    def _fenceposts(self) -> tuple[int, int]:
        """Return maxSurge and maxUnavailable in pods."""
        strategy = self.live["spec"]["strategy"]
        if strategy["type"] != "RollingUpdate":
            return 0, 0
        surge = _scaled(strategy["rollingUpdate"]["maxSurge"], self.wanted, is_up=True)
        gone = _scaled(strategy["rollingUpdate"]["maxUnavailable"], self.wanted, is_up=False)
        if surge == 0 and gone == 0:
            gone = 1
        return surge, min(gone, self.wanted)

    def _new_size(self, new: Json) -> int:
        if self.live["spec"]["strategy"]["type"] == "Recreate":
            return self.wanted
        room = self.wanted + self._fenceposts()[0] - sum(map(_size, self.replica_sets))
        return _size(new) if room <= 0 else _size(new) + min(room, self.wanted - _size(new))

    def _reconcile_new(self, new: Json) -> bool:
        if _size(new) == self.wanted:
            return False
        return self._resize(new, self.wanted if _size(new) > self.wanted else self._new_size(new))

    def _reconcile_old(self, new: Json) -> bool:
        old = [each for each in self._olds(new) if _size(each)]
        least = self.wanted - self._fenceposts()[1]
        unavailable = _size(new) - new["status"].get("availableReplicas", 0)
        most = sum(map(_size, self.replica_sets)) - least - unavailable
        if not old or most <= 0:
            return False
        cleaned = self._drop_unhealthy(old, most)
        return self._drop_available([*old, new], old, least) or cleaned > 0

    def _drop_unhealthy(self, old: Iterable[Json], most: int) -> int:
        cleaned = 0
        for each in old:
            unhealthy = _size(each) - each["status"].get("availableReplicas", 0)
            if cleaned < most and unhealthy > 0:
                gone = min(most - cleaned, unhealthy)
                self._resize(each, _size(each) - gone)
                cleaned += gone
        return cleaned

    def _drop_available(self, everyone: Iterable[Json], old: Iterable[Json], least: int) -> bool:
        room = sum(each["status"].get("availableReplicas", 0) for each in everyone) - least
        dropped = 0
        for each in old:
            if dropped < room and _size(each):
                gone = min(_size(each), room - dropped)
                self._resize(each, _size(each) - gone)
                dropped += gone
        return dropped > 0

    def _resize(self, each: Json, size: int) -> bool:
        if _size(each) == size:
            return False
        self._set_size(each, size)
        return True

    def _set_size(self, each: Json, size: int) -> None:
        before = canonical_json(each["metadata"]["annotations"])
        self._note_sizes(each)
        if _size(each) != size:
            each["spec"]["replicas"] = size
            each["metadata"]["generation"] += 1
        elif canonical_json(each["metadata"]["annotations"]) == before:
            return
        each["metadata"]["resourceVersion"] = self._next_version()

    def _scale(self, new: Json | None, old: list[Json]) -> None:
        everyone = [*old, *([new] if new else [])]
        active = [each for each in everyone if _size(each)]
        if len(active) <= 1:
            latest = active[0] if active else (new or (old[-1] if old else None))
            if latest is not None:
                self._resize(latest, self.wanted)
            return
        if new is not None and self._is_saturated(new):
            for each in old:
                self._resize(each, 0)
            return
        self._scale_in_proportion(active)

    def _is_saturated(self, new: Json) -> bool:
        desired = int(new["metadata"]["annotations"][DESIRED])
        available = int(new["status"].get("availableReplicas", 0))
        return _size(new) == desired == self.wanted == available

    def _scale_in_proportion(self, active: list[Json]) -> None:
        allowed = self.wanted + self._fenceposts()[0] if self.wanted else 0
        to_add = allowed - sum(map(_size, active))
        index = {each["metadata"]["name"]: number for number, each in enumerate(self.replica_sets)}
        sign = -1 if to_add > 0 else 1
        active = sorted(active, key=lambda each: (-_size(each), sign * index[each["metadata"]["name"]]))
        sizes, added = [], 0
        for each in active:
            part = self._proportion(each, to_add, added)
            sizes.append(_size(each) + part)
            added += part
        sizes[0] = max(0, sizes[0] + to_add - added)
        for each, size in zip(active, sizes, strict=True):
            self._set_size(each, size)

    def _proportion(self, each: Json, to_add: int, added: int) -> int:
        if to_add in {0, added}:
            return 0
        left = to_add - added
        if self.wanted == 0:
            fraction = -_size(each)
        else:
            now = self.wanted + self._fenceposts()[0]
            before = int(each["metadata"]["annotations"][MAXIMUM]) or self.live["status"]["replicas"]
            fraction = _round(_size(each) * now / before) - _size(each)
        return min(fraction, left) if to_add > 0 else max(fraction, left)

    # The Deployment's status.

    def _is_complete(self, status: Json) -> bool:
        counts = (status.get("updatedReplicas"), status.get("replicas"), status.get("availableReplicas"))
        return counts == (self.wanted,) * 3 and status["observedGeneration"] >= self.live["metadata"]["generation"]

    def _sync_status(self, new: Json | None, *, is_rollout: bool) -> None:
        before = self.live["status"]
        statuses = [each["status"] for each in self.replica_sets]
        status: Json = {
            "observedGeneration": self.live["metadata"]["generation"],
            "replicas": sum(each.get("replicas", 0) for each in statuses),
            "updatedReplicas": new["status"].get("replicas", 0) if new else 0,
            "readyReplicas": sum(each.get("readyReplicas", 0) for each in statuses),
            "availableReplicas": sum(each.get("availableReplicas", 0) for each in statuses),
            "conditions": list(before.get("conditions", [])),
        }
        if is_rollout:
            status["conditions"] = self._conditions(before, status)
        self._write_status(self.live, status)

    def _conditions(self, before: Json, status: Json) -> list[Json]:
        """Return the condition Progressing as progress.go does: none where there is no deadline."""
        deadline = self.live["spec"]["progressDeadlineSeconds"]
        known: list[Json] = status["conditions"]
        if deadline == HELD_PROGRESS_DEADLINE_SECONDS:
            return []
        current = known[0] if known else None
        if (
            current
            and current["reason"] == "NewReplicaSetAvailable"
            and status["replicas"] == status["updatedReplicas"]
        ):
            return known
        if self._is_complete(status):
            return [self._progressing("True", "NewReplicaSetAvailable")]
        if _has_progressed(before, status):
            return [self._progressing("True", "ReplicaSetUpdated")]
        if current and self._has_timed_out(current, deadline):
            late = current["reason"] == "ProgressDeadlineExceeded"
            return known if late else [self._progressing("False", "ProgressDeadlineExceeded")]
        return known

    def _has_timed_out(self, current: Json, deadline: int) -> bool:
        if current["reason"] == "NewReplicaSetAvailable":
            return False
        at = datetime.fromisoformat(current["lastUpdateTime"]).timestamp()
        return current["reason"] == "ProgressDeadlineExceeded" or at + deadline < self.now

    def _progressing(self, status: str, reason: str) -> Json:
        return {
            "type": "Progressing",
            "status": status,
            "reason": reason,
            "message": reason,
            "lastUpdateTime": _stamp(self.now),
            "lastTransitionTime": _stamp(self.now),
        }

    def _write_condition(self, status: str, reason: str) -> None:
        if self.live["spec"]["progressDeadlineSeconds"] != HELD_PROGRESS_DEADLINE_SECONDS:
            self.live["status"]["conditions"] = [self._progressing(status, reason)]


def _has_progressed(before: Json, after: Json) -> bool:
    def old(status: Json) -> int:
        return int(status.get("replicas", 0) - status.get("updatedReplicas", 0))

    counts = ("updatedReplicas", "readyReplicas", "availableReplicas")
    return old(after) < old(before) or any(int(after[each]) > int(before.get(each, 0)) for each in counts)


def _keep_longest(pod: Pod) -> tuple[bool, float]:
    """Sort the pods that go first to the end: those that do not serve, then those that serve shortest."""
    return (pod.ready_since is None, pod.ready_since or pod.born)


def _scaled(value: int | str, total: int, *, is_up: bool) -> int:
    if isinstance(value, int):
        return value
    product = int(value.removesuffix("%")) * total
    return -(-product // 100) if is_up else product // 100


def _round(value: float) -> int:
    return int(value + 0.5) if value >= 0 else int(value - 0.5)


def _size(each: Json) -> int:
    return int(each["spec"]["replicas"])


def _key(each: Json) -> str:
    return template_key(each["spec"]["template"])


def _revision(each: Json) -> int:
    return int(each["metadata"]["annotations"][REVISION])


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
