"""Finds the pods of the release that a Deployment runs; during a canary, of the one that comes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from cictl.core.observe import target_of
from cictl.core.release_target import ReleaseTarget
from cictl.core.workload import is_owned_by, read_deployment, read_replica_set
from cictl.errors import NotFound


class Objects(Protocol):
    """Reads objects as the API's JSON."""

    def find(self, kind: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Read one object, None where there is none."""

    def list(self, kind: str, namespace: str) -> Mapping[str, Any]:
        """Read all objects of a kind."""


class LiveReleases:
    """The releases of one namespace."""

    def __init__(self, objects: Objects, namespace: str) -> None:
        """Read NAMESPACE through OBJECTS."""
        self._objects, self._namespace = objects, namespace

    def find_release(self, service: str) -> ReleaseTarget:
        """Return the pods of the newest template of SERVICE's Deployment."""
        live = self._objects.find("Deployment", self._namespace, service)
        if live is None:
            message = f"namespace {self._namespace} has no Deployment {service!r}"
            raise NotFound(message, hint=f"'kubectl -n {self._namespace} get deployments' lists them")
        deployment = read_deployment(live)
        raw = self._objects.list("ReplicaSet", self._namespace)["items"]
        mine = [read_replica_set(item) for item in raw if is_owned_by(item, deployment.uid)]
        newest = next((item for item in mine if item.template_key == deployment.template_key), None)
        if newest is None:
            message = f"Deployment {service} in namespace {self._namespace} has no ReplicaSet of its template yet"
            raise NotFound(message, hint=f"look at 'kubectl -n {self._namespace} describe deployment {service}'")
        pods = self._objects.list("Pod", self._namespace)["items"]
        others = [item for item in mine if item.name != newest.name and item.pods]
        return target_of(self._namespace, service, newest, pods, others)
