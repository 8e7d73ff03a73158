"""Releases as immutable ConfigMaps: the record is fixed before the first act, its outcome is written beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from cictl.core.evidence import Evidence, evidence_of, series_text
from cictl.core.patches import escape
from cictl.core.record import ReleaseRecord, from_document, to_document
from cictl.core.release import (
    ReleaseFacts,
    ReleaseUnreadable,
    pack,
    parse_release_name,
    release_name,
    time_of,
    to_delete,
    unpack,
)
from cictl.core.rollout_state import PREFIX, REASON, Phase, Reason
from cictl.errors import Conflict, NotFound
from cictl.services.once import do_once

SERVICE_LABEL = f"{PREFIX}service"
OUTCOME, FINISHED, WHY = f"{PREFIX}outcome", f"{PREFIX}finished", f"{PREFIX}why"
ENDING = f"{PREFIX}ending"
KEEP_SUCCEEDED, KEEP_FAILED = 10, 5
_MAX_EVIDENCE_EVENTS, _MAX_EVIDENCE_BYTES = 400, 700 * 1024  # a ConfigMap holds 1 MiB
_MAX_WHY = 500
_EVENTS, _SERIES = "events.json", "series.json"  # a cictl that knows no series leaves them away

Json = dict[str, Any]


class ConfigMaps(Protocol):
    """What the store needs of the cluster."""

    def get(self, kind: str, namespace: str, name: str) -> Json:
        """Read one object."""

    def find(self, kind: str, namespace: str, name: str) -> Json | None:
        """Read one object, None where there is none."""

    def list(self, kind: str, namespace: str, *, labels: str = "", fields: str = "") -> Json:
        """Read a list."""

    def create(self, namespace: str, body: Json, *, dry_run: bool = False) -> Json:
        """Create one object."""

    def apply(self, namespace: str, body: Json, *, force: bool = False, dry_run: bool = False) -> Json:
        """Apply server-side."""

    def patch(self, kind: str, namespace: str, name: str, operations: Sequence[Json], *, dry_run: bool = False) -> Json:
        """Send a JSON Patch."""

    def delete(self, kind: str, namespace: str, name: str, *, uid: str) -> None:
        """Delete one object."""


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A release as the cluster keeps it; `outcome` is None while it runs, or was left by its driver.

    `ending` is how it will end, written before a first install is deleted.
    """

    record: ReleaseRecord
    uid: str
    outcome: Phase | None
    finished: str
    why: str
    ending: Phase | None = None
    reason: Reason | None = None

    @property
    def revision(self) -> int:
        """The release's number."""
        return self.record.revision

    @property
    def ended(self) -> float | None:
        """When it ended, in seconds since the epoch; None while it has not, or where nobody can tell."""
        return time_of(self.finished)


class ReleaseStore:
    """The releases of the services of one namespace."""

    def __init__(self, cluster: ConfigMaps, namespace: str) -> None:
        """Keep releases in NAMESPACE."""
        self._cluster, self._namespace = cluster, namespace

    def all(self, service: str) -> tuple[StoredRelease, ...]:
        """Return every release of SERVICE, oldest first."""
        listed = self._cluster.list("ConfigMap", self._namespace, labels=f"{SERVICE_LABEL}={service}")
        mine = [raw for raw in listed["items"] if parse_release_name(raw["metadata"]["name"]) is not None]
        readable = [stored for raw in mine if (stored := _readable(raw)) is not None]
        return tuple(sorted(readable, key=lambda stored: stored.revision))

    def get(self, service: str, revision: int) -> StoredRelease:
        """Return one release; NotFound names how to see those there are."""
        try:
            return _stored(self._cluster.get("ConfigMap", self._namespace, release_name(service, revision)))
        except NotFound as problem:
            message = f"{service} has no release {revision} in {self._namespace}"
            raise NotFound(message, hint=f"run 'cictl rollout history {service}' for those that are kept") from problem

    def create(self, record: ReleaseRecord, *, dry_run: bool = False) -> StoredRelease:
        """Write a new release, once; Conflict where somebody else took its number."""
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "immutable": True,
            "metadata": {
                "name": release_name(record.service, record.revision),
                "labels": _labels(record.service),
                "annotations": {f"{PREFIX}image": record.image},
            },
            "binaryData": pack(to_document(record)),
        }
        name = release_name(record.service, record.revision)

        def find() -> Json | None:
            found = self._cluster.find("ConfigMap", self._namespace, name)
            return found if found is not None and found.get("binaryData") == body["binaryData"] else None

        try:
            return _stored(do_once(lambda: self._cluster.create(self._namespace, body, dry_run=dry_run), find))
        except Conflict as problem:
            message = f"somebody else began release {record.revision} of {record.service} at the same moment"
            hint = f"run it again, so that the plan is made anew; if it repeats, delete the damaged ConfigMap {name}"
            raise Conflict(message, hint=hint) from problem

    def note_ending(self, stored: StoredRelease, ending: Phase, why: str) -> None:
        """Write that the release is being taken back, where its Deployment will be gone."""
        self._annotate(stored, {ENDING: ending.value, WHY: why[:_MAX_WHY]})

    def finish(
        self, stored: StoredRelease, outcome: Phase, why: str, finished: str, reason: Reason | None = None
    ) -> None:
        """Write how the release ended; FINISHED is a time in RFC 3339."""
        values = {OUTCOME: outcome.value, FINISHED: finished, WHY: why[:_MAX_WHY]}
        if reason is not None:
            values[REASON] = reason.value
        with suppress(NotFound):  # somebody deleted it; the rollout has ended all the same
            self._annotate(stored, values)

    def _annotate(self, stored: StoredRelease, values: Mapping[str, str]) -> None:
        operations: list[Json] = [{"op": "test", "path": "/metadata/uid", "value": stored.uid}]
        operations += [
            {"op": "add", "path": f"/metadata/annotations/{escape(key)}", "value": value}
            for key, value in values.items()
        ]
        name = release_name(stored.record.service, stored.revision)
        self._cluster.patch("ConfigMap", self._namespace, name, operations)

    def write_evidence(self, stored: StoredRelease, evidence: Evidence) -> None:
        """Keep what happened, bounded, beside the release and for as long as it is kept."""
        name = release_name(stored.record.service, stored.revision)
        owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": stored.uid}
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": f"{name}.record",
                "labels": {"app.kubernetes.io/managed-by": "cictl"},
                "ownerReferences": [owner],
            },
            "data": {
                _EVENTS: _newest_that_fit(evidence.events),
                _SERIES: series_text(evidence.looks, evidence.pods),
            },
        }
        self._cluster.apply(self._namespace, body, force=True)

    def evidence(self, service: str, revision: int) -> Evidence:
        """Return what was kept of a release's rollout, as far as it can be read; empty where nothing was."""
        raw = self._cluster.find("ConfigMap", self._namespace, f"{release_name(service, revision)}.record")
        data = (raw or {}).get("data") or {}
        return evidence_of(data.get(_EVENTS, ""), data.get(_SERIES, ""))

    def prune(self, service: str, *, current: int) -> tuple[int, ...]:
        """Delete the releases that nobody needs any more; CURRENT is the one that runs."""
        releases = self.all(service)
        succeeded = [stored.revision for stored in releases if stored.outcome is Phase.SUCCEEDED]
        previous = max((revision for revision in succeeded if revision < current), default=None)
        facts = [
            ReleaseFacts(
                stored.revision,
                stored.outcome,
                is_current=stored.revision == current,
                is_previous=stored.revision == previous,
                is_active=stored.outcome is None and stored.revision > current,
            )
            for stored in releases
        ]
        gone = to_delete(facts, keep_succeeded=KEEP_SUCCEEDED, keep_failed=KEEP_FAILED)
        for stored in releases:
            if stored.revision in gone:
                name = release_name(service, stored.revision)
                self._cluster.delete("ConfigMap", self._namespace, name, uid=stored.uid)
        return gone


def _newest_that_fit(events: Sequence[Mapping[str, Any]]) -> str:
    """Return the newest of EVENTS as JSON, no more of them than a ConfigMap holds."""
    kept: list[str] = []
    room = _MAX_EVIDENCE_BYTES
    for event in reversed(events[-_MAX_EVIDENCE_EVENTS:]):
        text = json.dumps(event, ensure_ascii=False)
        room -= len(text.encode()) + 2
        if room < 0:
            break
        kept.append(text)
    return f"[{', '.join(reversed(kept))}]"


def _labels(service: str) -> dict[str, str]:
    return {SERVICE_LABEL: service, "app.kubernetes.io/managed-by": "cictl"}


def _readable(raw: Json) -> StoredRelease | None:
    """Return a release, None where its record is damaged: one bad record must not keep the others from being used."""
    try:
        return _stored(raw)
    except ReleaseUnreadable:
        return None


def _stored(raw: Json) -> StoredRelease:
    annotations = raw["metadata"].get("annotations") or {}
    outcome = annotations.get(OUTCOME)
    try:
        record = from_document(unpack(raw.get("binaryData") or {}))
        ended = None if outcome is None else Phase(outcome)
        ending = Phase(annotations[ENDING]) if ENDING in annotations else None
        reason = Reason(annotations[REASON]) if REASON in annotations else None
    except (KeyError, TypeError, ValueError) as problem:
        raise ReleaseUnreadable(f"{raw['metadata']['name']}: {problem}") from problem
    return StoredRelease(
        record=record,
        uid=raw["metadata"].get("uid", ""),
        outcome=ended,
        finished=annotations.get(FINISHED, ""),
        why=annotations.get(WHY, ""),
        ending=ending,
        reason=reason,
    )
