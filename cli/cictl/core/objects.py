"""Kubernetes objects as parsed JSON: what they are called and where their parts lie; trusts no shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KubernetesObject = Mapping[str, Any]

_POD_TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
CONTAINER_LISTS = ("initContainers", "containers")


@dataclass(frozen=True, slots=True, order=True)
class ObjectKey:
    """What one namespace tells objects apart by; two versions of one group are the same object."""

    group: str
    kind: str
    name: str

    def __str__(self) -> str:
        """Name it as kubectl does."""
        return f"{self.kind}/{self.name}"


def key_of(manifest: object) -> ObjectKey:
    """Return the identity of MANIFEST, with empty parts where it has none."""
    api_version = text_at(manifest, "apiVersion")
    group = api_version.rpartition("/")[0]
    return ObjectKey(group, text_at(manifest, "kind"), text_at(manifest, "metadata", "name"))


def value_at(manifest: object, *path: str) -> Any:  # noqa: ANN401 - parsed JSON has no narrower type
    """Return what lies at PATH, None where there is nothing."""
    found: Any = manifest
    for part in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def text_at(manifest: object, *path: str) -> str:
    """Return the text at PATH, empty where there is none."""
    found = value_at(manifest, *path)
    return found if isinstance(found, str) else ""


def number_at(manifest: object, *path: str) -> int:
    """Return the whole number at PATH, zero where there is none."""
    found = value_at(manifest, *path)
    return found if isinstance(found, int) else 0


def mapping_at(manifest: object, *path: str) -> Mapping[str, Any]:
    """Return the mapping at PATH, empty where there is none."""
    found = value_at(manifest, *path)
    return found if isinstance(found, Mapping) else {}


def mappings_at(manifest: object, *path: str) -> tuple[Mapping[str, Any], ...]:
    """Return the mappings in the list at PATH; anything else in it is left out."""
    found = value_at(manifest, *path)
    if not isinstance(found, Sequence) or isinstance(found, str):
        return ()
    return tuple(item for item in found if isinstance(item, Mapping))


def pod_template(manifest: KubernetesObject) -> Mapping[str, Any]:
    """Return the pod template of a workload, empty for anything else."""
    path = pod_template_path(text_at(manifest, "kind"))
    return mapping_at(manifest, *path) if path else {}


def pod_template_path(kind: str) -> tuple[str, ...]:
    """Return where KIND keeps its pod template; empty where it has none."""
    return _POD_TEMPLATES.get(kind, ())


def containers_of(template: object) -> tuple[Mapping[str, Any], ...]:
    """Return the containers of a pod or pod template, those that initialise first."""
    return tuple(container for part in CONTAINER_LISTS for container in mappings_at(template, "spec", part))


def with_value(manifest: KubernetesObject, path: Sequence[str], value: object) -> dict[str, Any]:
    """Return a copy of MANIFEST with VALUE at PATH; the rest is shared."""
    head, *rest = path
    return {**manifest, head: with_value(mapping_at(manifest, head), rest, value) if rest else value}


def without_key(manifest: KubernetesObject, path: Sequence[str]) -> KubernetesObject:
    """Return MANIFEST without what lies at PATH."""
    *parents, last = path
    parent = mapping_at(manifest, *parents)
    if last not in parent:
        return manifest
    left = {name: value for name, value in parent.items() if name != last}
    return with_value(manifest, parents, left) if parents else left
