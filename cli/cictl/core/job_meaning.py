"""What a leaf and the attributes of a config.xml mean, however Jenkins and people write them."""

from __future__ import annotations

from cictl.core.job_elements import BLANKS, is_base_url, is_fraction, is_verbatim
from cictl.core.job_xml import Element

_UNCOMPARED_ATTRIBUTES = frozenset({"plugin", "class", "reference", "resolves-to", "serialization", "defined-in"})


def meant_attributes(element: Element) -> dict[str, str]:
    """Return the attributes of ELEMENT that say something of their own."""
    return {name: value for name, value in element.attributes if name not in _UNCOMPARED_ATTRIBUTES}


def meant_value(leaf: Element) -> str:
    """Return the text of LEAF as forms send it back, so that two that mean the same are equal."""
    if is_base_url(leaf.tag):
        return leaf.text.strip(BLANKS).rstrip("/")
    if is_fraction(leaf.tag) and leaf.text.strip().isdecimal():
        return f"{int(leaf.text)}.0"
    return meant_text(leaf.text, is_verbatim=is_verbatim(leaf.tag))


def meant_text(text: str, *, is_verbatim: bool = False) -> str:
    """Return TEXT as forms send it back: line ends of one kind, and one line without blanks around it, as Java trims.

    Of several lines, or where IS_VERBATIM, only the newline that a text area loses and what ends TEXT are nothing: the
    indent of the first line is text. Before `#!` all counts, since a script's interpreter stands at its very start.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    blanks = "\n" if is_verbatim else BLANKS
    trimmed = text.strip(BLANKS)
    if not trimmed:
        return text.strip(blanks) if "\n" in text else text
    if trimmed.startswith("#!"):
        return text.rstrip(blanks)
    return text.removeprefix("\n").rstrip(blanks) if is_verbatim or "\n" in trimmed else trimmed
