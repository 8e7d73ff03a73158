"""The library's own steps with their costly details replaced: the same results for whatever raises no error.

What is replaced is named in `RELIED_ON`; a test says which of it a new version of the library no longer has.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import pkg_resources
from jenkins_jobs import expander, root_base
from jenkins_jobs.formatter import CustomFormatter
from jenkins_jobs.loc_loader import LocDict, LocList, LocString
from jenkins_jobs.registry import ModuleRegistry
from jenkins_jobs.xml_config import XmlJobGenerator, XmlViewGenerator
from jinja2 import Undefined

from cictl.clients.job_builder_library import Machinery, output
from cictl.clients.job_builder_xml import UnsafeTree, to_text
from cictl.clients.job_builder_yaml import load_files

Library = Any
RELIED_ON = (
    "jenkins_jobs.expander:Expander.expand",
    "jenkins_jobs.expander:StrExpander.__call__",
    "jenkins_jobs.expander:YamlObjectsExpander",
    "jenkins_jobs.expander:expand_dict",
    "jenkins_jobs.expander:expand_list",
    "jenkins_jobs.expander:param_enumers",
    "jenkins_jobs.formatter:CustomFormatter._whole_matcher",
    "jenkins_jobs.formatter:CustomFormatter.enum_required_params",
    "jenkins_jobs.formatter:CustomFormatter.format",
    "jenkins_jobs.loader:Loader.compose_document",
    "jenkins_jobs.loader:Loader.get_single_node",
    "jenkins_jobs.loader:Loader.pos_from_node",
    "jenkins_jobs.loader:enum_expanded_paths",
    "jenkins_jobs.loader:is_stdin",
    "jenkins_jobs.loc_loader:LocDict",
    "jenkins_jobs.loc_loader:LocList",
    "jenkins_jobs.loc_loader:LocString",
    "jenkins_jobs.registry:ModuleRegistry._filter_kwargs",
    "jenkins_jobs.root_base:enum_str_format_required_params",
    "jenkins_jobs.roots:root_adders",
    "jenkins_jobs.xml_config:XmlJobGenerator.generateXML",
    "jenkins_jobs.xml_config:XmlViewGenerator.generateXML",
    "jenkins_jobs.yaml_objects:BaseYamlObject._find_file",
    "jenkins_jobs.yaml_objects:jinja2.FileSystemLoader",
    "pkg_resources:EntryPoint.load",
    "pkg_resources:EntryPoint.resolve",
    "pkg_resources:iter_entry_points",
    "yaml._yaml:CParser.get_single_node",
)
_SIMPLE = re.compile(r"(?:[^{}]|\{[^\W\d]\w*\})*").fullmatch
_FIELDS = re.compile(r"\{(\w+)\}").split


class FastRegistry(ModuleRegistry):  # type: ignore[misc] # the library ships no types
    """Looks at each function's signature once."""

    @staticmethod
    def _filter_kwargs(func: Callable[..., object], **kwargs: object) -> dict[str, object]:
        names = _argument_names(func)
        return {name: value for name, value in kwargs.items() if name in names}


@cache
def _argument_names(func: Callable[..., object]) -> frozenset[str]:
    return frozenset(inspect.getfullargspec(func).args)


def _expand_dict(itself: Library, found: Library, params: Library, _key: Library, _value: Library) -> Library:
    result = LocDict(pos=found.pos)
    dict.update(
        result,
        {
            key if _is_constant(key) else itself.expand(key, params): value
            if _is_constant(value)
            else _plain(itself.expand(value, params))
            for key, value in found.items()
        },
    )
    return result


def _is_constant(value: Library) -> bool:
    """Whether VALUE is text without parameters, as most are."""
    return type(value) is str and "{" not in value and "}" not in value


def _plain(value: Library) -> Library:
    return str(value) if type(value) is LocString else value


def _expand_list(itself: Library, found: Library, params: Library, _key: Library, _value: Library) -> Library:
    items = [item if _is_constant(item) else itself.expand(item, params) for item in found]
    return LocList(items, found.pos)


def _expand_text(itself: Library, found: Library, params: Library, _key: Library, _value: Library) -> Library:
    text = str(found)
    parts = _template(text)
    if parts is None:
        return text
    if all(name in params and not isinstance(params[name], Undefined) for name in parts[1::2]) and parts:
        if len(parts) == 3 and not parts[0] and not parts[2]:  # noqa: PLR2004 - the value alone, which keeps its type
            return params[parts[1]]
        return "".join(format(params[part], "") if index % 2 else part for index, part in enumerate(parts))
    return itself._formatter.format(text, **params)  # noqa: SLF001 - as the method that this replaces


@cache
def _template(text: str) -> Sequence[str] | None:
    """Return TEXT in literals and names by turns; empty where it holds more than plain names, None without braces."""
    if "{" not in text and "}" not in text:
        return None
    whole = CustomFormatter._whole_matcher.match(text)  # noqa: SLF001 - named in RELIED_ON
    if whole is not None:
        return ("", whole["key"], "")
    return tuple(_FIELDS(text)) if _SIMPLE(text) else ()


@cache
def _names(text: str) -> tuple[str, ...]:
    return tuple(CustomFormatter().enum_required_params(text)) if "{" in text or "}" in text else ()


def _required(text: Library, _position: Library) -> tuple[str, ...]:
    return _names(str(text))


@cache
def _entry_points(group: str, name: str | None = None) -> Sequence[Library]:
    return tuple(pkg_resources.working_set.iter_entry_points(group, name))


def _resolved(entry_point: Library, *_: object, **__: object) -> Library:
    """Load an entry point without another look at what its distribution requires."""
    return entry_point.resolve()


_REPLACED: tuple[tuple[Library, str, object], ...] = (
    (expander, "expand_dict", _expand_dict),
    (expander, "expand_list", _expand_list),
    (expander.StrExpander, "__call__", _expand_text),
    (expander, "param_enumers", {**expander.param_enumers, str: _required, LocString: _required}),
    (root_base, "enum_str_format_required_params", _required),
    (pkg_resources, "iter_entry_points", _entry_points),
    (pkg_resources.EntryPoint, "load", _resolved),
)


@contextmanager
def replaced() -> Iterator[None]:
    """Have the library use what this module replaces, until the block ends."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in _REPLACED]
    try:
        for owner, name, value in _REPLACED:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def _text(job: Library) -> str:
    try:
        return to_text(job.xml)
    except UnsafeTree:
        return output(job)


FAST = Machinery(load_files, FastRegistry, XmlJobGenerator, XmlViewGenerator, _text)
