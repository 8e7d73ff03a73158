"""Gathers what is known of one release's rollout, wherever it is kept; changes nothing, and bears what is missing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Protocol, TypeVar

from cictl.core.commits import Commit, committed
from cictl.core.record import ReleaseRecord
from cictl.core.report import Report
from cictl.core.report_building import Known, build_report
from cictl.errors import CictlError, NotFound
from cictl.redaction import redacted
from cictl.services.release_store import ReleaseStore, StoredRelease

Part = TypeVar("Part")


class Now(Protocol):
    """What is there now."""

    def newest(self) -> StoredRelease:
        """Return the release that is being rolled out, or was last; NotFound where there is none."""

    def running(self) -> int | None:
        """Return the release whose template the Deployment has."""


class RolloutReports:
    """Reports of the rollouts of one service.

    `undo_target` says which release an undo would bring back, `commit` what Git says of a commit, `clock` the API
    server's time.
    """

    def __init__(
        self,
        store: ReleaseStore,
        now: Now,
        *,
        undo_target: Callable[[str], StoredRelease],
        commit: Callable[[str], Commit],
        clock: Callable[[], float],
    ) -> None:
        """Read from STORE, and ask the others for what it does not know."""
        self._store, self._now = store, now
        self._undo_target, self._commit, self._clock = undo_target, commit, clock

    def report(self, service: str, release: int | None) -> Report:
        """Return the report of RELEASE, or of the newest rollout; no secret is in it."""
        stored = self._now.newest() if release is None else self._store.get(service, release)
        record = stored.record
        known = Known(
            record=record,
            evidence=self._store.evidence(service, stored.revision),
            now=self._clock(),
            outcome=stored.outcome,
            finished=stored.finished,
            why=stored.why,
            reason=stored.reason,
            before=self._before(record),
            commit=self._told(record.commit),
            running=self._now.running(),
            undo_to=self._undo_to(service),
        )
        return with_texts(build_report(known), redacted)

    def _before(self, record: ReleaseRecord) -> ReleaseRecord | None:
        if record.stable_release is None:
            return None
        with suppress(NotFound):
            return self._store.get(record.service, record.stable_release).record
        return None

    def _told(self, commit: str | None) -> Commit | None:
        if commit is None:
            return None
        with suppress(CictlError):  # Git only informs
            return self._commit(committed(commit))
        return None

    def _undo_to(self, service: str) -> int | None:
        with suppress(NotFound):
            return self._undo_target(service).revision
        return None


def with_texts(part: Part, change: Callable[[str], str]) -> Part:
    """Return PART, a dataclass, with CHANGE done to every text in it."""
    changed: Any = part
    if isinstance(part, str) and not isinstance(part, Enum):
        changed = change(part)
    elif isinstance(part, tuple):
        changed = tuple(with_texts(each, change) for each in part)
    elif is_dataclass(part) and not isinstance(part, type):
        inner = {each.name: with_texts(getattr(part, each.name), change) for each in fields(part)}
        changed = replace(part, **inner)
    result: Part = changed
    return result
