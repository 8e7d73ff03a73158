"""Elements that only point to another one of the document, as XStream writes an object that it has written before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cictl.core.job_xml import Element

_STEP = re.compile(r"^([^\[]+)(?:\[(\d+)\])?$")


def without_references(root: Element) -> Element:
    """Return ROOT with a copy of what it points to in place of each element that points aside.

    Elements that point to one of those around them, as an owner, stay as they are, and so does what leads nowhere.
    """
    return _resolved(root, (root,)) if _points_aside(root) else root


def _points_aside(element: Element) -> bool:
    return any(_is_aside(each) or (each.children and _points_aside(each)) for each in element.children)


def _is_aside(element: Element) -> bool:
    path = element.attribute("reference") if element.attributes else ""
    return bool(path) and not set(path.split("/")) <= {"..", ".", ""}


def _resolved(element: Element, around: tuple[Element, ...]) -> Element:
    """Resolve what is in ELEMENT, the last of AROUND; what is in a copy is not resolved again, so it ends."""
    children = tuple(
        _copy(each, around) if _is_aside(each) else _resolved(each, (*around, each)) if each.children else each
        for each in element.children
    )
    is_unchanged = all(new is old for new, old in zip(children, element.children, strict=True))
    return element if is_unchanged else element.with_children(children)


def _copy(pointer: Element, around: tuple[Element, ...]) -> Element:
    target = _target(pointer, around)
    if target is None or any(target is each for each in around):
        return pointer
    attributes = {**dict(target.attributes), **dict(pointer.attributes)}
    del attributes["reference"]
    return target._replace(tag=pointer.tag, attributes=tuple(sorted(attributes.items())))


def _target(pointer: Element, around: tuple[Element, ...]) -> Element | None:
    trail = [*around, pointer]
    for step in pointer.attribute("reference").split("/"):
        if step == "..":
            trail.pop()
        elif trail and (found := _inner(trail[-1], step)):
            trail.append(found)
        else:
            return None
        if not trail:
            return None
    return trail[-1]


def _inner(parent: Element, step: str) -> Element | None:
    read = _STEP.match(step)
    if not read:
        return None
    alike = [each for each in parent.children if each.tag == read[1]]
    index = int(read[2] or 1) - 1
    return alike[index] if 0 <= index < len(alike) else None
