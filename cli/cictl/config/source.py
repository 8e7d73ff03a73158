"""One YAML file, and the line of each of its keys; duplicate keys are refused, which PyYAML would swallow."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from cictl.config.aliases import may_unfold, unfolding_node
from cictl.config.problems import ConfigProblems, KeyPath, Problem, dotted
from cictl.errors import NotAllowed, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_Loader: Any = type("_Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {})
_DEEPEST = 64  # an alias may contain itself
_MOST_NODES = 100_000


def _timestamp(loader: Any, node: yaml.ScalarNode) -> object:  # noqa: ANN401 - either of two loaders
    """Return the date that NODE is; one that cannot be has a line like all that is wrong."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError as error:
        problem = f"{node.value!r} is no date: {error}"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _timestamp)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's DATA as plain values, and the line on which each key path begins."""

    file: str
    data: dict[str, object]
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line_of(self, path: KeyPath) -> int:
        """Return the line of PATH, or of the nearest key above it that the file has."""
        for length in range(len(path), -1, -1):
            if line := self.lines.get(path[:length]):
                return line
        return 0

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Return MESSAGE as a finding at PATH."""
        return Problem(self.file, self.line_of(path), dotted(path), message)


def read_source(path: Path, *, name: str | None = None) -> Source:
    """Read the mapping in PATH; NAME is what messages call the file."""
    file = name or str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFound(f"there is no {file}", hint="check the path, or the file's name") from error
    except PermissionError as error:
        raise NotAllowed(f"{file} cannot be read: {error.strerror}", hint="check the file's mode and owner") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigProblems([Problem(file, 0, "", f"cannot be read: {error}")]) from error
    return parse_source(text, file=file)


def parse_source(text: str, *, file: str) -> Source:
    """Parse TEXT, which stands in FILE."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if may_unfold(text) and (large := unfolding_node(node, at_most=_MOST_NODES)):
            message = f"its aliases stand for more than {_MOST_NODES:,} values; write fewer aliases of aliases"
            raise ConfigProblems([Problem(file, large.start_mark.line + 1, "", message)])
        if not isinstance(node, yaml.MappingNode):
            raise ConfigProblems([Problem(file, 1, "", "must be a mapping of keys to values")])
        lines = dict(_lines(node, (), file))
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigProblems([Problem(file, line, "", f"not YAML: {error.problem or error.context}")]) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigProblems([Problem(file, 0, "", f"not YAML: {error}")]) from error
    finally:
        loader.dispose()
    return Source(file, data, lines)


def _lines(node: yaml.Node, path: KeyPath, file: str) -> Iterator[tuple[KeyPath, int]]:
    if len(path) > _DEEPEST:
        line = node.start_mark.line + 1
        raise ConfigProblems([Problem(file, line, "", "nested too deeply; does an alias hold itself?")])
    if isinstance(node, yaml.MappingNode):
        yield from _lines_of_mapping(node, path, file)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*path, index), item.start_mark.line + 1
            yield from _lines(item, (*path, index), file)


def _lines_of_mapping(node: yaml.MappingNode, path: KeyPath, file: str) -> Iterator[tuple[KeyPath, int]]:
    first_line: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        name = str(key.value)
        if name in first_line and name != "<<":
            message = f"is there twice, first on line {first_line[name]}"
            raise ConfigProblems([Problem(file, line, dotted((*path, name)), message)])
        first_line[name] = line
        if name == "<<":
            merged = value.value if isinstance(value, yaml.SequenceNode) else [value]
            yield from itertools.chain.from_iterable(_lines(part, path, file) for part in merged)
        else:
            yield (*path, name), line
            yield from _lines(value, (*path, name), file)
