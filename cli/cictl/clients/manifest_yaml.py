"""YAML of manifests, read as Kubernetes reads it: no dates, no base 60, no key twice."""

from __future__ import annotations

import re

import yaml

from cictl.errors import ConfigInvalid

_INT_TAG, _FLOAT_TAG = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_DROPPED_TAGS = frozenset({"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value", _INT_TAG, _FLOAT_TAG})
_INT = re.compile(r"^[-+]?(0|[1-9][0-9]*|0[0-7]+|0o[0-7]+|0x[0-9a-fA-F]+|0b[01]+)$")
# Go's templates print large numbers as 1e+06, which YAML 1.1 would take for text.
_FLOAT = re.compile(
    r"^[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$"
)


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader with the scalars of sigs.k8s.io/yaml."""

    def construct_document(self, node: yaml.Node) -> object:
        """Refuse keys that are there twice, before merges bring in others' keys."""
        _refuse_double_keys(node)
        return super().construct_document(node)


def _refuse_double_keys(root: yaml.Node) -> None:
    """Raise where a mapping below ROOT has a key twice: one of the two would be lost without a word."""
    visited: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in visited:
            continue
        visited.add(id(node))
        if isinstance(node, yaml.MappingNode):
            _refuse_double_key(node)
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _refuse_double_key(node: yaml.MappingNode) -> None:
    seen: set[tuple[str, str]] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        if (key.tag, key.value) in seen:
            raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} is there twice", key.start_mark)
        seen.add((key.tag, key.value))


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
