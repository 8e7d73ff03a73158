"""A live copy of a few kinds in one namespace, kept by list and watch; readers wait for changes, none of them polls.

Refuses to decide anything: it hands out the API's JSON as last seen, and a number that rises with each change.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from cictl.clients.kubernetes_api import KubernetesApi
from cictl.clients.kubernetes_connection import Json, WatchExpired
from cictl.errors import CictlError

_WATCH_SECONDS = "60"
_RETRY_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Selection:
    """Objects of one kind by label selector or field selector."""

    kind: str
    labels: str = ""
    fields: str = ""


class LiveObjects:
    """One watched selection for each name that it was made with."""

    def __init__(self, api: KubernetesApi, namespace: str, selections: Mapping[str, Selection]) -> None:
        """Watch SELECTIONS in NAMESPACE from `start` until `close`."""
        self._api, self._namespace, self._selections = api, namespace, dict(selections)
        self._objects: dict[str, dict[str, Json]] = {}
        self._changed = threading.Condition()
        self._changes = 0
        self._closed = threading.Event()
        self._trouble: dict[str, CictlError] = {}

    def start(self) -> None:
        """List everything once, raising what goes wrong, then watch in the background."""
        for name, selection in self._selections.items():
            version = self._relist(name, selection)
            arguments = (name, selection, version)
            threading.Thread(target=self._follow, args=arguments, name=f"watch-{name}", daemon=True).start()

    def close(self) -> None:
        """End the watches; their threads go when their current read does."""
        self._closed.set()
        self.wake()

    def get(self, name: str) -> tuple[Json, ...]:
        """Return the objects of one selection as last seen."""
        with self._changed:
            return tuple(self._objects.get(name, {}).values())

    def put(self, name: str, raw: Json) -> None:
        """Take in what a write answered, so that the next look knows it; an older copy never replaces a newer one."""
        with self._changed:
            held = self._objects.setdefault(name, {})
            key = raw["metadata"]["name"]
            if _is_newer(raw, held.get(key)):
                held[key] = raw
                self._note()

    @property
    def changes(self) -> int:
        """How many changes were seen."""
        with self._changed:
            return self._changes

    def trouble(self) -> CictlError | None:
        """Return why a watch is behind right now, None while all follow."""
        with self._changed:
            return next(iter(self._trouble.values()), None)

    def wait(self, seen: int, timeout_seconds: float | None) -> None:
        """Return when more than SEEN changes were seen, or after the timeout."""
        with self._changed:
            self._changed.wait_for(lambda: self._changes > seen or self._closed.is_set(), timeout_seconds)

    def wake(self) -> None:
        """Make waiting readers look again."""
        with self._changed:
            self._note()

    def refresh(self) -> None:
        """List everything again: what a driver does after a lost answer."""
        for name, selection in self._selections.items():
            self._relist(name, selection)

    def _note(self) -> None:
        self._changes += 1
        self._changed.notify_all()

    def _relist(self, name: str, selection: Selection) -> str:
        listed = self._api.list(selection.kind, self._namespace, labels=selection.labels, fields=selection.fields)
        items = {item["metadata"]["name"]: item for item in listed["items"]}
        with self._changed:
            before = self._objects.get(name, {})
            self._objects[name] = {key: _newest(item, before.get(key)) for key, item in items.items()}
            self._trouble.pop(name, None)
            self._note()
        return str(listed["metadata"]["resourceVersion"])

    def _follow(self, name: str, selection: Selection, version: str) -> None:
        failures = 0
        while not self._closed.is_set():
            try:
                version = self._watch(name, selection, version) or self._relist(name, selection)
                failures = 0
            except WatchExpired:
                version = ""
            except CictlError as problem:
                self._note_trouble(name, problem)
                version = ""
                time.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
                failures += 1

    def _note_trouble(self, name: str, problem: CictlError) -> None:
        with self._changed:
            self._trouble[name] = problem
            self._note()

    def _watch(self, name: str, selection: Selection, version: str) -> str:
        """Follow from VERSION until the server ends the watch; return where to go on, "" to list again."""
        if not version:
            return ""
        params = {
            "watch": "true",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": _WATCH_SECONDS,
        }
        params |= {k: v for k, v in (("labelSelector", selection.labels), ("fieldSelector", selection.fields)) if v}
        path = self._api.watch_path(selection.kind, self._namespace)
        for event in self._api.connection.stream(path, params, stopped=self._closed.is_set):
            version = event["object"]["metadata"]["resourceVersion"]
            if event["type"] != "BOOKMARK":
                self._take(name, event)
        return version

    def _take(self, name: str, event: Json) -> None:
        raw = event["object"]
        key = raw["metadata"]["name"]
        with self._changed:
            held = self._objects.setdefault(name, {})
            if event["type"] == "DELETED":
                held.pop(key, None)
            else:
                held[key] = _newest(raw, held.get(key))
            self._note()


def _version(raw: Json) -> int:
    """Return the resourceVersion as a number: comparable since Kubernetes 1.35 by contract, in etcd always."""
    value = str(raw["metadata"].get("resourceVersion", "0"))
    return int(value) if value.isdigit() else 0


def _is_newer(raw: Json, held: Json | None) -> bool:
    if held is None or held["metadata"].get("uid") != raw["metadata"].get("uid"):
        return True
    return _version(raw) >= _version(held)


def _newest(raw: Json, held: Json | None) -> Json:
    return raw if held is None or _is_newer(raw, held) else held
