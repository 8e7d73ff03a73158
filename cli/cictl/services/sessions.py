"""What a process holds while it drives: the Lease of the service, and the watches of one release's Deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from cictl.clock import Clock
from cictl.core.evidence import Evidence
from cictl.core.record import ReleaseRecord
from cictl.errors import CictlError
from cictl.services.driver import Driver
from cictl.services.driver_tools import Cluster as DriverCluster
from cictl.services.driver_tools import Live, Reporter, Tools
from cictl.services.gate_looks import Judge
from cictl.services.leases import LeaseKeeper
from cictl.services.planning import Planner
from cictl.services.release_objects import ReleaseObjects
from cictl.services.release_store import ReleaseStore, StoredRelease

Json = dict[str, Any]


class Cluster(DriverCluster, Protocol):
    """What beginning a rollout needs, beside what driving it does."""

    def find(self, kind: str, namespace: str, name: str) -> Json | None:
        """Read one object, None where there is none."""

    def create(self, namespace: str, body: Json, *, dry_run: bool = False) -> Json:
        """Create one object."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What wiring hands over. `watch` begins to follow a Deployment's objects; `judge` judges a release's gate."""

    cluster: Cluster
    store: ReleaseStore
    objects: ReleaseObjects
    planner: Planner
    clock: Clock
    watch: Callable[[str, str], AbstractContextManager[Live]]
    judge: Callable[[ReleaseRecord], Judge | None]
    lease: Callable[[str], LeaseKeeper]


@contextmanager
def claim(keeper: LeaseKeeper, service: str, *, take_over: bool, reporter: Reporter) -> Iterator[None]:
    """Hold the Lease; when a person ends the process, say how the rollout goes on."""
    keeper.acquire(take_over=take_over, on_wait=reporter.say)
    try:
        yield
    except KeyboardInterrupt:
        reporter.say(f"stopped; the rollout of {service} stays as it is: go on with 'cictl rollout resume', or 'abort'")
        raise
    finally:
        keeper.release()


@contextmanager
def driving_session(parts: Parts, stored: StoredRelease, token: int, reporter: Reporter) -> Iterator[Driver]:
    """Yield a driver of STORED with TOKEN, its objects being watched."""
    record = stored.record
    with parts.watch(record.deployment, record.selector) as live:
        tools = Tools(
            cluster=parts.cluster,
            live=live,
            store=parts.store,
            objects=parts.objects,
            clock=parts.clock,
            reporter=reporter,
            judge=parts.judge(record),
        )
        yield Driver(tools, stored, record.rollout(token), _earlier(parts.store, stored))


def _earlier(store: ReleaseStore, stored: StoredRelease) -> Evidence:
    """Return what drivers before have kept, for this one adds to it; nothing depends on it."""
    with suppress(CictlError):
        return store.evidence(stored.record.service, stored.revision)
    return Evidence()
