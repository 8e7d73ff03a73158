"""What a config.xml says, as a number: it stays as it is when Jenkins saves the job anew, and changes with any edit."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from cictl.core.job_defaults import is_default, is_derived, is_inert_property, is_noise
from cictl.core.job_elements import (
    class_of,
    holds_members,
    is_array,
    is_member,
    is_ordered,
    keeps_order,
    plain_name,
    simple_name,
)
from cictl.core.job_meaning import meant_attributes, meant_value
from cictl.core.job_shapes import standard_shape
from cictl.core.job_xml import Element, parse_config

_SHOWN_DIGITS = 40


def fingerprint(xml: str) -> str:
    """Return the fingerprint of the config.xml XML: 40 hexadecimal digits; raises MalformedConfig."""
    return fingerprint_of(parse_config(xml))


def fingerprint_of(root: Element) -> str:
    """Return the fingerprint of the job or view ROOT."""
    said = repr(_said(standard_shape(root)))
    return sha256(said.encode(errors="surrogatepass")).hexdigest()[:_SHOWN_DIGITS]


def _said(element: Element) -> tuple[Any, ...]:
    """Return what ELEMENT says: fields in one order and without defaults, lists in their own."""
    named = class_of(element)
    owner = simple_name(named or plain_name(element.tag))
    fields, members, is_list = [], [], holds_members(element)
    for child in _children(element):
        if is_noise(owner, child) or is_derived(child, element):
            continue
        if not is_list and not is_member(child.tag):
            fields += [] if is_default(owner, child) or _is_silent(child) else [_said(child)]
        elif element.tag != "properties" or not is_inert_property(child):
            members.append(_said(child))
    if not keeps_order(element) or not all(is_ordered(each[0]) for each in members):
        members.sort()
    attributes = sorted(meant_attributes(element).items())
    return (element.tag, named, attributes, meant_value(element), sorted(fields), members)


def _is_silent(field: Element) -> bool:
    """Whether FIELD is a list of properties that forms add to any job."""
    return field.tag == "properties" and not field.text and all(map(is_inert_property, field.children))


def _children(element: Element) -> tuple[Element, ...]:
    """Return what is in ELEMENT, or in the array that is all it holds."""
    only = element.children[0] if len(element.children) == 1 else None
    return only.children if only and is_array(only) else element.children
