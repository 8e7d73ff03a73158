"""ConfigMaps named by their content, so that two releases' configurations live side by side and go back together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cictl.core.objects import (
    CONTAINER_LISTS,
    KubernetesObject,
    key_of,
    mapping_at,
    mappings_at,
    pod_template,
    pod_template_path,
    text_at,
    value_at,
    with_value,
)
from cictl.core.workload import canonical_json

_MAX_NAME = 253
_HASH_DIGITS = 10

Rename = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class HashedConfig:
    """A ConfigMap that was called `original` and is now called `name` after its content."""

    original: str
    name: str
    data: Mapping[str, str]
    binary_data: Mapping[str, str]


def name_configs_by_content(
    objects: Sequence[KubernetesObject],
) -> tuple[tuple[KubernetesObject, ...], tuple[HashedConfig, ...]]:
    """Return OBJECTS with the ConfigMaps of pod templates renamed and immutable, and those ConfigMaps."""
    referenced = referenced_configs(objects)
    hashed = {each.original: each for each in map(_hashed, filter(_is_config, objects)) if each.original in referenced}

    def rename(name: str) -> str:
        return hashed[name].name if name in hashed else name

    renamed = (_frozen(each, hashed) if _is_config(each) else with_config_names(each, rename) for each in objects)
    return tuple(renamed), tuple(hashed.values())


def external_configs(objects: Sequence[KubernetesObject]) -> tuple[str, ...]:
    """Return the ConfigMaps that pod templates reference and that are not among OBJECTS."""
    own = {key_of(each).name for each in objects if _is_config(each)}
    return tuple(sorted(referenced_configs(objects) - own))


def referenced_configs(objects: Sequence[KubernetesObject]) -> frozenset[str]:
    """Return the names of all ConfigMaps that a pod template among OBJECTS references by a known field."""
    seen: set[str] = set()

    def note(name: str) -> str:
        seen.add(name)
        return name

    for each in objects:
        with_config_names(each, note)
    return frozenset(seen)


def with_config_names(workload: KubernetesObject, rename: Rename) -> KubernetesObject:
    """Return WORKLOAD with each ConfigMap's name in its pod template passed through RENAME; others as they are."""
    template = pod_template(workload)
    if not template:
        return workload
    spec = dict(mapping_at(template, "spec"))
    _rewrite_list(spec, "volumes", lambda volume: _volume(volume, rename))
    for part in CONTAINER_LISTS:
        _rewrite_list(spec, part, lambda container: _container(container, rename))
    return with_value(workload, (*pod_template_path(text_at(workload, "kind")), "spec"), spec)


def _volume(volume: KubernetesObject, rename: Rename) -> KubernetesObject:
    changed = dict(_reference(volume, ("configMap",), rename))
    projected = dict(mapping_at(volume, "projected"))
    if _rewrite_list(projected, "sources", lambda source: _reference(source, ("configMap",), rename)):
        changed["projected"] = projected
    return changed


def _container(container: KubernetesObject, rename: Rename) -> KubernetesObject:
    changed = dict(container)
    _rewrite_list(changed, "envFrom", lambda source: _reference(source, ("configMapRef",), rename))
    _rewrite_list(changed, "env", lambda variable: _reference(variable, ("valueFrom", "configMapKeyRef"), rename))
    return changed


def _rewrite_list(parent: dict[str, Any], part: str, rewrite: Callable[[KubernetesObject], KubernetesObject]) -> bool:
    """Pass every item of PARENT's list PART through REWRITE; say whether there is such a list."""
    items = mappings_at(parent, part)
    if items:
        parent[part] = [rewrite(item) for item in items]
    return bool(items)


def _reference(holder: KubernetesObject, path: tuple[str, ...], rename: Rename) -> KubernetesObject:
    name = value_at(holder, *path, "name")
    return with_value(holder, (*path, "name"), rename(name)) if isinstance(name, str) else holder


def _is_config(manifest: KubernetesObject) -> bool:
    key = key_of(manifest)
    return (key.group, key.kind) == ("", "ConfigMap")


def _hashed(config: KubernetesObject) -> HashedConfig:
    original = key_of(config).name
    data, binary_data = mapping_at(config, "data"), mapping_at(config, "binaryData")
    # The name goes in too: two long names that are cut to the same beginning stay apart.
    content = canonical_json({"name": original, "data": data, "binaryData": binary_data})
    digits = hashlib.sha256(content.encode()).hexdigest()[:_HASH_DIGITS]
    kept = original[: _MAX_NAME - _HASH_DIGITS - 1].rstrip("-.")
    return HashedConfig(original, f"{kept}-{digits}", data, binary_data)


def _frozen(config: KubernetesObject, hashed: Mapping[str, HashedConfig]) -> KubernetesObject:
    """Return CONFIG under its new name and immutable, if it has one."""
    found = hashed.get(key_of(config).name)
    if found is None:
        return config
    return {**with_value(config, ("metadata", "name"), found.name), "immutable": True}
