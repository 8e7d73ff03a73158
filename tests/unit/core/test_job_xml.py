"""config.xml in and out: what means the same is equal, and nothing gets lost on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_xml import Element, MalformedConfig, parse_config, serialise

TAGS = st.sampled_from(["a", "name", "hudson.tasks.Shell", "hudson.plugins.x__y.Z_-W", "string"])
# What XML 1.1 can hold, with what has to be escaped in it.
TEXTS = st.text(st.sampled_from("aé결<>&\"'\r\n\t\x01\x1b]- "), max_size=8).filter(lambda each: not each.isspace())


def _leaf(tag: str, value: str, text: str) -> Element:
    return Element(tag, (("class", value),) if value else (), text)


def _branch(tag: str, children: list[Element]) -> Element:
    return Element(tag, (), "", tuple(children))


ELEMENTS = st.recursive(
    st.builds(_leaf, TAGS, TEXTS, TEXTS),
    lambda inner: st.builds(_branch, TAGS, st.lists(inner, max_size=4)),
    max_leaves=12,
)


@given(ELEMENTS)
def test_a_tree_survives_being_written_and_read(tree: Element) -> None:
    assert parse_config(serialise(tree)) == tree
    assert parse_config(serialise(tree).encode()) == tree


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("<p><a>1</a></p>", "<p>\n  <a>1</a>\n</p>", id="indent"),
        pytest.param('<p b="2" a="1"/>', '<p a="1" b="2"></p>', id="attribute-order"),
        pytest.param("<?xml version='1.1' encoding='UTF-8'?>\n<p/>", '<?xml version="1.0"?><p/>', id="declaration"),
        pytest.param("<p>a\r\nb</p>", "<p>a\nb</p>", id="line-ends-as-xml-reads-them"),
        pytest.param("<p><![CDATA[1 < 2]]></p>", "<p>1 &lt; 2</p>", id="cdata"),
        pytest.param("<!-- by hand --><p/>", "<p/>", id="comment"),
        pytest.param("\ufeff<?xml version='1.1'?><p/>", "<p/>", id="byte-order-mark"),
    ],
)
def test_what_means_the_same_is_equal(one: str, other: str) -> None:
    assert parse_config(one) == parse_config(other)


def test_control_characters_of_xml_1_1_are_read_and_written() -> None:
    tree = parse_config("<?xml version='1.1' encoding='UTF-8'?><p>&#x1b;[31m&#27;&#xd;\n&#9;</p>")
    assert tree.text == "\x1b[31m\x1b\r\n\t"
    assert "&#x1b;[31m&#x1b;&#xd;\n\t" in serialise(tree)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param("<p>배포</p>".encode(), "배포", id="utf-8"),
        pytest.param('<?xml version="1.0" encoding="ISO-8859-1"?><p>é</p>'.encode("latin-1"), "é", id="latin-1"),
        pytest.param('<?xml version="1.0" encoding="utf-16"?><p>é</p>'.encode("utf-16"), "é", id="utf-16"),
    ],
)
def test_bytes_are_read_as_they_declare(data: bytes, text: str) -> None:
    assert parse_config(data).text == text


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param("", id="empty"),
        pytest.param("<p>", id="cut-off"),
        pytest.param("<html><br></html>", id="html"),
        pytest.param('<!DOCTYPE p [<!ENTITY a "b">]><p>&a;</p>', id="entities"),
        pytest.param("<p>" * 5000 + "</p>" * 5000, id="too-deep"),
        pytest.param(b"<p>\xff</p>", id="no-utf-8"),
        pytest.param(b'<?xml version="1.0" encoding="nope"?><p/>', id="unknown-encoding"),
        pytest.param("<p>\ud800</p>", id="half-a-character"),
    ],
)
def test_what_jenkins_could_not_load_is_refused_with_its_place(xml: str | bytes) -> None:
    with pytest.raises(MalformedConfig, match="shop/checkout") as caught:
        parse_config(xml, where="config.xml of shop/checkout")
    assert caught.value.hint


def test_elements_answer_for_what_is_in_them() -> None:
    tree = parse_config('<p class="x"><a><b>1</b></a></p>')
    assert (tree.attribute("class"), tree.attribute("plugin")) == ("x", "")
    assert (tree.text_of("a", "b"), tree.text_of("a", "c", "d")) == ("1", "")
    assert tree.child("z") is None
