"""Builds the rollouts of one namespace: the cluster's clients, the store, the gate's judge and the Lease."""

from __future__ import annotations

import getpass
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.helm import Helm
from cictl.clients.kubernetes_watch import LiveObjects, Selection
from cictl.clients.manifest_folder import ManifestFolder
from cictl.clients.prometheus import Prometheus
from cictl.config.service_file import load_service_file
from cictl.core.plan import plan_lines
from cictl.core.strategy import Strategy
from cictl.core.wanted import Wanted
from cictl.errors import ConfigInvalid, UsageProblem
from cictl.services.following import Follower
from cictl.services.gates import GateJudge
from cictl.services.leases import LeaseKeeper
from cictl.services.planning import Planner
from cictl.services.release_objects import ReleaseObjects
from cictl.services.release_store import ReleaseStore
from cictl.services.rendering import Renderer, RenderTarget
from cictl.services.rollouts import Rollouts
from cictl.services.sessions import Parts
from cictl.wiring.cluster import Place, cluster_api
from cictl.wiring.reporting import reporting

if TYPE_CHECKING:
    from cictl.clients.kubernetes_api import KubernetesApi
    from cictl.core.gate import Gate
    from cictl.core.plan import Plan
    from cictl.core.record import ReleaseRecord
    from cictl.services.driver import Live, Reporter
    from cictl.services.following import Status
    from cictl.services.gate_looks import Judge, Watch
    from cictl.wiring.app import App

_CHART = Path("charts/service")


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

    def _follower(self) -> Follower:
        place = self.place
        return Follower(self.api, self.store, self.lease(place.service), place.namespace, place.service)

    def running(self) -> int | None:
        """Return the release that runs."""
        return self._follower().running()

    def status(self) -> Status:
        """Return where the newest rollout is."""
        follower = self._follower()
        stored = follower.newest()
        with self.watch(stored.record.deployment, stored.record.selector) as live:
            return follower.status(live, stored)

    def follow(self, reporter: Reporter) -> Status:
        """Report until the newest rollout has ended; return where it ended."""
        follower = self._follower()
        stored = follower.newest()
        with self.watch(stored.record.deployment, stored.record.selector) as live:
            follower.follow(live, stored, reporter)
            return follower.status(live, self.store.get(self.place.service, stored.revision))

    def _judge(self, record: ReleaseRecord) -> Judge | None:
        if record.gate is None:
            return None
        prometheus = Prometheus(record.prometheus or self.app.config().prometheus.url)
        judge, gate = GateJudge(prometheus), record.gate
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


def resolved_image(app: App, image: str) -> str:
    """Return IMAGE as repository@digest; a tag is resolved by its registry, once, before anything else."""
    if "@sha256:" in image:
        return image
    from cictl.wiring.images import image_service  # noqa: PLC0415 - not needed for what has a digest

    return image_service(app).resolve(image).pinned


def wanted_release(
    tools: RolloutTools,
    image: str,
    *,
    strategy: str | None,
    gate: str | None,
    container: str | None,
    allow_gitops: bool,
    commit: str | None = None,
) -> Wanted:
    """Return what the user asks for: IMAGE is repository@digest."""
    if tools.place.deployment is not None:
        return _adopted(tools, image, strategy, gate, container, allow_gitops=allow_gitops)
    return _from_chart(tools, image, strategy, gate, allow_gitops=allow_gitops, commit=commit)


def _adopted(
    tools: RolloutTools,
    image: str,
    strategy: str | None,
    gate: str | None,
    container: str | None,
    *,
    allow_gitops: bool,
) -> Wanted:
    place = tools.place
    chosen = _strategy(tools.app, strategy or "direct")
    return Wanted(
        service=place.service,
        namespace=place.namespace,
        deployment=place.deployment or place.service,
        image=image,
        strategy=chosen,
        gate=_gate(tools.app, gate or chosen.gate),
        prometheus=_prometheus(tools.app, gate or chosen.gate),
        container=container,
        allow_gitops=allow_gitops,
    )


def _from_chart(
    tools: RolloutTools, image: str, strategy: str | None, gate: str | None, *, allow_gitops: bool, commit: str | None
) -> Wanted:
    config, place = tools.app.config(), tools.place
    if place.environment is None:
        raise UsageProblem("the environment is missing", hint="pass --env")
    service_file = load_service_file(config.service(place.service).path)
    renderer = Renderer(Helm(tools.app.environ), ManifestFolder(), default_chart=config.root / _CHART)
    target = RenderTarget(
        environment=place.environment.name,
        namespace=place.namespace,
        image=image,
        kube_version=tools.api.version(),
        api_versions=tools.api.api_versions(),
    )
    rendered = renderer.render(service_file, target)
    chosen = config.strategy(strategy or place.environment.strategy)
    gate_name = gate or place.environment.gate or chosen.gate
    return Wanted(
        service=place.service,
        namespace=place.namespace,
        deployment=str(rendered.deployment["metadata"]["name"]),
        image=image,
        strategy=chosen,
        gate=_gate(tools.app, gate_name),
        environment=place.environment.name,
        commit=commit,
        prometheus=_prometheus(tools.app, gate_name),
        deployment_object=rendered.deployment,
        objects=rendered.others,
        configs=rendered.configs,
        config_originals={config.name: config.original for config in rendered.hashed_configs},
        warnings=rendered.warnings,
        direct_only=rendered.direct_only,
        allow_gitops=allow_gitops,
    )


def undo_release(tools: RolloutTools, to_revision: int | None) -> Wanted:
    """Return the release to go back to, with its configuration."""
    record = tools.rollouts.undo_target(tools.place.service, to_revision).record
    return Wanted(
        service=record.service,
        namespace=record.namespace,
        deployment=record.deployment,
        image=record.image,
        strategy=Strategy(name="direct"),
        environment=record.environment,
        commit=record.commit,
        deployment_object=record.deployment_object,
        objects=record.objects,
        configs=record.configs,
        config_originals=record.config_originals,
        template=record.template,
        undo_of=record.revision,
        allow_gitops=True,
    )


def _strategy(app: App, name: str) -> Strategy:
    if name == "direct" and app.find_config() is None:
        return Strategy(name="direct")
    return app.config().strategy(name)


def _gate(app: App, name: str | None) -> Gate | None:
    return None if name is None else app.config().gate(name)


def _prometheus(app: App, gate: str | None) -> str | None:
    if gate is None:
        return None
    if (config := app.find_config()) is None:
        raise ConfigInvalid("a gate needs Prometheus", hint="name it in cictl.yaml: prometheus: {url: ...}")
    return config.prometheus.url
