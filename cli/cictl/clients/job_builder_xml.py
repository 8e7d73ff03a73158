"""Writes a job's tree as minidom prints it, without minidom: a tree that needs more than plain elements is refused."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from xml.dom import minidom

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_INDENT = "  "
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*").fullmatch
# What XML does not allow, or what parsing changes: line ends are normalised.
_UNSAFE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search
_LINES = re.compile(r"[\n\t]").search
_SPECIAL = re.compile('[&<>"]').search


class UnsafeTree(Exception):
    """A tree that minidom might print otherwise."""


def to_text(root: Element) -> str:
    """Return what `minidom.parseString(tostring(root)).toprettyxml(indent="  ", encoding="utf-8")` prints, decoded."""
    parts: list[str] = [_DECLARATION]
    _write(root, "", parts.append)
    text = "".join(parts)
    if _UNSAFE(text):
        raise UnsafeTree("a character that XML does not take as it is")
    return text


def _write(element: Element, indent: str, write: _Write) -> None:
    tag = element.tag
    _check_name(tag)
    write(f"{indent}<{tag}{_attributes(element) if element.attrib else ''}")
    text = element.text
    if not len(element):
        write(f">{_escaped(text)}</{tag}>\n" if text else "/>\n")
        return
    write(">\n")
    inner = indent + _INDENT
    if text:
        write(f"{inner}{_escaped(text)}\n")
    for child in element:
        _write(child, inner, write)
        if child.tail:
            write(f"{inner}{_escaped(child.tail)}\n")
    write(f"{indent}</{tag}>\n")


def _attributes(element: Element) -> str:
    return "".join(f' {_check_name(name)}="{_attribute(value)}"' for name, value in element.attrib.items())


def _attribute(value: object) -> str:
    if type(value) is not str or _LINES(value):
        raise UnsafeTree("an attribute of lines, or that is no text")
    return _escaped(value, is_attribute=True) if value else ""


@cache
def _check_name(name: object) -> object:
    if type(name) is not str or not _NAME(name):
        raise UnsafeTree("a name with a namespace, a comment or an instruction")
    return name


def _escaped(text: object, *, is_attribute: bool = False) -> str:
    if type(text) is not str:
        raise UnsafeTree("a value that is no text")
    if not _SPECIAL(text):
        return text
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace('"', "&quot;") if is_attribute or _escapes_quotes() else escaped


@cache
def _escapes_quotes() -> bool:
    """Whether this Python's minidom escapes quotes outside attributes; later ones do not."""
    return "&quot;" in minidom.parseString("<a>&quot;</a>").toxml()  # noqa: S318 - our own text


if TYPE_CHECKING:
    from collections.abc import Callable

    _Write = Callable[[str], None]
