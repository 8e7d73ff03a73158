from __future__ import annotations

from xml.dom.minidom import parseString
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.clients.job_builder_xml import UnsafeTree, to_text

_TEXT = st.text("ab <>&\"' \n\t\r\x07é日\U0001f600]", max_size=8) | st.none()
_TAG = st.sampled_from(["a", "b.c", "hudson.model.X_-Y", "d-e"])
_ATTRIBUTES = st.dictionaries(
    st.sampled_from(["class", "plugin", "x"]), st.text("ab <>&\"'\n\té", max_size=5), max_size=2
)


@st.composite
def _trees(draw: st.DrawFn, depth: int = 3) -> Element:
    element = Element(draw(_TAG), draw(_ATTRIBUTES))
    element.text = draw(_TEXT)
    for child in draw(st.lists(_trees(depth - 1), max_size=3)) if depth else []:
        child.tail = draw(_TEXT)
        element.append(child)
    return element


def _by_minidom(element: Element) -> str:
    document = parseString(tostring(element, encoding="UTF-8"))  # noqa: S318 - a test's own
    return document.toprettyxml(indent="  ", encoding="utf-8").decode()


@given(_trees())
def test_what_is_written_is_what_minidom_prints(element: Element) -> None:
    try:
        written = to_text(element)
    except UnsafeTree:
        return
    assert written == _by_minidom(element)


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param("<a/>", id="empty"),
        pytest.param("<a></a>", id="empty-text"),
        pytest.param("<a> </a>", id="blank"),
        pytest.param("<a>x<b/>y<c>z</c>\n</a>", id="mixed"),
        pytest.param("<a>&lt;&amp;&quot;'&gt;</a>", id="escapes"),
        pytest.param('<a b="&lt;&amp;&quot;&gt;" c=""/>', id="escapes-in-attributes"),
        pytest.param("<a>line\n\ttab</a>", id="lines"),
        pytest.param("<a><b>\n</b>\n</a>", id="white-space-between"),
    ],
)
def test_ordinary_trees_are_written(xml: str) -> None:
    element = fromstring(xml)  # noqa: S314 - a test's own
    assert to_text(element) == _by_minidom(element)


def _with(text: object = None, attribute: object = None, tag: str = "b") -> Element:
    root = Element("a")
    child = SubElement(root, tag)
    child.text = text  # type: ignore[assignment] # what modules of the library do all the same
    if attribute is not None:
        child.attrib["x"] = attribute  # type: ignore[assignment] # as above
    return root


@pytest.mark.parametrize(
    "element",
    [
        pytest.param(_with("a\rb"), id="carriage-return"),
        pytest.param(_with("\x07"), id="control-character"),
        pytest.param(_with("\ud800"), id="lone-surrogate"),
        pytest.param(_with(3), id="number"),
        pytest.param(_with(attribute=3), id="number-as-attribute"),
        pytest.param(_with(attribute="a\nb"), id="lines-in-an-attribute"),
        pytest.param(_with(tag="{urn:x}b"), id="namespace"),
        pytest.param(_with(tag="x:b"), id="prefix"),
        pytest.param(_with(tag="b c"), id="no-name"),
    ],
)
def test_what_may_differ_is_refused(element: Element) -> None:
    with pytest.raises(UnsafeTree):
        to_text(element)
