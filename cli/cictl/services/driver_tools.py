"""What a driver works with: the Protocols of the outside, and the progress that it tells of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cictl.clock import Clock
from cictl.core.observe import Sight
from cictl.core.pods import Graces
from cictl.core.record import ReleaseRecord
from cictl.core.rollout import Action
from cictl.errors import CictlError
from cictl.services.gate_looks import Judge
from cictl.services.release_objects import ReleaseObjects
from cictl.services.release_store import ReleaseStore

Json = dict[str, Any]
_GRACES = Graces()


class Cluster(Protocol):
    """What a driver needs of the cluster, beside what it watches."""

    def patch(self, kind: str, namespace: str, name: str, operations: Sequence[Json], *, dry_run: bool = False) -> Json:
        """Send a JSON Patch."""

    def get(self, kind: str, namespace: str, name: str) -> Json:
        """Read one object."""

    def list(self, kind: str, namespace: str, *, labels: str = "", fields: str = "") -> Json:
        """Read a list."""

    def delete(self, kind: str, namespace: str, name: str, *, uid: str) -> None:
        """Delete one object."""

    def log_tail(self, namespace: str, pod: str, container: str, *, previous: bool, lines: int) -> tuple[str, ...]:
        """Return the end of a container's log."""

    def now(self) -> float:
        """Return the API server's time."""


class Live(Protocol):
    """The watched objects: "deployment", "replica_sets", "pods"."""

    @property
    def changes(self) -> int:
        """How many changes were seen."""

    def get(self, name: str) -> tuple[Json, ...]:
        """Return objects as last seen."""

    def put(self, name: str, raw: Json) -> None:
        """Take in what a write answered."""

    def wait(self, seen: int, timeout_seconds: float | None) -> None:
        """Return at the next change or after the timeout."""

    def wake(self) -> None:
        """Make waiting readers look again."""

    def refresh(self) -> None:
        """List everything again."""

    def trouble(self) -> CictlError | None:
        """Return why what is seen may be old, None while it is not."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One look and what is about to be done about it, for people and for the record."""

    sight: Sight
    action: Action
    record: ReleaseRecord


class Reporter(Protocol):
    """Who is told of the progress."""

    def note(self, progress: Progress) -> None:
        """Take notice."""

    def say(self, line: str) -> None:
        """Tell what is being waited for before there is progress."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a driver works with."""

    cluster: Cluster
    live: Live
    store: ReleaseStore
    objects: ReleaseObjects
    clock: Clock
    reporter: Reporter
    judge: Judge | None = None
    graces: Graces = _GRACES
