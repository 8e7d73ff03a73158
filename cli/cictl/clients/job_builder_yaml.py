"""Loads job files by libyaml's parser and composer under Job Builder's own constructors.

A file that the two parsers are known to read differently is the library's own loader's, and positions are not kept: on
any trouble that loader reads everything again, whose messages have them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from jenkins_jobs.expander import YamlObjectsExpander
from jenkins_jobs.loader import Loader, enum_expanded_paths, is_stdin
from jenkins_jobs.loc_loader import LocDict, LocList
from jenkins_jobs.roots import root_adders
from jenkins_jobs.yaml_objects import BaseYamlObject
from yaml._yaml import CParser
from yaml.constructor import Constructor
from yaml.resolver import Resolver

from cictl.clients.job_builder_aliases import MOST_NODES
from cictl.config.aliases import may_unfold, unfolding_node

Library = Any
# Tabs between tokens, line ends of Unicode, directives, question marks in flows, tags that stand alone, comments right
# after a block's sign: libyaml takes what PyYAML refuses, or reads it otherwise. Found by feeding both with noise.
_DIFFERS = re.compile(
    "[\t\r?\x85\u2028\u2029\ufeff\U00010000-\U0010ffff]"
    r"|^%|^\.\.\.|!(?![\w!<])|[|>][-+0-9]*#",
    re.MULTILINE,
).search


class UnlikeJobs(Exception):
    """What the library must see to itself."""


class Place:
    """Where a mapping begins; deliberately without the text, which only messages need."""

    __slots__ = ("line", "path")

    def __init__(self, path: str, line: int) -> None:
        """LINE starts from 0."""
        self.path, self.line = path, line


class FastLoader(CParser, Loader):  # type: ignore[misc] # the library ships no types
    """The library's loader; what comes before the constructors is libyaml's."""

    def __init__(
        self,
        stream: str,
        config: Library,
        source_path: Path | None = None,
        source_dir: Path | None = None,
        shared: dict[Path, Library] | None = None,
    ) -> None:
        """SHARED holds what files that are included more than once hold."""
        CParser.__init__(self, stream)
        Constructor.__init__(self)
        Resolver.__init__(self)
        self.jjb_config = config
        self.source_path, self.source_dir = source_path, source_dir
        self._name = str(source_path)
        self._may_unfold = may_unfold(stream)
        self._shared: dict[Path, Library] = {} if shared is None else shared

    def get_single_node(self) -> yaml.Node | None:
        """Return the document, if its aliases do not stand for too much."""
        root: yaml.Node | None = super().get_single_node()
        if self._may_unfold and unfolding_node(root, at_most=MOST_NODES) is not None:
            raise UnlikeJobs("aliases of aliases, which the library's own loader is made to refuse")
        return root

    def load_path(self, path: Path) -> Library:
        """Return what PATH holds; each file is parsed once."""
        if path not in self._shared:
            self._shared[path] = self.load(path.read_text(), path, path.parent)
        return self._shared[path]

    def load(self, stream: str, source_path: Path | None = None, source_dir: Path | None = None) -> Library:
        """Return what STREAM holds, by the library's own loader where the parsers may differ."""
        if _DIFFERS(stream):
            return Loader(stream, self.jjb_config, source_path, source_dir).get_single_data()
        return FastLoader(stream, self.jjb_config, source_path, source_dir, self._shared).get_single_data()

    def pos_from_node(self, node: yaml.Node) -> Library:
        """Return the place of NODE."""
        return Place(self._name, node.start_mark.line)


def _mapping(loader: FastLoader, node: yaml.MappingNode) -> Library:
    data = LocDict(pos=loader.pos_from_node(node))
    yield data
    found = loader.construct_mapping(node)
    if not all(type(key) is str for key in found):
        raise UnlikeJobs("a key that is no text, which the library cannot expand")
    dict.update(data, found)


def _sequence(loader: FastLoader, node: yaml.SequenceNode) -> Library:
    data = LocList(pos=None)
    yield data
    items = loader.construct_sequence(node)
    data.extend(items)
    data.value_pos.extend([None] * len(items))


FastLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
FastLoader.add_constructor("tag:yaml.org,2002:seq", _sequence)


def load_files(config: Library, roots: Library, paths: list[Library]) -> None:
    """Add what PATHS hold to ROOTS; whatever the library would complain of is an error that it words better."""
    if config.yamlparser["retain_anchors"]:
        raise UnlikeJobs("anchors that reach across files")
    expander = YamlObjectsExpander(config)
    shared: dict[Path, Library] = {}
    for path in enum_expanded_paths(paths):
        for item in _items(config, path, shared):
            ((kind, contents),) = item.items()
            if not kind.startswith("_"):
                expanded = contents.expand(expander, params={}) if isinstance(contents, BaseYamlObject) else contents
                root_adders[kind](config, roots, expanded, item.pos)


def _items(config: Library, path: Library, shared: dict[Path, Library]) -> list[Library]:
    loader = FastLoader("", config, shared=shared)
    found = loader.load(path.read(), path.name) if is_stdin(path) else loader.load_path(path)
    if not (found is None or isinstance(found, list)) or not all(isinstance(item, dict) for item in found or ()):
        raise UnlikeJobs(str(path))
    return found or []
