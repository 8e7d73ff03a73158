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
from cictl.services.doctor import ClusterProbe, Probe, ProgramProbe, ServerProbe, Survey, Versioned
from cictl.services.jenkins_health import JenkinsSurvey
from cictl.services.preflight import NEEDED
from cictl.wiring.app import App
from cictl.wiring.cluster import cluster_api
from cictl.wiring.gates import prometheus_of
from cictl.wiring.jenkins import jenkins_connection, jenkins_url


def probes(app: App) -> list[Probe | Survey]:
    """Return what `cictl doctor` asks: first this machine, then what the configuration names."""
    environ = app.environ
    git = partial(Program, "git", environ=environ, hint="install git, as with apt-get install git")
    return [
        ProgramProbe("git", git),
        ProgramProbe("helm", lambda: Helm(environ)),
        ProgramProbe("docker", lambda: DockerEndpoint(environ), environ.get("DOCKER_HOST", "")),
        *_configured(app),
    ]


def jenkins_survey(app: App) -> JenkinsSurvey:
    """Return what asks Jenkins."""
    from cictl.clients.jenkins_account import JenkinsAccount  # noqa: PLC0415 - not every platform has a Jenkins
    from cictl.clients.jenkins_connection import JenkinsConnection  # noqa: PLC0415 - as above

    config = app.find_config()
    section = config.model.jenkins if config is not None else None
    return JenkinsSurvey(
        connect=lambda: JenkinsAccount(jenkins_connection(app)),
        connect_as_stranger=lambda: JenkinsAccount(JenkinsConnection(jenkins_url(app), environ=app.environ)),
        folder=section.folder if section is not None else "",
        clock=app.clock,
    )


def _configured(app: App) -> Iterator[Probe | Survey]:
    try:
        config = app.config()
    except CictlError as error:
        yield ProgramProbe("configuration", _raises(error))
        return
    yield ServerProbe("registry", partial(_registry, config), app.clock, _url(config.model.registry))
    yield ServerProbe("prometheus", partial(prometheus_of, app), app.clock, _url(config.model.prometheus))
    if config.model.jenkins is not None:
        yield jenkins_survey(app)
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
