"""Which pods are one release of one service: what a gate's `$selector` stands for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadyPod:
    """A ready pod of the release; `ready_since` in seconds since the epoch by the API server."""

    name: str
    ready_since: float


@dataclass(frozen=True, slots=True)
class ReleaseTarget:
    """One ReplicaSet's pods. `other_replica_sets` are the names of the releases it must be told apart from."""

    namespace: str
    service: str
    replica_set: str
    ready_pods: tuple[ReadyPod, ...]
    all_pod_names: tuple[str, ...] = ()
    other_replica_sets: tuple[str, ...] = ()
