"""Rendered manifests: how they are put in order before anything is written; needs no cluster and no YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from cictl.core.objects import (
    KubernetesObject,
    ObjectKey,
    containers_of,
    key_of,
    mapping_at,
    mappings_at,
    pod_template,
    text_at,
    with_value,
    without_key,
)

# As Helm installs: what others need comes first.
_CREATION_ORDER = (
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "ConfigMap",
    "PersistentVolumeClaim",
    "Role",
    "RoleBinding",
    "Service",
)


@dataclass(frozen=True, slots=True)
class SplitObjects:
    """`configs` are created before the Deployment is touched; `others` before the canary, or changed at promotion."""

    deployment: KubernetesObject
    configs: tuple[KubernetesObject, ...]
    others: tuple[KubernetesObject, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two renderings of the same thing differ first; `path` is empty where a whole object does.

    What stands there is left out: what differs is often a generated secret.
    """

    key: ObjectKey
    path: str

    def __str__(self) -> str:
        """Name the place."""
        return f"{self.key}: {self.path}" if self.path else str(self.key)


def flatten_lists(documents: Iterable[object]) -> tuple[object, ...]:
    """Return DOCUMENTS with the items of every `kind: List` in its place, and without empty ones."""
    flat: list[object] = []
    for document in documents:
        if isinstance(document, Mapping) and text_at(document, "kind") == "List":
            flat.extend(flatten_lists(document.get("items") or ()))
        elif document is not None and document != {}:
            flat.append(document)
    return tuple(flat)


def in_namespace(objects: Iterable[KubernetesObject], namespace: str) -> tuple[KubernetesObject, ...]:
    """Return OBJECTS with NAMESPACE written into each."""
    return tuple(with_value(each, ("metadata", "namespace"), namespace) for each in objects)


def split_objects(objects: Sequence[KubernetesObject], config_names: Iterable[str] = ()) -> SplitObjects:
    """Return the one Deployment, the ConfigMaps called CONFIG_NAMES, and the others in the order of creation."""
    wanted = {ObjectKey("", "ConfigMap", name) for name in config_names}
    deployment = next(each for each in objects if is_deployment(each))
    configs = tuple(each for each in objects if key_of(each) in wanted)
    others = [each for each in objects if each is not deployment and key_of(each) not in wanted]
    return SplitObjects(deployment, configs, tuple(sorted(others, key=_creation_rank)))


def is_deployment(manifest: KubernetesObject) -> bool:
    """Whether MANIFEST is an apps/v1 Deployment, and not another group's."""
    key = key_of(manifest)
    return (key.group, key.kind) == ("apps", "Deployment")


def without_scaled_replicas(objects: Sequence[KubernetesObject]) -> tuple[KubernetesObject, ...]:
    """Return OBJECTS without `spec.replicas` where an autoscaler owns it."""
    scaled = {_scale_target(each) for each in objects if text_at(each, "kind") in _AUTOSCALERS}
    return tuple(
        without_key(each, ("spec", "replicas")) if _kind_and_name(each) in scaled else each for each in objects
    )


def service_container(deployment: KubernetesObject, service: str) -> str | None:
    """Return the name of the container that runs SERVICE's image: the one so called, or the only one."""
    names = [text_at(each, "name") for each in mappings_at(deployment, "spec", "template", "spec", "containers")]
    if service in names:
        return service
    return names[0] if len(names) == 1 else None


def image_of(deployment: KubernetesObject, container: str) -> str | None:
    """Return the image of CONTAINER, None where there is no such container."""
    template = mapping_at(deployment, "spec", "template")
    return next((text_at(each, "image") for each in containers_of(template) if each.get("name") == container), None)


def set_image(deployment: KubernetesObject, container: str, reference: str) -> dict[str, Any]:
    """Return DEPLOYMENT with REFERENCE as CONTAINER's image."""
    path = ("spec", "template", "spec", "containers")
    containers = mappings_at(deployment, *path)
    changed = [{**each, "image": reference} if each.get("name") == container else each for each in containers]
    return with_value(deployment, path, changed)


def first_difference(first: Sequence[object], second: Sequence[object]) -> Difference | None:
    """Return where two renderings differ first, None where they are the same."""
    for one, other in zip_longest(first, second):
        if key_of(one) != key_of(other):
            return Difference(key_of(other if one is None else one), "")
        found = _differing_path(one, other, ())
        if found is not None:
            return Difference(key_of(one), ".".join(found))
    return None


def unpinned_images(objects: Sequence[KubernetesObject]) -> tuple[str, ...]:
    """Return the images that a tag names, which can mean something else for the next pod."""
    images = {text_at(each, "image") for one in objects for each in containers_of(pod_template(one))}
    return tuple(sorted(image for image in images if "@" not in image))


_AUTOSCALERS = frozenset({"HorizontalPodAutoscaler", "ScaledObject"})


def _scale_target(autoscaler: KubernetesObject) -> tuple[str, str]:
    """Return kind and name of what AUTOSCALER scales; KEDA leaves a Deployment's kind out."""
    target = mapping_at(autoscaler, "spec", "scaleTargetRef")
    return text_at(target, "kind") or "Deployment", text_at(target, "name")


def _kind_and_name(manifest: KubernetesObject) -> tuple[str, str]:
    key = key_of(manifest)
    return key.kind, key.name


def _creation_rank(manifest: KubernetesObject) -> int:
    kind = text_at(manifest, "kind")
    return _CREATION_ORDER.index(kind) if kind in _CREATION_ORDER else len(_CREATION_ORDER)


def _differing_path(one: object, other: object, path: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the path below PATH at which ONE and OTHER part."""
    if one == other:
        return None
    pairs = _pairs(one, other)
    if pairs is None:
        return path
    deeper = (_differing_path(left, right, (*path, name)) for name, left, right in pairs)
    return next((found for found in deeper if found is not None), path)


def _pairs(one: object, other: object) -> list[tuple[str, object, object]] | None:
    """Return the parts of ONE and OTHER side by side, None where they have none to compare."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return [(str(name), one.get(name), other.get(name)) for name in sorted({*one, *other}, key=str)]
    if isinstance(one, list) and isinstance(other, list):
        return [(str(i), left, right) for i, (left, right) in enumerate(zip_longest(one, other))]
    return None
