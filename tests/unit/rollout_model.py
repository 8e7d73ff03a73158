"""A small faithful model of a Deployment in Kubernetes 1.34, its controllers and nodes, holding the API's own JSON.

Pods have no containers: each is ready or not, since a time.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

from cictl.core.observe import Seen
from cictl.core.workload import HeldFields, canonical_json, held_fields, template_key
from cictl.errors import NotFound
from tests.unit.deployment_controller import DeploymentController
from tests.unit.json_patch import apply_patch
from tests.unit.rollout_objects import Json, Objects, Pod, size_of, stamp

_MAX_SYNCS = 300


class Model(Objects):
    """One Deployment called shop, with what its controllers make of it; every change is one call."""

    def __init__(
        self, *, replicas: int, own: HeldFields, image: str = "v1", strategy_type: str = "RollingUpdate"
    ) -> None:
        super().__init__(replicas=replicas, own=own, image=image, strategy_type=strategy_type)
        self.settle()

    # What a client sees and does.

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
        return sum(size_of(each) for each in self.replica_sets if template_key(each["spec"]["template"]) == key)

    @property
    def split(self) -> tuple[int, ...]:
        """The sizes of the ReplicaSets that have any, oldest first."""
        return tuple(size_of(each) for each in self.replica_sets if size_of(each))

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
        after["metadata"]["resourceVersion"] = self.next_version()
        return after

    def _pod_json(self, pod: Pod) -> Json:
        ready = pod.ready_since is not None
        since = stamp(pod.ready_since if pod.ready_since is not None else pod.born)
        return {
            "metadata": {
                "name": pod.name,
                "ownerReferences": [{"uid": f"uid-{pod.owner}", "controller": True}],
                "creationTimestamp": stamp(pod.born),
            },
            "status": {
                "phase": "Running" if ready else "Pending",
                "conditions": [{"type": "Ready", "status": str(ready), "lastTransitionTime": since}],
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

    def sync_deployment(self) -> None:
        """Do one sync of the Deployment."""
        DeploymentController(self).sync()

    def start_pods(self) -> None:
        """Let every pod that can become ready."""
        for pod in self.pods:
            if pod.ready_since is None and not pod.is_broken and self._image_of(pod) not in self.broken:
                pod.ready_since = self.now
                self.next_version()

    def _image_of(self, pod: Pod) -> str:
        owner = next((each for each in self.replica_sets if each["metadata"]["name"] == pod.owner), None)
        return "" if owner is None else str(owner["spec"]["template"]["spec"]["containers"][0]["image"])

    def sync_replica_sets(self) -> None:
        """Create and delete pods, then say how many there are."""
        for each in self.replica_sets:
            self._match_size(each)
            self.write_status(each, self._replica_set_status(each))

    def _match_size(self, each: Json) -> None:
        name = each["metadata"]["name"]
        mine = [pod for pod in self.pods if pod.owner == name]
        for _ in range(size_of(each) - len(mine)):
            self.pods.append(Pod(f"{name}-{self.next_version()}", name, self.now))
        surplus = sorted(mine, key=_keep_longest, reverse=True)[: max(0, len(mine) - size_of(each))]
        if surplus:
            self.pods = [pod for pod in self.pods if pod not in surplus]
            self.next_version()

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


def _keep_longest(pod: Pod) -> tuple[bool, float]:
    """Sort the pods that go first to the end: those that do not serve, then those that serve shortest."""
    return (pod.ready_since is None, pod.ready_since or pod.born)
