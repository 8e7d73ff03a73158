"""From what a user asks to what is to be released: the image by digest, the strategy, the gate and the manifests."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.helm import Helm
from cictl.clients.manifest_folder import ManifestFolder
from cictl.config.check import load_listed
from cictl.config.service_file import FILE_NAME
from cictl.core.commits import committed
from cictl.core.image import parse_reference
from cictl.core.strategy import Strategy
from cictl.core.wanted import Wanted
from cictl.errors import CictlError, ConfigInvalid, NotFound, UsageProblem
from cictl.services.rendering import Rendered, Renderer, RenderTarget
from cictl.wiring.gates import prometheus_of

if TYPE_CHECKING:
    from cictl.config.platform import Config, ServiceEntry
    from cictl.config.service_file import ServiceFile
    from cictl.core.gate import Gate
    from cictl.services.images import ImageService
    from cictl.wiring.app import App
    from cictl.wiring.rollouts import RolloutTools

_CHART = Path("charts/service")


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of `rollout start`; None leaves it to the configuration."""

    image: str
    strategy: str | None = None
    gate: str | None = None
    container: str | None = None
    allow_gitops: bool = False


def wanted_release(tools: RolloutTools, asked: Asked) -> Wanted:
    """Return what the user asks for, its image by digest."""
    image = resolved_image(tools.app, asked.image)
    if tools.place.deployment is not None:
        return _adopted(tools, asked, image)
    entry = tools.app.config().service(tools.place.service)
    if entry.repo is not None and not (entry.path / FILE_NAME).is_file():
        return _of_its_commit(tools, asked, image, entry)
    return from_chart(tools, asked, image, _sources(tools))


def _of_its_commit(tools: RolloutTools, asked: Asked, image: str, entry: ServiceEntry) -> Wanted:
    """Return the release of a service that is not in this checkout, with the configuration of its image's commit."""
    from cictl.wiring.commit_sources import files_of, history_of  # noqa: PLC0415 - Git only where it is asked

    commit = commit_of(tools.app, image)
    if commit is None:
        message = f"{entry.name} is not at {entry.path}, and nobody knows the commit of {image}"
        raise NotFound(message, hint="build it by cictl, whose images name their commit in a label")
    chart = default_chart(tools.app.config())
    with files_of(history_of(tools.app, entry), entry, committed(commit), chart) as (service, chart_then):
        return from_chart(tools, asked, image, Sources(service, chart_then))


def resolved_image(app: App, image: str) -> str:
    """Return IMAGE as repository@digest; a tag is resolved by its registry, once, before anything else."""
    if "@" not in image:
        return _images(app).resolve(image).pinned
    try:
        return parse_reference(image).pinned
    except ValueError as problem:
        raise UsageProblem(str(problem), hint="write it as HOST[:PORT]/REPOSITORY@sha256:… with 64 digits") from problem


def commit_of(app: App, image: str) -> str | None:
    """Return the commit that IMAGE, repository@digest, was built from, marked where files differed, if known."""
    config = app.find_config()
    if config is None or config.model.registry is None or not image.startswith(f"{config.registry.url}/"):
        return None
    with suppress(CictlError):  # it only informs
        return _images(app).commit(parse_reference(image))
    return None


def _images(app: App) -> ImageService:
    from cictl.wiring.images import image_service  # noqa: PLC0415 - Docker and Git only where an image is looked up

    return image_service(app)


def _adopted(tools: RolloutTools, asked: Asked, image: str) -> Wanted:
    place = tools.place
    chosen = _strategy(tools.app, asked.strategy or "direct")
    gate = asked.gate or chosen.gate
    return Wanted(
        service=place.service,
        namespace=place.namespace,
        deployment=place.deployment or place.service,
        image=image,
        strategy=chosen,
        gate=_gate(tools.app, gate),
        commit=commit_of(tools.app, image),
        prometheus=_prometheus(tools.app, gate),
        container=asked.container,
        allow_gitops=asked.allow_gitops,
    )


@dataclass(frozen=True, slots=True)
class Sources:
    """What a release is rendered from."""

    service: ServiceFile
    default_chart: Path


def _sources(tools: RolloutTools) -> Sources:
    config = tools.app.config()
    return Sources(load_listed(config.service(tools.place.service)), default_chart(config))


def default_chart(config: Config) -> Path:
    """Return the chart of services that name none."""
    return config.root / _CHART


def from_chart(tools: RolloutTools, asked: Asked, image: str, sources: Sources) -> Wanted:
    """Return the release of IMAGE, repository@digest, with the manifests that SOURCES render."""
    config, place = tools.app.config(), tools.place
    if place.environment is None:
        raise UsageProblem("the environment is missing", hint="pass --env")
    rendered = _rendered(tools, place.environment.name, image, sources)
    chosen = config.strategy(asked.strategy or place.environment.strategy)
    gate = asked.gate or place.environment.gate or chosen.gate
    return Wanted(
        service=place.service,
        namespace=place.namespace,
        deployment=str(rendered.deployment["metadata"]["name"]),
        image=image,
        strategy=chosen,
        gate=_gate(tools.app, gate),
        environment=place.environment.name,
        commit=commit_of(tools.app, image),
        prometheus=_prometheus(tools.app, gate),
        deployment_object=rendered.deployment,
        objects=rendered.others,
        configs=rendered.configs,
        config_originals={config.name: config.original for config in rendered.hashed_configs},
        warnings=rendered.warnings,
        direct_only=rendered.direct_only,
        allow_gitops=asked.allow_gitops,
    )


def _rendered(tools: RolloutTools, environment: str, image: str, sources: Sources) -> Rendered:
    place = tools.place
    renderer = Renderer(Helm(tools.app.environ), ManifestFolder(), default_chart=sources.default_chart)
    target = RenderTarget(
        environment=environment,
        namespace=place.namespace,
        image=image,
        kube_version=tools.api.version(),
        api_versions=tools.api.api_versions(),
    )
    return renderer.render(sources.service, target)


def undo_release(tools: RolloutTools, to_revision: int | None, *, reason: str | None = None) -> Wanted:
    """Return the release to go back to, with its configuration; REASON is kept with the new release."""
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
        reason=reason,
    )


def _strategy(app: App, name: str) -> Strategy:
    if name == "direct" and app.find_config() is None:
        return Strategy(name="direct")
    return app.config().strategy(name)


def _gate(app: App, name: str | None) -> Gate | None:
    if name is None:
        return None
    gate = app.config().gate(name)
    _refuse_broken(app, name)
    return gate


def _refuse_broken(app: App, gate: str) -> None:
    """Refuse a GATE that cannot judge: it would find out at the first step, when clients are on the canary."""
    from cictl.core.gate_lint_rules import Severity  # noqa: PLC0415 - the parser of PromQL costs, and most have no gate
    from cictl.wiring.gates import lint_gates  # noqa: PLC0415 - as above

    found = [each for each in lint_gates(app, [gate], is_offline=True) if each.finding.severity is Severity.ERROR]
    if found:
        first = found[0]
        message = f"gate {gate!r} cannot judge: {first.place}: {first.finding.message}"
        raise ConfigInvalid(message, hint=f"'cictl gate lint {gate}' shows all that is wrong; nothing was changed")


def _prometheus(app: App, gate: str | None) -> str | None:
    """Return where GATE measures; a token that cannot be read is an error now, before the first act."""
    if gate is None:
        return None
    if app.find_config() is None:
        raise ConfigInvalid("a gate needs Prometheus", hint="name it in cictl.yaml: prometheus: {url: ...}")
    return prometheus_of(app).url
