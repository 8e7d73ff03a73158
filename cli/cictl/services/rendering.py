"""From service.yaml to the objects of a release; writes nothing, and asks no cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from cictl.config.service_file import ServiceFile, merged
from cictl.core.chart_request import ChartRequest
from cictl.core.manifest_checks import Problem, check_manifests, direct_only, without_test_hooks
from cictl.core.manifest_configs import HashedConfig, external_configs, name_configs_by_content
from cictl.core.manifests import (
    Difference,
    first_difference,
    flatten_lists,
    image_of,
    in_namespace,
    is_deployment,
    service_container,
    set_image,
    split_objects,
    unpinned_images,
    without_scaled_replicas,
)
from cictl.errors import ConfigInvalid

if TYPE_CHECKING:
    from pathlib import Path

    from cictl.core.objects import KubernetesObject


class ChartTemplates(Protocol):
    """What renders a chart."""

    def template(self, request: ChartRequest) -> tuple[object, ...]:
        """Return the documents that REQUEST's chart renders."""


class ManifestReader(Protocol):
    """What reads a folder of plain manifests."""

    def read(self, folder: Path) -> tuple[object, ...]:
        """Return all documents in FOLDER."""


@dataclass(frozen=True, slots=True)
class RenderTarget:
    """Where a release is to run: `image` is repository@digest, the versions are the live cluster's."""

    environment: str
    namespace: str
    image: str
    kube_version: str
    api_versions: tuple[str, ...] = ()
    allow_secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A release's objects, all of them in `objects`; the other three share them out by when they are written.

    `container` runs the service's image. `direct_only` says why no canary is possible, empty where one is.
    """

    objects: tuple[KubernetesObject, ...]
    deployment: KubernetesObject
    configs: tuple[KubernetesObject, ...]
    others: tuple[KubernetesObject, ...]
    hashed_configs: tuple[HashedConfig, ...]
    container: str
    values: Mapping[str, Any]
    warnings: tuple[str, ...] = ()
    direct_only: tuple[str, ...] = ()


class ManifestsRefused(ConfigInvalid):
    """The manifests hold what a release may not."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Name every object that is refused."""
        lines = "".join(f"\n  {problem}" for problem in problems)
        hints = dict.fromkeys(problem.hint for problem in problems)
        super().__init__(f"the manifests cannot be released:{lines}", hint="; ".join(hints))
        self.problems = tuple(problems)


class NotReproducible(ConfigInvalid):
    """The same chart and values rendered twice differ."""

    def __init__(self, difference: Difference) -> None:
        """Name the place."""
        super().__init__(
            f"{difference} differs each time that the chart is rendered, so a rollback could not bring it back",
            hint="replace random and generated values (randAlphaNum, genCA, now) by a Secret that is made elsewhere",
        )


class Renderer:
    """Renders and checks a service's objects."""

    def __init__(self, charts: ChartTemplates, folders: ManifestReader, *, default_chart: Path) -> None:
        """Render with CHARTS and FOLDERS; DEFAULT_CHART serves services that name none."""
        self._charts = charts
        self._folders = folders
        self._default_chart = default_chart

    def render(self, service: ServiceFile, target: RenderTarget) -> Rendered:
        """Return SERVICE's objects for TARGET, or raise what is wrong with them."""
        values = chart_values(service, target)
        objects = self._checked(service, target, values)
        objects, container = _with_image(objects, service, target.image)
        named, configs = name_configs_by_content(without_scaled_replicas(in_namespace(objects, target.namespace)))
        parts = split_objects(named, [config.name for config in configs])
        return Rendered(
            objects=named,
            deployment=parts.deployment,
            configs=parts.configs,
            others=parts.others,
            hashed_configs=configs,
            container=container,
            values=values,
            warnings=tuple(_warnings(named)),
            direct_only=direct_only(named),
        )

    def _checked(
        self, service: ServiceFile, target: RenderTarget, values: Mapping[str, Any]
    ) -> tuple[KubernetesObject, ...]:
        """Return what renders, rendered twice and found fit to be released."""
        documents = self._documents(service, target, values)
        if difference := first_difference(documents, self._documents(service, target, values)):
            raise NotReproducible(difference)
        if problems := check_manifests(documents, target.namespace, target.allow_secrets):
            raise ManifestsRefused(problems)
        return tuple(each for each in documents if isinstance(each, Mapping))

    def _documents(self, service: ServiceFile, target: RenderTarget, values: Mapping[str, Any]) -> tuple[object, ...]:
        """Render once."""
        if service.manifests_path is not None:
            return without_test_hooks(flatten_lists(self._folders.read(service.manifests_path)))
        request = ChartRequest(
            name=service.name,
            chart=str(service.chart_path or self._default_chart),
            namespace=target.namespace,
            values=values,
            kube_version=target.kube_version,
            api_versions=target.api_versions,
        )
        return without_test_hooks(flatten_lists(self._charts.template(request)))


def chart_values(service: ServiceFile, target: RenderTarget) -> Mapping[str, Any]:
    """Return the values that SERVICE's chart gets; the image is not for service.yaml to say."""
    if service.manifests_path is not None:
        return {}
    repository, _, digest = target.image.partition("@")
    return merged(service.values_for(target.environment), {"image": {"repository": repository, "digest": digest}})


def _with_image(
    objects: Sequence[KubernetesObject], service: ServiceFile, image: str
) -> tuple[tuple[KubernetesObject, ...], str]:
    """Return OBJECTS with IMAGE in the service's container, and that container's name."""
    deployment = next(each for each in objects if is_deployment(each))
    container = service_container(deployment, service.name)
    if container is None:
        hint = f"call the container that runs the service's image {service.name!r}"
        raise ConfigInvalid(f"none of the Deployment's containers is called {service.name!r}", hint=hint)
    if service.manifests_path is not None:
        changed = set_image(deployment, container, image)
        return tuple(changed if each is deployment else each for each in objects), container
    if (found := image_of(deployment, container)) != image:
        message = f"container {container!r} runs {found!r}, not the image {image!r} that is released"
        raise ConfigInvalid(message, hint="let the chart use image.repository and image.digest of its values")
    return tuple(objects), container


def _warnings(objects: Sequence[KubernetesObject]) -> list[str]:
    """Return what is allowed and yet may surprise."""
    external = [
        f"ConfigMap {name!r} is not among the manifests: undo does not take it back"
        for name in external_configs(objects)
    ]
    tags = [f"image {image!r} is named by a tag, which can move between two pods" for image in unpinned_images(objects)]
    return external + tags
