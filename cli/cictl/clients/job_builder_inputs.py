"""Watches which files the library reads while it renders, and which it looks for in vain: what a result rests on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jenkins_jobs import yaml_objects

Library = Any


@dataclass
class Inputs:
    """Absolute paths: FILES that were read, FOLDERS that were listed, and what was ABSENT where it was looked for."""

    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)

    def found(self, name: str, places: list[str], result: str | None) -> None:
        """Take in that NAME was looked for in PLACES, in order, and what was found."""
        for place in places:
            candidate = os.path.join(os.path.expanduser(place), name)  # noqa: PTH111, PTH118 - ten times as quick
            if result is not None and os.path.abspath(candidate) == os.path.abspath(result):  # noqa: PTH100 - as above
                break
            self.absent.add(os.path.abspath(candidate))  # noqa: PTH100 - as above
        if result is not None:
            self.files.add(os.path.abspath(result))  # noqa: PTH100 - as above


class ReadOnce(type(Path())):  # type: ignore[misc] # the class of this system's paths
    """A path whose text is read once, though many jobs include it."""

    def read_text(self, *words: Any, **named: Any) -> str:  # noqa: ANN401 - as pathlib's
        """Return the text."""
        if self not in _texts:
            _texts[self] = super().read_text(*words, **named)
        return _texts[self]


_texts: dict[Path, str] = {}


@contextmanager
def watched(inputs: Inputs) -> Iterator[None]:
    """Have INPUTS told of every file that is included, and each found and read once, until the block ends."""
    find_file, loader = yaml_objects.BaseYamlObject._find_file, yaml_objects.jinja2.FileSystemLoader  # noqa: SLF001

    known: dict[tuple[str, ...], ReadOnce] = {}

    def find(itself: Library, name: Library, position: Library) -> Library:
        asked = (str(name), *map(str, itself._search_path))  # noqa: SLF001 - named where the library is relied on
        if asked not in known:
            found = ReadOnce(find_file(itself, name, position))
            inputs.found(str(name), [str(place) for place in itself._search_path], str(found))  # noqa: SLF001 - as above
            known[asked] = found
        return known[asked]

    class Loader(loader):  # type: ignore[misc, valid-type] # the class is only known here
        def get_source(self, environment: Library, template: str) -> Library:
            try:
                source = super().get_source(environment, template)
            except Exception:
                inputs.found(template, list(self.searchpath), None)
                raise
            inputs.found(template, list(self.searchpath), source[1])
            return source

    yaml_objects.BaseYamlObject._find_file = find  # noqa: SLF001 - put back below
    yaml_objects.jinja2.FileSystemLoader = Loader
    try:
        yield
    finally:
        _texts.clear()
        yaml_objects.BaseYamlObject._find_file = find_file  # noqa: SLF001
        yaml_objects.jinja2.FileSystemLoader = loader
