"""Carrying single fields from one config.xml into another, so that an edit made in Jenkins survives a write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.core.job_labels import identity_of
from cictl.core.job_shapes import standard_shape
from cictl.core.job_xml import Element

if TYPE_CHECKING:
    from collections.abc import Iterable


# A field without which another one means something else: a project with neither is tied to the controller.
_COMPANIONS = {"assignedNode": "canRoam"}


def graft(target: Element, source: Element, paths: Iterable[tuple[str, ...]]) -> Element:
    """Return TARGET with the elements that PATHS lead to as they are in SOURCE; what SOURCE lacks goes.

    Paths are the `steps` of field changes. The result has the standard shape.
    """
    result, given = standard_shape(target), standard_shape(source)
    for steps in paths:
        result = _with_step(result, given, steps)
        if len(steps) == 1 and (companion := _COMPANIONS.get(steps[0])):
            result = _with_step(result, given, (companion,))
    return result


def find(root: Element, steps: tuple[str, ...]) -> Element | None:
    """Return the element that STEPS lead to from ROOT."""
    found: Element | None = root
    for step in steps:
        found = _child(found, step) if found else None
    return found


def _with_step(target: Element, source: Element | None, steps: tuple[str, ...]) -> Element:
    if not steps:
        return source or target
    step, rest = steps[0], steps[1:]
    given = _child(source, step) if source else None
    if not rest:
        return _put(target, step, given, after=source)
    own = _child(target, step)
    if own is None and given is None:
        return target
    empty = Element(given.tag, given.attributes) if given else Element(step.partition("[")[0])
    return _put(target, step, _with_step(own or empty, given, rest), after=source)


def _put(parent: Element, step: str, new: Element | None, *, after: Element | None) -> Element:
    """Put NEW where STEP is in PARENT; a member that is not there yet comes after those before it in the source."""
    old = _child(parent, step)
    if old is not None:
        kept = tuple(new if each is old else each for each in parent.children)
        return parent.with_children(tuple(each for each in kept if each is not None))
    if new is None:
        return parent
    position = min(_position(after, step), len(parent.children))
    return parent.with_children((*parent.children[:position], new, *parent.children[position:]))


def _position(parent: Element | None, step: str) -> int:
    if parent is None:
        return 0
    return next((index for index, each in enumerate(parent.children) if _is_at(each, step)), len(parent.children))


def _child(parent: Element, step: str) -> Element | None:
    return next((each for each in parent.children if _is_at(each, step)), None)


def _is_at(element: Element, step: str) -> bool:
    tag, bracket, name = step.partition("[")
    return element.tag == tag and (not bracket or identity_of(element) == name.removesuffix("]"))
