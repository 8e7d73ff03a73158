"""What a Jenkinsfile says of its own job: a build writes it into config.xml, and notes beside it that it did.

Nobody edited it, neither in Git's jobs nor in Jenkins, and the next build writes it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.core.job_elements import plain_name, simple_name
from cictl.core.job_shapes import standard_shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from cictl.core.job_xml import Element

# The field of a note, and what it names: classes of properties and triggers, names of parameters.
_NOTES = {
    "jobProperties": "properties",
    "jobPropertyDescriptors": "properties",
    "parameters": "parameterDefinitions",
    "triggers": "triggers",
}
_NOTERS = frozenset({"DeclarativeJobPropertyTrackerAction", "JobPropertyTrackerAction"})

Declared = frozenset[tuple[str, str]]


def declared_in(root: Element) -> Declared:
    """Return what the last build of the pipeline ROOT noted: the list that each stands in, with its class or name."""
    actions = root.child("actions")
    noters = [each for each in actions.children if simple_name(each.tag) in _NOTERS] if actions else []
    return frozenset(
        (_NOTES[field.tag], text.text)
        for noter in noters
        for field in noter.children
        if field.tag in _NOTES
        for text in field.children
    )


def held_in(root: Element) -> Declared:
    """Return what ROOT, of the standard shape, has that a Jenkinsfile could have said."""
    return frozenset(_held(root))


def undeclared(before: Element, after: Element) -> tuple[Element, Element]:
    """Return both in the standard shape, without what a build alone wrote into one of them, as its note says."""
    old, new = standard_shape(before), standard_shape(after)
    by_old, by_new = declared_in(before), declared_in(after)
    if by_old == by_new:
        return old, new
    gone, come = by_old - by_new - held_in(new), by_new - by_old - held_in(old)
    return _without(old, gone), _without(new, come)


def _without(root: Element, names: AbstractSet[tuple[str, str]]) -> Element:
    """Return ROOT without the properties, triggers and parameters that NAMES lead to."""
    kept = tuple(
        _without(each, names) if each.children else each
        for each in root.children
        if (root.tag, _name_in(root.tag, each)) not in names
    )
    return root.with_children(kept)


def with_declared(root: Element, live: Element, names: AbstractSet[tuple[str, str]]) -> Element:
    """Return ROOT with the properties, triggers and parameters of LIVE that NAMES lead to; ROOT has none of them."""
    children = root.children
    for theirs in live.children:
        own = root.child(theirs.tag)
        if (live.tag, _name_in(live.tag, theirs)) in names:
            children = (*children, theirs)
        elif any(name in names for name in _held(theirs)):
            filled = with_declared(own or theirs.with_children(()), theirs, names)
            children = (
                (*children, filled) if own is None else tuple(filled if each is own else each for each in children)
            )
    return root.with_children(children)


def _held(root: Element) -> Iterator[tuple[str, str]]:
    for each in root.children:
        if root.tag in _NOTES.values():
            yield (root.tag, _name_in(root.tag, each))
        if each.children:
            yield from _held(each)


def _name_in(place: str, member: Element) -> str:
    return member.text_of("name") if place == "parameterDefinitions" else plain_name(member.tag)
