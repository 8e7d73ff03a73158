"""The difference between two config.xml documents as lines of XML, for people who want to see all of it."""

from __future__ import annotations

from collections import Counter
from difflib import unified_diff

from cictl.core.job_defaults import is_default
from cictl.core.job_elements import class_of, holds_members, is_member, keeps_order, plain_name, simple_name
from cictl.core.job_shapes import standard_shape
from cictl.core.job_veil import masked, masked_beside
from cictl.core.job_xml import Element, parse_config, serialise


def xml_diff(before: str | None, after: str, *, name: str) -> tuple[str, ...]:
    """Return the lines that differ from BEFORE (None: nothing) to AFTER, without secrets; NAME stands in the header."""
    new = _essence(standard_shape(parse_config(after)))
    old = _essence(standard_shape(parse_config(before))) if before is not None else None
    there = serialise(old) if old else ""
    ours = masked_beside(serialise(_in_order_of(new, old) if old else new), there).splitlines()
    theirs = masked(there).splitlines()
    return tuple(unified_diff(theirs, ours, f"Jenkins: {name}", f"Git: {name}", lineterm="", n=2))


def _essence(element: Element) -> Element:
    """Return ELEMENT without versions of plugins and without what Jenkins fills in by itself."""
    owner = simple_name(class_of(element) or plain_name(element.tag))
    is_list = holds_members(element)
    children = tuple(
        _essence(each) for each in element.children if is_list or is_member(each.tag) or not is_default(owner, each)
    )
    attributes = tuple(each for each in element.attributes if each[0] != "plugin")
    return element._replace(attributes=attributes, children=children)


def _in_order_of(element: Element, model: Element) -> Element:
    """Return ELEMENT with its fields in the order that they have in MODEL, as Jenkins would write them; lists as is."""
    places = {child.tag: place for place, child in enumerate(model.children)}
    counts = Counter(child.tag for child in element.children)
    known = {child.tag: child for child in model.children}
    children = tuple(
        _in_order_of(child, known[child.tag]) if child.tag in known else child for child in element.children
    )
    is_list = holds_members(element) and keeps_order(element)
    if max(counts.values(), default=0) <= 1 and not is_list:
        children = tuple(sorted(children, key=lambda child: places.get(child.tag, len(places))))
    return element.with_children(children)
