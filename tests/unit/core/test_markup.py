from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cictl.core.markup import Markup, document, element, joined, stylesheet, text

HOSTILE = [
    "<script>alert(1)</script>",
    "</td></table><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' style='x",
    "&lt;b&gt; &amp; &#60;",
    "]]><!--",
    "a\x00b\ud800c\u202ed",
]


class Seen(HTMLParser):
    """What a browser finds: tags in order, attributes, text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.said = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.said += data


@given(st.text())
@example("\r\n")
def test_no_text_becomes_markup(content: str) -> None:
    seen = Seen(element("p", content, title=content))
    assert seen.tags == ["p"]
    assert [name for name, _ in seen.attributes] == ["title"]
    assert (seen.said, seen.attributes[0][1]) == (Seen(text(content)).said, seen.said or "")


@pytest.mark.parametrize("content", HOSTILE)
def test_hostile_texts(content: str) -> None:
    seen = Seen(element("td", content, aria_label=content))
    assert (seen.tags, [name for name, _ in seen.attributes]) == (["td"], ["aria-label"])
    element("td", content).encode()


def test_what_is_unfit_is_shown_as_such() -> None:
    assert text("a\x00b\u202ec\ud800d") == "a\ufffdb\ufffdc\ufffdd"
    assert text("ümlaut 漢字 \n\t") == "ümlaut 漢字 \n\t"


def test_attributes_are_named_as_in_html() -> None:
    made = element("rect", x=1.0, stroke_width=2.5, class_="bar", rx=None, viewBox="0 0 1 1")
    assert made == '<rect x="1" stroke-width="2.5" class="bar" viewBox="0 0 1 1"/>'


def test_parts_that_are_nothing_are_left_out() -> None:
    assert joined(["a<", None, Markup("<br>")]) == "a&lt;<br>"


def test_a_stylesheet_cannot_end_early() -> None:
    with pytest.raises(ValueError, match="markup"):
        stylesheet("p {} </style>")


def test_a_page_says_its_language() -> None:
    assert document(element("p", "x")) == '<!doctype html>\n<html lang="en"><p>x</p></html>\n'
