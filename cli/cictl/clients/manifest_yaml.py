"""YAML of manifests, read as Kubernetes reads it: no dates, no base 60, no key twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from cictl.errors import ConfigInvalid

if TYPE_CHECKING:
    from collections.abc import Hashable

_INT_TAG, _FLOAT_TAG = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_DROPPED_TAGS = frozenset({"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value", _INT_TAG, _FLOAT_TAG})
_INT = re.compile(r"^[-+]?(0|[1-9][0-9]*|0[0-7]+|0o[0-7]+|0x[0-9a-fA-F]+|0b[01]+)$")
# Go's templates print large numbers as 1e+06, which YAML 1.1 would take for text.
_FLOAT = re.compile(
    r"^[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$"
)


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader with the scalars of sigs.k8s.io/yaml."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        """Refuse a key that is there twice: one of the two would be lost without a word."""
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True) if isinstance(key_node, yaml.ScalarNode) else None
            if key in seen and key_node.tag != "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is there twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _construct_int(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node)).replace("0o", "0")
    return int(text, 8) if re.match(r"^[-+]?0[0-7]+$", text) else int(text, 0)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _DROPPED_TAGS]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_INT_TAG, _INT, list("-+0123456789"))
_Loader.add_implicit_resolver(_FLOAT_TAG, _FLOAT, list("-+0123456789."))
_Loader.add_constructor(_INT_TAG, _construct_int)


def parse_manifests(text: str, source: str) -> tuple[object, ...]:
    """Return the documents in TEXT; SOURCE is what an error calls it."""
    try:
        return tuple(yaml.load_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        raise ConfigInvalid(f"{source} is not valid YAML: {_describe(error)}", hint="correct it there") from error


def _describe(error: yaml.YAMLError) -> str:
    """Return what is wrong and where, in one line."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        return f"{where}{error.problem or error.context}"
    return " ".join(str(error).split())
