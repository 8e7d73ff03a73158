"""Where a rollout is, for those who only look: one status, or every change until it ends; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from cictl.core.observe import Seen, Sight, observe
from cictl.core.pods import Graces
from cictl.core.record import ReleaseRecord
from cictl.core.rollout import End, Wait
from cictl.core.rollout_state import RolloutState
from cictl.core.workload import read_deployment, template_key
from cictl.errors import NotFound
from cictl.services.driver_tools import Live, Progress, Reporter
from cictl.services.leases import LeaseKeeper
from cictl.services.planning import read_state
from cictl.services.release_store import ReleaseStore, StoredRelease

Json = dict[str, Any]
_LOOK_AGAIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Status:
    """`holder` is who drives ("" for nobody), `evidence` the release's newest kept event."""

    service: str
    stored: StoredRelease
    sight: Sight
    holder: str
    evidence: dict[str, Any]

    @property
    def state(self) -> RolloutState | None:
        """The rollout's state, None where the Deployment is gone or was never touched."""
        return self.sight.snapshot.state


class Reads(Protocol):
    """What looking needs of the cluster."""

    def find(self, kind: str, namespace: str, name: str) -> Json | None:
        """Read one object, None where there is none."""

    def now(self) -> float:
        """Return the API server's time."""


class Follower:
    """Looks at the rollouts of one service."""

    def __init__(self, cluster: Reads, store: ReleaseStore, lease: LeaseKeeper, namespace: str, service: str) -> None:
        """Look at SERVICE in NAMESPACE."""
        self._cluster, self._store, self._lease = cluster, store, lease
        self._namespace, self._service = namespace, service

    def newest(self) -> StoredRelease:
        """Return the release that is being rolled out, or was last; NotFound where there is none."""
        releases = self._store.all(self._service)
        if not releases:
            message = f"{self._service} has no releases in {self._namespace}"
            raise NotFound(message, hint="start one: 'cictl rollout start'")
        raw = self._cluster.find("Deployment", self._namespace, releases[-1].record.deployment)
        state = None if raw is None else read_state(read_deployment(raw))
        named = [stored for stored in releases if state is not None and stored.revision == state.release]
        return named[0] if named and (named[0].outcome is None or releases[-1].outcome is not None) else releases[-1]

    def running(self) -> int | None:
        """Return the release whose template the Deployment has."""
        releases = self._store.all(self._service)
        raw = self._cluster.find("Deployment", self._namespace, releases[-1].record.deployment) if releases else None
        if raw is None:
            return None
        key = read_deployment(raw).template_key
        return max((each.revision for each in releases if template_key(each.record.template) == key), default=None)

    def status(self, live: Live, stored: StoredRelease) -> Status:
        """Return where STORED is now."""
        holder = self._lease.holder()
        events = self._store.evidence(self._service, stored.revision).events
        newest = dict(events[-1]) if events else {}
        return Status(self._service, stored, self._look(live, stored.record), holder.identity if holder else "", newest)

    def _look(self, live: Live, record: ReleaseRecord) -> Sight:
        seen = Seen(live.get("deployment"), live.get("replica_sets"), live.get("pods"))
        return observe(
            seen,
            record.rollout(0),
            now=self._cluster.now(),
            service=self._service,
            objects_are="any",
            graces=Graces(),
        )

    def follow(self, live: Live, stored: StoredRelease, reporter: Reporter) -> None:
        """Report every change until the rollout of STORED has ended."""
        while True:
            seen = live.changes
            sight = self._look(live, stored.record)
            state = sight.snapshot.state
            if state is None or state.release != stored.revision or state.phase.is_terminal:
                why = f"release {stored.revision} {state.phase.value}" if state else "the Deployment is gone"
                if state is not None:
                    reporter.note(Progress(sight, End(state, why), stored.record))
                return
            reporter.note(Progress(sight, Wait("watching"), stored.record))
            live.wait(seen, _LOOK_AGAIN_SECONDS)
