"""Builds what the image commands use: Git, BuildKit or the engine, and the registry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cictl.clients.buildkit import BuildKit
from cictl.clients.docker_build import EngineBuilder
from cictl.clients.docker_container import ContainerRunner
from cictl.clients.docker_credentials import DockerCredentials
from cictl.clients.docker_engine import DockerEngine
from cictl.clients.git_repository import GitRepository
from cictl.clients.oci_registry import OciRegistry
from cictl.clients.report_folder import ReportFolder
from cictl.clients.scanners import Scanners
from cictl.config.check import load_listed
from cictl.core.scan import ScanPolicy
from cictl.services.image_sboms import ImageSboms
from cictl.services.image_scans import ImageScans
from cictl.services.image_tests import ImageTests
from cictl.services.images import ImageService, ImageTools

if TYPE_CHECKING:
    from collections.abc import Collection

    from cictl.config.service_file import ServiceFile
    from cictl.core.image import ImageReference
    from cictl.wiring.app import App


def image_service(app: App) -> ImageService:
    """Return what builds, pushes and resolves; `resolve` of a full reference needs no configuration."""
    return _service(app, _engine(app))


def image_tests(app: App) -> ImageTests:
    """Return what tests images."""
    engine = _engine(app)
    return ImageTests(
        ConfiguredServices(app), _service(app, engine), ContainerRunner(engine), ReportFolder(), app.output.progress
    )


def image_scans(app: App, *, timeout_seconds: float) -> ImageScans:
    """Return what scans images; without a configuration, high and critical findings stop them."""
    config = app.find_config()
    policy = config.scan_policy() if config is not None else ScanPolicy()
    today = datetime.fromtimestamp(app.clock.wall(), UTC).date()
    return ImageScans(Scanners(app.environ, timeout_seconds=timeout_seconds), policy, today=today)


def image_sboms(app: App, *, timeout_seconds: float) -> ImageSboms:
    """Return what keeps bills of materials."""
    return ImageSboms(Scanners(app.environ, timeout_seconds=timeout_seconds))


def is_insecure(app: App, image: ImageReference) -> bool:
    """Whether IMAGE's registry speaks plain http."""
    return image.registry in _insecure(app)


class ConfiguredServices:
    """The services of cictl.yaml, which is read when first asked for."""

    def __init__(self, app: App) -> None:
        """APP knows the configuration."""
        self._app = app

    def names(self) -> Collection[str]:
        """Return the names of all services; none without a configuration."""
        config = self._app.find_config()
        return config.model.services if config is not None else ()

    def service(self, name: str) -> ServiceFile:
        """Return what the service called NAME says of itself."""
        return load_listed(self._app.config().service(name))

    def repository(self, name: str) -> str:
        """Return where the images of the service called NAME are."""
        config = self._app.config()
        registry = config.registry
        parts = (registry.url, registry.repository.strip("/"), config.service(name).name)
        return "/".join(filter(None, parts))

    def source(self, name: str) -> str | None:
        """Return the address of its Git repository, where the catalogue says it."""
        return self._app.config().service(name).repo


def _engine(app: App) -> DockerEngine:
    return DockerEngine(app.environ, DockerCredentials(app.environ))


def _service(app: App, engine: DockerEngine) -> ImageService:
    tools = ImageTools(
        source=GitRepository(),
        builders=(BuildKit(app.environ, engine.host), EngineBuilder(engine)),
        pusher=engine,
        registry=OciRegistry(DockerCredentials(app.environ), insecure=_insecure(app)),
    )
    return ImageService(ConfiguredServices(app), tools, app.output.progress)


def _insecure(app: App) -> tuple[str, ...]:
    config = app.find_config()
    registry = config.model.registry if config is not None else None
    return (registry.url,) if registry is not None and registry.insecure else ()
