"""Builds the rollouts of one namespace: the cluster's clients, the store, the gate's judge and the Lease."""

from __future__ import annotations

import getpass
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING

from cictl.clients.kubernetes_watch import LiveObjects, Selection
from cictl.core.plan import plan_lines
from cictl.services.following import Follower
from cictl.services.leases import LeaseKeeper
from cictl.services.planning import Planner
from cictl.services.release_objects import ReleaseObjects
from cictl.services.release_store import ReleaseStore
from cictl.services.rollouts import Rollouts
from cictl.services.sessions import Parts
from cictl.wiring.cluster import Place, cluster_api
from cictl.wiring.gates import gate_judge
from cictl.wiring.reporting import reporting

if TYPE_CHECKING:
    from cictl.clients.kubernetes_api import KubernetesApi
    from cictl.core.plan import Plan
    from cictl.core.record import ReleaseRecord
    from cictl.services.driver_tools import Live, Reporter
    from cictl.services.following import Status
    from cictl.services.gate_looks import Judge, Watch
    from cictl.wiring.app import App


class RolloutTools:
    """What the rollout commands work with, in one place."""

    def __init__(self, app: App, place: Place) -> None:
        """Connect to PLACE's cluster."""
        self.app, self.place = app, place
        self.api = cluster_api(app, place.context)
        self.store = ReleaseStore(self.api, place.namespace)
        objects = ReleaseObjects(self.api, place.namespace)
        self.planner = Planner(self.api, self.store, objects)
        self.rollouts = Rollouts(
            Parts(
                cluster=self.api,
                store=self.store,
                objects=objects,
                planner=self.planner,
                clock=app.clock,
                watch=self.watch,
                judge=self._judge,
                lease=self.lease,
            ),
            place.namespace,
        )

    def lease(self, service: str) -> LeaseKeeper:
        """Return this process's claim on SERVICE's rollouts."""
        return LeaseKeeper(self.api, self.place.namespace, service, _identity(), self.app.clock)

    def watch(self, deployment: str, selector: str) -> AbstractContextManager[Live]:
        """Follow a Deployment with its ReplicaSets and pods."""
        return _watching(self.api, self.place.namespace, deployment, selector)

    def reporter(self) -> AbstractContextManager[Reporter]:
        """Return who tells people of the progress."""
        return reporting(self.app.output)

    def show_plan(self, plan: Plan) -> None:
        """Print PLAN before its first act; with a machine's format on stderr, so that stdout holds one result."""
        for line in plan_lines(plan):
            self.app.output.line(line)

    def follower(self) -> Follower:
        """Return who looks at the rollouts of the service."""
        place = self.place
        return Follower(self.api, self.store, self.lease(place.service), place.namespace, place.service)

    def running(self) -> int | None:
        """Return the release that runs."""
        return self.follower().running()

    def status(self) -> Status:
        """Return where the newest rollout is."""
        follower = self.follower()
        stored = follower.newest()
        with self.watch(stored.record.deployment, stored.record.selector) as live:
            return follower.status(live, stored)

    def follow(self, reporter: Reporter) -> Status:
        """Report until the newest rollout has ended; return where it ended."""
        follower = self.follower()
        stored = follower.newest()
        with self.watch(stored.record.deployment, stored.record.selector) as live:
            follower.follow(live, stored, reporter)
            return follower.status(live, self.store.get(self.place.service, stored.revision))

    def _judge(self, record: ReleaseRecord) -> Judge | None:
        if record.gate is None:
            return None
        judge, gate = gate_judge(self.app, record.prometheus), record.gate
        share = 1.0 / (len(record.strategy.steps) + 2)  # promotion and watch are judged too

        def begin(step_began: float) -> Watch:
            return judge.begin(gate, step_began, alpha_share=share)

        return begin


@contextmanager
def _watching(api: KubernetesApi, namespace: str, deployment: str, selector: str) -> Iterator[LiveObjects]:
    live = LiveObjects(
        api,
        namespace,
        {
            "deployment": Selection("Deployment", fields=f"metadata.name={deployment}"),
            "replica_sets": Selection("ReplicaSet", labels=selector),
            "pods": Selection("Pod", labels=selector),
        },
    )
    live.start()
    try:
        yield live
    finally:
        live.close()


def _identity() -> str:
    """Return a name that no other process has, and that tells people where to look."""
    user = "somebody"
    with suppress(OSError, KeyError):
        user = getpass.getuser()
    return f"{user}@{socket.gethostname()} pid {os.getpid()} {uuid.uuid4().hex[:8]}"
