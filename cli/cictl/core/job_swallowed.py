"""What Jenkins dropped of a config.xml that it said it took: it loads what it knows, and is silent about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cictl.core.job_changes import changes
from cictl.core.job_elements import class_of, plain_name
from cictl.core.job_graft import find
from cictl.core.job_places import FieldChange
from cictl.core.job_shapes import standard_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cictl.core.job_xml import Element


@dataclass(frozen=True, slots=True)
class ReadBack:
    """How what was read differs from what was sent: objects that are LOST, and fields that came out OTHERWISE.

    GONE is where the lost ones stood, as steps of fields.
    """

    lost: tuple[str, ...] = ()
    otherwise: tuple[FieldChange, ...] = ()
    gone: tuple[tuple[str, ...], ...] = ()


def read_back(sent: Element, saved: Element) -> ReadBack:
    """Compare what was SENT with what Jenkins made of it.

    Only an object whose class is nowhere in SAVED is lost: no plugin has it. A field that a class has no place for, or
    that Jenkins spells in another way, is no failure.
    """
    differing = changes(sent, saved)
    if not differing:
        return ReadBack()
    shaped, known = standard_shape(sent), {name for name, _ in _classes(standard_shape(saved))}
    gone = [each for each in differing if each.after is None and _is_lost(each, shaped, known)]
    unknown = {name: plugin for name, plugin in _classes(shaped) if name not in known} if gone else {}
    lost = tuple(f"{name} ({plugin})" if plugin else name for name, plugin in unknown.items())
    otherwise = tuple(each for each in differing if each not in gone)
    return ReadBack(lost, otherwise, tuple(each.steps for each in gone))


def _is_lost(change: FieldChange, sent: Element, known: set[str]) -> bool:
    element = find(sent, change.steps)
    return element is not None and any(name not in known for name, _ in _classes(element))


def _classes(element: Element) -> Iterator[tuple[str, str]]:
    """Yield the classes that ELEMENT and what is in it name, with the plugin where it is said."""
    plugin = element.attribute("plugin").partition("@")[0]
    if "." in element.tag:
        yield plain_name(element.tag), plugin
    if "." in (named := class_of(element)):
        yield named, plugin
    for child in element.children:
        yield from _classes(child)
