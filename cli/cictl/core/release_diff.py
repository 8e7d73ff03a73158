"""What changes from one release to the next, in lines for people; what may be secret is never in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from cictl.core.objects import ObjectKey, key_of, mapping_at, text_at, value_at
from cictl.core.workload import canonical_json

if TYPE_CHECKING:
    from cictl.core.manifest_configs import HashedConfig
    from cictl.core.objects import KubernetesObject

_SECRET_NAME = re.compile(
    r"passw|secret|token|credential|private.?key|api.?key|access.?key|\bauth\b|\bdsn|conn(ection)?.?str", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"://[^/\s:@]*:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]+\.[\w-]+\.|(passw\w*|token|secret|key)=\S",
    re.IGNORECASE,
)
# These name a secret and do not hold one.
_REFERENCES = frozenset({"secretName", "automountServiceAccountToken"})
_ENVIRONMENT = re.compile(r"env\[(?P<variable>[^\]]+)\]\.value$")
# The API server's own; they differ without anybody's doing.
_SERVER_FIELDS = frozenset(
    {"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink", "ownerReferences"}
)
_HIDDEN = "(hidden)"
_MAX_VALUE = 120
_MAX_TEXT_LINES = 20
_DIGEST = re.compile(r"@(sha256:[0-9a-f]{12})[0-9a-f]{52}")


@dataclass(frozen=True, slots=True)
class ReleaseContent:
    """What of a release can be compared: `image` is repository@digest."""

    image: str
    objects: tuple[KubernetesObject, ...]
    configs: tuple[HashedConfig, ...] = ()


def diff_releases(old: ReleaseContent | None, new: ReleaseContent) -> tuple[str, ...]:
    """Return what NEW changes of OLD (None: nothing is there yet), image and configuration first."""
    before = old or ReleaseContent("", ())
    lines = [] if before.image == new.image else [f"image: {short_digests(before.image)} → {short_digests(new.image)}"]
    lines += _diff_configs(before.configs, new.configs)
    lines += _diff_object_lists(_without_configs(before), _without_configs(new), _renamed(before, new))
    return tuple(lines)


def diff_objects(old: KubernetesObject, new: KubernetesObject) -> tuple[str, ...]:
    """Return the paths that differ between two states of one object, with both values; status is left out."""
    return tuple(_object_lines(old, new, {}))


def _diff_configs(old: Sequence[HashedConfig], new: Sequence[HashedConfig]) -> Iterator[str]:
    before, after = _config_data(old), _config_data(new)
    for name in sorted({*before, *after}):
        if name not in before:
            yield f"+ ConfigMap/{name}: {', '.join(sorted(after[name])) or 'empty'}"
        elif name not in after:
            yield f"- ConfigMap/{name}"
        else:
            yield from _diff_data(f"ConfigMap/{name}", before[name], after[name])


def _config_data(configs: Sequence[HashedConfig]) -> dict[str, dict[str, str]]:
    """Return the data of CONFIGS by their original names; what is binary by its length only."""
    return {each.original: {**each.data, **_binary(each.binary_data)} for each in configs}


def _binary(data: Mapping[str, str]) -> dict[str, str]:
    return {name: f"{len(content)} characters of base64, ending {content[-12:]}" for name, content in data.items()}


def _diff_data(label: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """Yield what differs per key; long texts line by line."""
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if before is not None and after is not None and "\n" in before.strip() + after.strip():
            yield f"{label} {key}:"
            yield from _diff_text(key, before, after)
        else:
            yield f"{label} {key}: {_shown(key, before)} → {_shown(key, after)}"


def _diff_text(name: str, old: str, new: str) -> Iterator[str]:
    """Yield the lines that differ, none of them if NAME or text look secret."""
    if _SECRET_NAME.search(name) or _SECRET_TEXT.search(old + new):
        yield f"  {_HIDDEN}"
        return
    changes = unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    lines = [line for line in changes if not line.startswith(("---", "+++", "@@"))]
    for line in lines[:_MAX_TEXT_LINES]:
        name_of_line = re.split(r"[:=]", line, maxsplit=1)[0]
        yield f"  {line[0]} {_HIDDEN if _SECRET_NAME.search(name_of_line) else line[1:]}"
    if len(lines) > _MAX_TEXT_LINES:
        yield f"  … {len(lines) - _MAX_TEXT_LINES} more lines differ"


def _without_configs(release: ReleaseContent) -> dict[ObjectKey, KubernetesObject]:
    hashed = {ObjectKey("", "ConfigMap", config.name) for config in release.configs}
    return {key: each for each in release.objects if (key := key_of(each)) not in hashed}


def _renamed(old: ReleaseContent, new: ReleaseContent) -> dict[str, str]:
    """Return the original names by the hashed ones: that a name follows its content is no news."""
    return {config.name: config.original for config in (*old.configs, *new.configs)}


def _diff_object_lists(
    old: Mapping[ObjectKey, KubernetesObject], new: Mapping[ObjectKey, KubernetesObject], renamed: Mapping[str, str]
) -> Iterator[str]:
    for key in sorted({*old, *new}):
        if key not in old:
            yield f"+ {key}"
        elif key not in new:
            yield f"- {key}"
        else:
            yield from (f"{key} {line}" for line in _object_lines(old[key], new[key], renamed))


def _object_lines(old: KubernetesObject, new: KubernetesObject, renamed: Mapping[str, str]) -> Iterator[str]:
    kind = text_at(new, "kind")
    if kind == "Secret":
        if any(value_at(old, part) != value_at(new, part) for part in ("data", "stringData")):
            yield f"data: {_HIDDEN} → {_HIDDEN}"
        return
    if kind == "ConfigMap":
        yield from _diff_data("data", mapping_at(old, "data"), mapping_at(new, "data"))
        old, new = {**old, "data": None}, {**new, "data": None}
    flat_old, flat_new = dict(_flat(_comparable(old), "", renamed)), dict(_flat(_comparable(new), "", renamed))
    for path in sorted({*flat_old, *flat_new}):
        if flat_old.get(path) != flat_new.get(path):
            name = _telling_name(path)
            yield f"{path}: {_shown(name, flat_old.get(path))} → {_shown(name, flat_new.get(path))}"


def _comparable(manifest: KubernetesObject) -> dict[str, Any]:
    """Return MANIFEST without what the API server adds."""
    metadata = {name: value for name, value in mapping_at(manifest, "metadata").items() if name not in _SERVER_FIELDS}
    return {**{name: value for name, value in manifest.items() if name != "status"}, "metadata": metadata}


def _flat(value: object, path: str, renamed: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    """Yield each leaf of VALUE with its path; items of lists go by their name where they have one."""
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            yield from _flat(part, f"{path}.{name}" if path else str(name), renamed)
    elif isinstance(value, list) and value:
        for label, part in _labelled(value):
            yield from _flat(part, f"{path}[{label}]", renamed)
    elif value not in (None, {}, []):
        yield path, renamed.get(value, value) if isinstance(value, str) else value


def _labelled(items: Sequence[object]) -> list[tuple[str, object]]:
    names = [text_at(item, "name") for item in items]
    if all(names) and len(set(names)) == len(names):
        return list(zip(names, items, strict=True))
    return [(str(position), item) for position, item in enumerate(items)]


def _telling_name(path: str) -> str:
    """Return what of PATH says whether a secret stands there: the variable's name, or the last key."""
    if match := _ENVIRONMENT.search(path):
        return match["variable"]
    last = path.rpartition(".")[2].partition("[")[0]
    return "" if last in _REFERENCES else last


def _shown(name: str, value: object) -> str:
    """Return VALUE in one line, hidden where it or its NAME looks secret; None is nothing."""
    if value is None:
        return "(none)"
    text = value if isinstance(value, str) else canonical_json(value)
    if _SECRET_NAME.search(name) or _SECRET_TEXT.search(text):
        return _HIDDEN
    line = " ".join(short_digests(text).split())
    return line if len(line) <= _MAX_VALUE else f"{line[:_MAX_VALUE]}…"


def short_digests(text: str) -> str:
    """Return TEXT with digests as short as people compare them."""
    return _DIGEST.sub(r"@\1", text) or "(none)"
