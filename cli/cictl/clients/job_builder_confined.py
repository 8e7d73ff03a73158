"""Renders jobs of authors who are not trusted: what they wrote is data, and data runs nothing and reads nothing else.

Job Builder itself trusts its files. YAML may construct any Python object, templates and texts may reach the
interpreter through what they are given, and files may be included from anywhere. All of that ends here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import jinja2
from jenkins_jobs import formatter, loader, yaml_objects
from jenkins_jobs.errors import JenkinsJobsException
from jinja2.sandbox import ImmutableSandboxedEnvironment

Library = Any

_PYTHON_TAGS = "tag:yaml.org,2002:python/"


@contextmanager
def confined(root: Path) -> Iterator[None]:
    """Have the library render what is below ROOT without running any of it, until the block ends."""
    inside = _Fence(root.resolve())
    with ExitStack() as stack:
        for owner, name, replacement in (
            (loader.Loader, "yaml_constructors", _data_only(loader.Loader.yaml_constructors)),
            (loader.Loader, "yaml_multi_constructors", _data_only(loader.Loader.yaml_multi_constructors)),
            (formatter.CustomFormatter, "get_field", _get_field(formatter.CustomFormatter.get_field)),
            (yaml_objects.BaseYamlObject, "_find_file", inside.find_file(yaml_objects.BaseYamlObject._find_file)),  # noqa: SLF001 - there is no other way in
            (yaml_objects.jinja2, "FileSystemLoader", inside.template_loader(yaml_objects.jinja2.FileSystemLoader)),
            (yaml_objects.jinja2, "Environment", ImmutableSandboxedEnvironment),
        ):
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, replacement)
        yield


def refuse_links(root: Path, paths: Sequence[Path]) -> None:
    """Raise where one of PATHS is, by way of a link, a file outside of ROOT."""
    fence = _Fence(root.resolve())
    for path in paths:
        fence.check(path)


def _data_only(constructors: dict[str | None, Library]) -> dict[str | None, Library]:
    return {tag: each for tag, each in constructors.items() if not str(tag).startswith(_PYTHON_TAGS)}


def _get_field(original: Callable[..., Library]) -> Callable[..., Library]:
    def get_field(itself: Library, name: str, words: Library, named: Library) -> Library:
        if "." in name:
            raise JenkinsJobsException(f"{{{name}}} asks for an attribute, which only trusted files may")
        return original(itself, name, words, named)

    return get_field


class _Fence:
    """Lets files below ROOT through, wherever links lead."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def check(self, path: Path | str) -> None:
        if not Path(path).resolve().is_relative_to(self._root):
            raise JenkinsJobsException(f"{path} is outside of what is rendered, and only trusted files may read it")

    def find_file(self, original: Callable[..., Library]) -> Callable[..., Library]:
        def find_file(itself: Library, name: Library, position: Library) -> Library:
            found = original(itself, name, position)
            self.check(found)
            return found

        return find_file

    def template_loader(self, original: type[jinja2.FileSystemLoader]) -> type[jinja2.FileSystemLoader]:
        fence = self

        class Loader(original):  # type: ignore[misc, valid-type] # the class is only known here
            def get_source(self, environment: Library, template: str) -> Library:
                source = super().get_source(environment, template)
                fence.check(source[1])
                return source

        return Loader
