"""Builds a probe for each system that the configuration names; what cannot be built is a finding of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NoReturn

from cictl.clients.endpoints import DockerEndpoint, RegistryEndpoint
from cictl.clients.helm import Helm
from cictl.clients.program import Program
from cictl.config.platform import Config, Environment
from cictl.errors import CictlError
from cictl.services.doctor import ClusterProbe, Probe, ProgramProbe, ServerProbe, Versioned
from cictl.services.preflight import NEEDED
from cictl.wiring.app import App
from cictl.wiring.cluster import cluster_api
from cictl.wiring.gates import prometheus_of


def probes(app: App) -> list[Probe]:
    """Return what `cictl doctor` asks: first this machine, then what the configuration names."""
    environ = app.environ
    git = partial(Program, "git", environ=environ, hint="install git, as with apt-get install git")
    return [
        ProgramProbe("git", git),
        ProgramProbe("helm", lambda: Helm(environ)),
        ProgramProbe("docker", lambda: DockerEndpoint(environ), environ.get("DOCKER_HOST", "")),
        *_configured(app),
    ]


def _configured(app: App) -> Iterator[Probe]:
    try:
        config = app.config()
    except CictlError as error:
        yield ProgramProbe("configuration", _raises(error))
        return
    yield ServerProbe("registry", partial(_registry, config), app.clock, _url(config.model.registry))
    yield ServerProbe("prometheus", partial(prometheus_of, app), app.clock, _url(config.model.prometheus))
    for environment in config.environments():
        yield _cluster_probe(app, environment)


def _registry(config: Config) -> RegistryEndpoint:
    return RegistryEndpoint(config.registry.url, insecure=config.registry.insecure)


def _cluster_probe(app: App, environment: Environment) -> ClusterProbe:
    connect = partial(cluster_api, app, environment.context)
    system = f"environment {environment.name}"
    return ClusterProbe(system, environment.namespace, connect, app.clock, NEEDED)


def _url(section: object) -> str:
    return str(getattr(section, "url", ""))


def _raises(error: CictlError) -> Callable[[], Versioned]:
    def connect() -> NoReturn:
        raise error

    return connect
