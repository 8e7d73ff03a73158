"""A small faithful model of Kubernetes' Deployment controller.

It follows pkg/controller/deployment (rolling.go, sync.go, util/deployment_util.go) of Kubernetes 1.34: the sums that
decide how many pods of which template there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cictl.core.holding import HELD_PROGRESS_DEADLINE_SECONDS
from cictl.core.workload import HASH_LABEL, canonical_json, template_key, without_hash
from tests.unit.rollout_objects import EPOCH, Json, Objects, size_of, stamp

DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
REVISION = "deployment.kubernetes.io/revision"


class DeploymentController:
    """What it does to OBJECTS; it remembers nothing."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects

    def sync(self) -> None:
        """Do one sync of the Deployment."""
        if self.objects.deployment is None:
            self.objects.replica_sets, self.objects.pods = [], []
            return
        if self.objects.live["spec"].get("paused") or self._is_scaling_event():
            new = self._new_replica_set(create=False)
            self._scale(new, self._olds(new))
            self._sync_status(new, is_rollout=False)
            return
        if self.objects.live["spec"]["strategy"]["type"] == "Recreate":
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
        if any(size_of(each) for each in old):
            for each in old:
                self._resize(each, 0)
        elif not any(pod.owner == each["metadata"]["name"] for each in old for pod in self.objects.pods):
            new = self._new_replica_set(create=True)
            if new is not None:
                self._resize(new, self.objects.wanted)
        self._sync_status(self._new_replica_set(create=False), is_rollout=True)

    def _clean_up(self, new: Json | None) -> None:
        """Keep at most `revisionHistoryLimit` old ReplicaSets once the rollout is complete."""
        limit = self.objects.live["spec"].get("revisionHistoryLimit", 10)
        if not self._is_complete(self.objects.live["status"]):
            return
        old = sorted(self._olds(new), key=_revision)
        for each in old[: max(0, len(old) - limit)]:
            if not size_of(each) and not each["status"].get("replicas"):
                self.objects.replica_sets.remove(each)
                self.objects.next_version()

    def _is_scaling_event(self) -> bool:
        new = self._new_replica_set(create=False)
        everyone = [*self._olds(new), *([new] if new else [])]
        return any(
            int(each["metadata"]["annotations"][DESIRED]) != self.objects.wanted for each in everyone if size_of(each)
        )

    def _olds(self, new: Json | None) -> list[Json]:
        return [each for each in self.objects.replica_sets if each is not new]

    def _new_replica_set(self, *, create: bool) -> Json | None:
        spec = self.objects.live["spec"]
        found = next((each for each in self.objects.replica_sets if _key(each) == template_key(spec["template"])), None)
        revision = max((_revision(each) for each in self._olds(found)), default=0) + 1
        if found is not None:
            self._refresh_new(found, revision)
            return found
        return self._create_new(revision) if create else None

    def _refresh_new(self, found: Json, revision: int) -> None:
        annotations, seconds = found["metadata"]["annotations"], self.objects.live["spec"].get("minReadySeconds", 0)
        if _revision(found) < revision or found["spec"]["minReadySeconds"] != seconds:
            annotations[REVISION] = str(max(revision, _revision(found)))
            if found["spec"]["minReadySeconds"] != seconds:
                found["spec"]["minReadySeconds"] = seconds
                found["metadata"]["generation"] += 1
            found["metadata"]["resourceVersion"] = self.objects.next_version()

    def _create_new(self, revision: int) -> Json:
        spec = self.objects.live["spec"]
        digest = template_key(spec["template"])[:10]
        template = without_hash(spec["template"])
        template["metadata"]["labels"][HASH_LABEL] = digest
        number = self.objects.next_version()
        created: Json = {
            "metadata": {
                "name": f"shop-{digest}",
                "uid": f"uid-shop-{digest}",
                "generation": 1,
                "resourceVersion": number,
                "creationTimestamp": stamp(EPOCH + int(number)),
                "labels": {"app": "shop", HASH_LABEL: digest},
                "annotations": {REVISION: str(revision)},
                "ownerReferences": [{"uid": self.objects.live["metadata"]["uid"], "controller": True}],
            },
            "spec": {"replicas": 0, "minReadySeconds": spec.get("minReadySeconds", 0), "template": template},
            "status": {},
        }
        self._note_sizes(created)
        self.objects.replica_sets.append(created)
        created["spec"]["replicas"] = self._new_size(created)
        self._write_condition("True", "NewReplicaSetCreated")
        return created

    def _note_sizes(self, each: Json) -> None:
        each["metadata"]["annotations"] |= {
            DESIRED: str(self.objects.wanted),
            MAXIMUM: str(self.objects.wanted + self._fenceposts()[0]),
        }

    def _fenceposts(self) -> tuple[int, int]:
        """Return maxSurge and maxUnavailable in pods."""
        strategy = self.objects.live["spec"]["strategy"]
        if strategy["type"] != "RollingUpdate":
            return 0, 0
        surge = _scaled(strategy["rollingUpdate"]["maxSurge"], self.objects.wanted, is_up=True)
        gone = _scaled(strategy["rollingUpdate"]["maxUnavailable"], self.objects.wanted, is_up=False)
        if surge == 0 and gone == 0:
            gone = 1
        return surge, min(gone, self.objects.wanted)

    def _new_size(self, new: Json) -> int:
        if self.objects.live["spec"]["strategy"]["type"] == "Recreate":
            return self.objects.wanted
        room = self.objects.wanted + self._fenceposts()[0] - sum(map(size_of, self.objects.replica_sets))
        return size_of(new) if room <= 0 else size_of(new) + min(room, self.objects.wanted - size_of(new))

    def _reconcile_new(self, new: Json) -> bool:
        if size_of(new) == self.objects.wanted:
            return False
        return self._resize(new, self.objects.wanted if size_of(new) > self.objects.wanted else self._new_size(new))

    def _reconcile_old(self, new: Json) -> bool:
        old = [each for each in self._olds(new) if size_of(each)]
        least = self.objects.wanted - self._fenceposts()[1]
        unavailable = size_of(new) - new["status"].get("availableReplicas", 0)
        most = sum(map(size_of, self.objects.replica_sets)) - least - unavailable
        if not old or most <= 0:
            return False
        cleaned = self._drop_unhealthy(old, most)
        return self._drop_available([*old, new], old, least) or cleaned > 0

    def _drop_unhealthy(self, old: Iterable[Json], most: int) -> int:
        cleaned = 0
        for each in old:
            unhealthy = size_of(each) - each["status"].get("availableReplicas", 0)
            if cleaned < most and unhealthy > 0:
                gone = min(most - cleaned, unhealthy)
                self._resize(each, size_of(each) - gone)
                cleaned += gone
        return cleaned

    def _drop_available(self, everyone: Iterable[Json], old: Iterable[Json], least: int) -> bool:
        room = sum(each["status"].get("availableReplicas", 0) for each in everyone) - least
        dropped = 0
        for each in old:
            if dropped < room and size_of(each):
                gone = min(size_of(each), room - dropped)
                self._resize(each, size_of(each) - gone)
                dropped += gone
        return dropped > 0

    def _resize(self, each: Json, size: int) -> bool:
        if size_of(each) == size:
            return False
        self._set_size(each, size)
        return True

    def _set_size(self, each: Json, size: int) -> None:
        before = canonical_json(each["metadata"]["annotations"])
        self._note_sizes(each)
        if size_of(each) != size:
            each["spec"]["replicas"] = size
            each["metadata"]["generation"] += 1
        elif canonical_json(each["metadata"]["annotations"]) == before:
            return
        each["metadata"]["resourceVersion"] = self.objects.next_version()

    def _scale(self, new: Json | None, old: list[Json]) -> None:
        everyone = [*old, *([new] if new else [])]
        active = [each for each in everyone if size_of(each)]
        if len(active) <= 1:
            latest = active[0] if active else (new or (old[-1] if old else None))
            if latest is not None:
                self._resize(latest, self.objects.wanted)
            return
        if new is not None and self._is_saturated(new):
            for each in old:
                self._resize(each, 0)
            return
        self._scale_in_proportion(active)

    def _is_saturated(self, new: Json) -> bool:
        desired = int(new["metadata"]["annotations"][DESIRED])
        available = int(new["status"].get("availableReplicas", 0))
        return size_of(new) == desired == self.objects.wanted == available

    def _scale_in_proportion(self, active: list[Json]) -> None:
        allowed = self.objects.wanted + self._fenceposts()[0] if self.objects.wanted else 0
        to_add = allowed - sum(map(size_of, active))
        index = {each["metadata"]["name"]: number for number, each in enumerate(self.objects.replica_sets)}
        sign = -1 if to_add > 0 else 1
        active = sorted(active, key=lambda each: (-size_of(each), sign * index[each["metadata"]["name"]]))
        sizes, added = [], 0
        for each in active:
            part = self._proportion(each, to_add, added)
            sizes.append(size_of(each) + part)
            added += part
        sizes[0] = max(0, sizes[0] + to_add - added)
        for each, size in zip(active, sizes, strict=True):
            self._set_size(each, size)

    def _proportion(self, each: Json, to_add: int, added: int) -> int:
        if to_add in {0, added}:
            return 0
        left = to_add - added
        if self.objects.wanted == 0:
            fraction = -size_of(each)
        else:
            now = self.objects.wanted + self._fenceposts()[0]
            before = int(each["metadata"]["annotations"][MAXIMUM]) or self.objects.live["status"]["replicas"]
            fraction = _round(size_of(each) * now / before) - size_of(each)
        return min(fraction, left) if to_add > 0 else max(fraction, left)

    # The Deployment's status.

    def _is_complete(self, status: Json) -> bool:
        counts = (status.get("updatedReplicas"), status.get("replicas"), status.get("availableReplicas"))
        return (
            counts == (self.objects.wanted,) * 3
            and status["observedGeneration"] >= self.objects.live["metadata"]["generation"]
        )

    def _sync_status(self, new: Json | None, *, is_rollout: bool) -> None:
        before = self.objects.live["status"]
        statuses = [each["status"] for each in self.objects.replica_sets]
        status: Json = {
            "observedGeneration": self.objects.live["metadata"]["generation"],
            "replicas": sum(each.get("replicas", 0) for each in statuses),
            "updatedReplicas": new["status"].get("replicas", 0) if new else 0,
            "readyReplicas": sum(each.get("readyReplicas", 0) for each in statuses),
            "availableReplicas": sum(each.get("availableReplicas", 0) for each in statuses),
            "conditions": list(before.get("conditions", [])),
        }
        if is_rollout:
            status["conditions"] = self._conditions(before, status)
        self.objects.write_status(self.objects.live, status)

    def _conditions(self, before: Json, status: Json) -> list[Json]:
        """Return the condition Progressing as progress.go does: none where there is no deadline."""
        deadline = self.objects.live["spec"]["progressDeadlineSeconds"]
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
        return current["reason"] == "ProgressDeadlineExceeded" or at + deadline < self.objects.now

    def _progressing(self, status: str, reason: str) -> Json:
        return {
            "type": "Progressing",
            "status": status,
            "reason": reason,
            "message": reason,
            "lastUpdateTime": stamp(self.objects.now),
            "lastTransitionTime": stamp(self.objects.now),
        }

    def _write_condition(self, status: str, reason: str) -> None:
        if self.objects.live["spec"]["progressDeadlineSeconds"] != HELD_PROGRESS_DEADLINE_SECONDS:
            self.objects.live["status"]["conditions"] = [self._progressing(status, reason)]


def _has_progressed(before: Json, after: Json) -> bool:
    def old(status: Json) -> int:
        return int(status.get("replicas", 0) - status.get("updatedReplicas", 0))

    counts = ("updatedReplicas", "readyReplicas", "availableReplicas")
    return old(after) < old(before) or any(int(after[each]) > int(before.get(each, 0)) for each in counts)


def _scaled(value: int | str, total: int, *, is_up: bool) -> int:
    if isinstance(value, int):
        return value
    product = int(value.removesuffix("%")) * total
    return -(-product // 100) if is_up else product // 100


def _round(value: float) -> int:
    return int(value + 0.5) if value >= 0 else int(value - 0.5)


def _key(each: Json) -> str:
    return template_key(each["spec"]["template"])


def _revision(each: Json) -> int:
    return int(each["metadata"]["annotations"][REVISION])
