"""A config.xml as a frozen tree, read and written as Jenkins does; decides nothing about what its elements mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from cictl.errors import ExitCode, FarSideFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml\s[^>]*\?>")
_DECLARED_ENCODING = re.compile(rb"""^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# XML 1.1 writes control characters as references, which a parser of XML 1.0 refuses.
_CONTROL_REFERENCE = re.compile(r"&#(?:x0*([01]?[0-9a-fA-F])|0*(\d|[12]\d|3[01]));")
_STAND_IN = 0x10F000
_FROM_STAND_IN = {_STAND_IN + code: chr(code) for code in range(32)}
_ORDINARY_CONTROLS = frozenset("\t\n\r")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#xd;"} | {
    chr(code): f"&#x{code:x};" for code in range(32) if chr(code) not in _ORDINARY_CONTROLS
}
_TEXT_ESCAPES = str.maketrans(_ESCAPES)
_ATTRIBUTE_ESCAPES = str.maketrans(_ESCAPES | {"\t": "&#x9;", "\n": "&#xa;"})
_MAX_DEPTH = 60


class MalformedConfig(FarSideFailed):
    """A config.xml that Jenkins itself could not load."""

    exit_code = ExitCode.FAR_SIDE_FAILED


class Element(NamedTuple):
    """One element: attributes sorted by name, the text of a leaf, children in their order.

    Two elements are equal when nothing differs but the order of attributes and the white space between elements.
    """

    tag: str
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    children: tuple[Element, ...] = ()

    def attribute(self, name: str) -> str:
        """Return the attribute NAME, or ''."""
        for each, value in self.attributes:
            if each == name:
                return value
        return ""

    def child(self, tag: str) -> Element | None:
        """Return the first child called TAG."""
        for each in self.children:
            if each.tag == tag:
                return each
        return None

    def text_of(self, *tags: str) -> str:
        """Return the text of the element that TAGS lead to, or ''."""
        found: Element | None = self
        for tag in tags:
            found = found.child(tag) if found else None
        return found.text if found else ""

    def with_children(self, children: tuple[Element, ...]) -> Element:
        """Return this element with CHILDREN in place of its own."""
        return self._replace(children=children)


def parse_config(xml: str | bytes, *, where: str = "config.xml") -> Element:
    """Return the tree of XML; declarations of 1.0 and 1.1 and control characters are understood.

    Raises MalformedConfig, which names WHERE, for what is not well-formed, declares a document type or is nested
    deeper than any job is.
    """
    text = _DECLARATION.sub("", _decoded(xml, where), count=1)
    has_controls = "&#" in text and _CONTROL_REFERENCE.search(text) is not None
    if has_controls:
        text = _CONTROL_REFERENCE.sub(_stand_in, text)
    try:
        return _parsed(text.encode(), has_controls=has_controls)
    except (expat.ExpatError, UnicodeEncodeError, _Refused) as error:
        raise MalformedConfig(
            f"{where} is not a document that Jenkins can load: {error}", hint="look at it in Jenkins under …/config.xml"
        ) from error


def serialise(root: Element) -> str:
    """Return ROOT as Jenkins writes it: declared XML 1.1, two spaces of indent, carriage returns as references."""
    return "<?xml version='1.1' encoding='UTF-8'?>\n" + "\n".join(_lines(root, "")) + "\n"


class _Refused(ValueError):
    """The document asks for something that no config.xml needs."""


def _decoded(xml: str | bytes, where: str) -> str:
    if isinstance(xml, str):
        return xml
    declared = _DECLARED_ENCODING.match(xml[:200])
    encoding = "utf-16" if xml[:2] in (b"\xff\xfe", b"\xfe\xff") else declared[1].decode() if declared else "utf-8"
    try:
        return xml.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise MalformedConfig(f"{where} cannot be read as {encoding}: {error}", hint="save it as UTF-8") from error


def _stand_in(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return reference[0] if chr(code) in _ORDINARY_CONTROLS else chr(_STAND_IN + code)


def _parsed(xml: bytes, *, has_controls: bool) -> Element:
    """Build the tree in one pass: this runs for each of thousands of jobs, so closures and not methods."""
    open_tags: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    texts: list[str] = [""]
    children: list[list[Element]] = [[]]

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(open_tags) == _MAX_DEPTH:
            raise _Refused(f"elements are nested deeper than {_MAX_DEPTH}")
        open_tags.append((tag, tuple(sorted(attributes.items())) if attributes else ()))
        texts.append("")
        children.append([])

    def end(_tag: str) -> None:
        tag, attributes = open_tags.pop()
        text, inner = texts.pop(), children.pop()
        if inner and text.isspace():
            text = ""
        if has_controls:
            text = text.translate(_FROM_STAND_IN)
            attributes = tuple((name, value.translate(_FROM_STAND_IN)) for name, value in attributes)
        children[-1].append(Element(tag, attributes, text, tuple(inner)))

    def characters(data: str) -> None:
        texts[-1] += data

    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(xml, True)  # noqa: FBT003 -- expat takes it by position
    return children[0][0]


def _refuse_doctype(*_arguments: object) -> None:
    raise _Refused("it declares a document type")


def _lines(element: Element, indent: str) -> Iterator[str]:
    attributes = "".join(f' {name}="{value.translate(_ATTRIBUTE_ESCAPES)}"' for name, value in element.attributes)
    start = f"{indent}<{element.tag}{attributes}"
    text = element.text.translate(_TEXT_ESCAPES)
    if not element.children:
        yield f"{start}>{text}</{element.tag}>" if text else f"{start}/>"
        return
    yield f"{start}>{text}"
    for child in element.children:
        yield from _lines(child, indent + "  ")
    yield f"{indent}</{element.tag}>"
