"""A release's other objects: configurations before the first act, new objects before the canary, changes at promotion.

Every write depends on what was read (resourceVersion), so a driver that was taken over changes nothing here either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from cictl.core.record import ObjectName, ReleaseRecord
from cictl.core.release import release_name
from cictl.core.rollout_state import TOKEN
from cictl.core.workload import canonical_json
from cictl.errors import Conflict
from cictl.services.release_store import StoredRelease

Json = dict[str, Any]


class Objects(Protocol):
    """What this needs of the cluster."""

    def find(self, kind: str, namespace: str, name: str, *, api_version: str | None = None) -> Json | None:
        """Read one object, None where there is none."""

    def create(self, namespace: str, body: Json, *, dry_run: bool = False) -> Json:
        """Create one object."""

    def apply(self, namespace: str, body: Json, *, force: bool = False, dry_run: bool = False) -> Json:
        """Apply server-side."""

    def patch(self, kind: str, namespace: str, name: str, operations: Sequence[Json], *, dry_run: bool = False) -> Json:
        """Send a JSON Patch."""

    def delete(self, kind: str, namespace: str, name: str, *, uid: str, api_version: str | None = None) -> None:
        """Delete one object."""


class ReleaseObjects:
    """The objects of one namespace's releases."""

    def __init__(self, cluster: Objects, namespace: str) -> None:
        """Write in NAMESPACE."""
        self._cluster, self._namespace = cluster, namespace

    def missing(self, objects: Sequence[Mapping[str, Any]]) -> tuple[ObjectName, ...]:
        """Return which of OBJECTS do not exist yet."""
        return tuple(name_of(body) for body in objects if self._find(name_of(body)) is None)

    def changes(self, objects: Sequence[Mapping[str, Any]]) -> tuple[tuple[ObjectName, bool], ...]:
        """Return for each existing one of OBJECTS whether applying it would change it (a server-side dry run)."""
        return tuple(
            (name_of(body), _differs(live, self._apply(body, live, dry_run=True)))
            for body in objects
            if (live := self._find(name_of(body))) is not None
        )

    def try_create(self, objects: Sequence[Mapping[str, Any]]) -> None:
        """Create each of OBJECTS that is missing, in a dry run: what would be refused is refused now."""
        for body in objects:
            if self._find(name_of(body)) is None:
                self._cluster.apply(self._namespace, _copy(body), dry_run=True)

    def create_missing(self, stored: StoredRelease) -> None:
        """Create the configurations, then the objects that did not exist before the release."""
        for body in stored.record.configs:
            self._ensure_config(body, stored)
        for body in stored.record.objects:
            if name_of(body) in stored.record.created_objects and self._find(name_of(body)) is None:
                self._cluster.apply(self._namespace, _copy(body), force=True)

    def apply_all(self, record: ReleaseRecord) -> None:
        """Bring the existing objects to what RECORD says."""
        for body in record.objects:
            live = self._find(name_of(body))
            if live is None or _differs(live, self._apply(body, live, dry_run=True)):
                self._apply(body, live, dry_run=False)

    def take_back(self, record: ReleaseRecord, token: int) -> None:
        """Bring the objects back to what RECORD, stable's, says, and mark them with TOKEN.

        The mark is written even where nothing else differs: what a driver before has under way then fails.
        """
        for body in record.objects:
            marked = _copy(body)
            marked["metadata"].setdefault("annotations", {})[TOKEN] = str(token)
            self._apply(marked, self._find(name_of(body)), dry_run=False)

    def remove_created(self, record: ReleaseRecord) -> None:
        """Delete what did not exist before RECORD's release."""
        for name in record.created_objects:
            if (live := self._find(name)) is not None:
                uid = live["metadata"]["uid"]
                self._cluster.delete(name.kind, self._namespace, name.name, uid=uid, api_version=name.api_version)

    def _find(self, name: ObjectName) -> Json | None:
        return self._cluster.find(name.kind, self._namespace, name.name, api_version=name.api_version)

    def _apply(self, body: Mapping[str, Any], live: Json | None, *, dry_run: bool) -> Json:
        wanted = _copy(body)
        if live is not None:
            wanted["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
            wanted["metadata"]["uid"] = live["metadata"]["uid"]
        return self._cluster.apply(self._namespace, wanted, force=True, dry_run=dry_run)

    def _ensure_config(self, body: Mapping[str, Any], stored: StoredRelease) -> None:
        owner = _owner(stored)
        live = self._find(name_of(body))
        if live is None:
            wanted = _copy(body)
            wanted["metadata"]["ownerReferences"] = [owner]
            try:
                self._cluster.create(self._namespace, wanted)
            except Conflict:
                live = self._find(name_of(body))
        if live is not None:
            self._add_owner(live, owner)

    def _add_owner(self, live: Json, owner: Json) -> None:
        """Keep a configuration for as long as this release too."""
        owners = live["metadata"].get("ownerReferences") or []
        if any(known.get("uid") == owner["uid"] for known in owners):
            return
        operations = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
            {"op": "add", "path": "/metadata/ownerReferences", "value": [*owners, owner]},
        ]
        self._cluster.patch("ConfigMap", self._namespace, live["metadata"]["name"], operations)


def name_of(body: Mapping[str, Any]) -> ObjectName:
    """Return which object BODY is."""
    return ObjectName(body["apiVersion"], body["kind"], body["metadata"]["name"])


def _owner(stored: StoredRelease) -> Json:
    name = release_name(stored.record.service, stored.revision)
    return {"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": stored.uid}


def _copy(body: Mapping[str, Any]) -> Json:
    copy: Json = json.loads(canonical_json(body))
    return copy


def _differs(live: Json, applied: Json) -> bool:
    """Whether an apply changed more than the bookkeeping of the API server."""
    return canonical_json(_meaning(live)) != canonical_json(_meaning(applied))


def _meaning(raw: Json) -> Json:
    copy = _copy(raw)
    copy.pop("status", None)
    for key in ("resourceVersion", "generation", "managedFields", "creationTimestamp", "uid"):
        copy["metadata"].pop(key, None)
    annotations = copy["metadata"].pop("annotations", {})
    annotations.pop(TOKEN, None)
    return {**copy, "annotations": annotations}
