"""Writes HTML and SVG so that no text can become markup: what is not made by `element` is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

# Not allowed in HTML, not encodable, or able to make a line read otherwise than it is.
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)
_VOID = frozenset({"meta", "br", "col", "line", "rect", "path", "circle"})
_SVG_VOID = frozenset({"line", "rect", "path", "circle"})


class Markup(str):
    """Text that is markup already; only this module makes it."""

    __slots__ = ()


def text(content: str) -> Markup:
    """Return CONTENT as text of a page or as an attribute's value."""
    return Markup(escape(_UNFIT.sub("\ufffd", content), quote=True))


def element(tag: str, /, *content: str | None, **attributes: str | float | None) -> Markup:
    """Return an element; of ATTRIBUTES `class_` is class, `stroke_width` is stroke-width, and None is left out."""
    opening = "".join([f"<{tag}", *_attributes(attributes)])
    if tag in _VOID:
        return Markup(f"{opening}/>" if tag in _SVG_VOID else f"{opening}>")
    return Markup(f"{opening}>{joined(content)}</{tag}>")


def joined(content: Iterable[str | None]) -> Markup:
    """Return parts one after the other, those that are not markup escaped."""
    return Markup("".join(part if isinstance(part, Markup) else text(part) for part in content if part is not None))


def stylesheet(css: str) -> Markup:
    """Return CSS, a literal of this program, as an element: browsers take its content as it is."""
    if "<" in css:
        raise ValueError("a stylesheet must not hold markup")
    return Markup(f"<style>{css}</style>")


def document(*content: Markup) -> str:
    """Return a whole page in English."""
    return f"<!doctype html>\n{element('html', *content, lang='en')}\n"


def _attributes(given: dict[str, str | float | None]) -> Iterable[str]:
    for name, value in given.items():
        if value is not None:
            shown = f"{value:.6g}" if isinstance(value, float) else str(value)
            yield f' {name.rstrip("_").replace("_", "-")}="{text(shown)}"'
