"""XML as Jenkins reads and writes it: as it was sent (by the JDK's transformer) and as Jenkins saves (by XStream)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError, ParserCreate

_DECLARATION = re.compile(r"\A\ufeff?<\?xml[^>]*\?>")
_VERSION_1_1 = re.compile(r"""\A\ufeff?<\?xml\s+version\s*=\s*['"]1\.1['"]""")
_TEXT = re.compile("[&<>\r\x7f-\x9f\u2028]")
_VALUE = re.compile('[&<>"\t\n\r\x7f-\x9f\u2028]')
_SAVED = re.compile("[&<>\"'\r]")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_NAMED_BY_XSTREAM = {**_NAMED, "'": "&apos;", "\r": "&#xd;"}


class BadXmlError(Exception):
    """Not well-formed."""


@dataclass(slots=True)
class Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str = ""  # meaningful for leaves

    def child(self, tag: str) -> Node | None:
        return next((each for each in self.children if each.tag == tag), None)

    def text_of(self, *path: str) -> str | None:
        node: Node | None = self
        for tag in path:
            node = node.child(tag) if node else None
        return node.text if node else None

    def all(self, tag: str) -> list[Node]:
        """All nodes of this name, at any depth, in document order."""
        found = [self] if self.tag == tag else []
        for each in self.children:
            found += each.all(tag)
        return found

    @property
    def class_name(self) -> str:
        """The Java class: the `class` attribute, or the element's name where that is one."""
        return (self.attributes.get("class") or self.tag).replace("_-", "$").replace("__", "_")


class _Reader:
    """Build both forms in one pass: the text as it is stored, and the tree."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.stack: list[Node] = []
        self.root: Node | None = None
        self._open = False
        parser = ParserCreate()
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.CommentHandler = self._comment
        self.parser = parser

    def _close_start(self) -> None:
        if self._open:
            self.out.append(">")
            self._open = False

    def _start(self, tag: str, attributes: list[str]) -> None:
        self._close_start()
        node = Node(tag, dict(zip(attributes[::2], attributes[1::2], strict=True)))
        if self.stack:
            self.stack[-1].children.append(node)
        else:
            self.root = node
        self.stack.append(node)
        self.out.append(f"<{tag}")
        self.out += [f' {name}="{_VALUE.sub(_escape, value)}"' for name, value in node.attributes.items()]
        self._open = True

    def _end(self, tag: str) -> None:
        self.stack.pop()
        self.out.append("/>" if self._open else f"</{tag}>")
        self._open = False

    def _characters(self, data: str) -> None:
        self._close_start()
        self.stack[-1].text += data
        self.out.append(_TEXT.sub(_escape, data))

    def _comment(self, data: str) -> None:
        self._close_start()
        self.out.append(f"<!--{data}-->")


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _NAMED.get(character) or f"&#{ord(character)};"


def read(document: str) -> tuple[str, Node]:
    """Return what Jenkins stores of a document it was sent, and its tree; whatever encoding it declares, it is text."""
    version = "1.1" if _VERSION_1_1.match(document) else "1.0"
    body = _DECLARATION.sub("", document, count=1)
    reader = _Reader()
    try:
        reader.parser.Parse(body.encode("utf-8", "surrogatepass"), True)  # noqa: FBT003 - expat takes it by position
    except (ExpatError, ValueError) as error:
        raise BadXmlError(str(error)) from error
    if reader.root is None:
        raise BadXmlError("no root element")
    return f'<?xml version="{version}" encoding="UTF-8"?>' + "".join(reader.out), reader.root


def write(node: Node, *, strings: frozenset[str], indent: str = "") -> str:
    """Write a tree as XStream does; an empty element is written in full where its class says it is a string."""
    attributes = "".join(f' {name}="{_SAVED.sub(_escape_saved, value)}"' for name, value in node.attributes.items())
    if node.children:
        inner = "\n".join(write(each, strings=strings, indent=indent + "  ") for each in node.children)
        return f"{indent}<{node.tag}{attributes}>\n{inner}\n{indent}</{node.tag}>"
    if node.text or node.tag in strings:
        return f"{indent}<{node.tag}{attributes}>{_SAVED.sub(_escape_saved, node.text)}</{node.tag}>"
    return f"{indent}<{node.tag}{attributes}/>"


def _escape_saved(match: re.Match[str]) -> str:
    return _NAMED_BY_XSTREAM[match.group()]
