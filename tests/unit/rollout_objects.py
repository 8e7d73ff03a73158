"""One Deployment called shop with its ReplicaSets and pods, in the API's own JSON, as nobody works on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cictl.core.workload import HeldFields, canonical_json
from cictl.errors import NotFound

Json = dict[str, Any]
EPOCH = 1_700_000_000.0


def template_of(image: str) -> Json:
    """Return a pod template that runs IMAGE."""
    return {
        "metadata": {"labels": {"app": "shop"}},
        "spec": {"containers": [{"name": "app", "image": image}]},
    }


def size_of(each: Json) -> int:
    """Return how many pods a ReplicaSet asks for."""
    return int(each["spec"]["replicas"])


def stamp(at: float) -> str:
    """Return a time as the API writes it."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Pod:
    """`ready_since` is None while it is not ready; `is_broken` pods stay so."""

    name: str
    owner: str
    born: float
    ready_since: float | None = None
    is_broken: bool = False


class Objects:
    """What there is; `version` counts the changes."""

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

    def next_version(self) -> str:
        """Count a change, and return the resource version that it makes."""
        self.version += 1
        return str(self.version)

    def write_status(self, raw: Json, status: Json) -> None:
        """Write the status of RAW where it is another."""
        if canonical_json(raw.get("status")) != canonical_json(status):
            raw["status"] = status
            raw["metadata"]["resourceVersion"] = self.next_version()
