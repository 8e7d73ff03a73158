"""References within a config.xml: those that point aside are followed, owners and what leads nowhere stay."""

from __future__ import annotations

import pytest

from cictl.core.job_references import without_references
from cictl.core.job_xml import parse_config


def _resolved(xml: str) -> str:
    return str(without_references(parse_config(xml)))


@pytest.mark.parametrize(
    ("pointing", "plain"),
    [
        ('<p><a><x>1</x></a><b reference="../a"/></p>', "<p><a><x>1</x></a><b><x>1</x></b></p>"),
        ('<p><a>1</a><a>2</a><b reference="../a[2]"/></p>', "<p><a>1</a><a>2</a><b>2</b></p>"),
        ('<p><a><x>1</x></a><c><b reference="../../a/x"/></c></p>', "<p><a><x>1</x></a><c><b>1</b></c></p>"),
        ('<p><a class="A"/><b reference="../a"/></p>', '<p><a class="A"/><b class="A"/></p>'),
        ('<p><a class="A"/><b class="B" reference="../a"/></p>', '<p><a class="A"/><b class="B"/></p>'),
    ],
)
def test_what_is_pointed_to_is_copied(pointing: str, plain: str) -> None:
    assert _resolved(pointing) == str(parse_config(plain))


@pytest.mark.parametrize(
    "xml",
    [
        "<p><a/></p>",
        '<p><a><owner reference="../.."/></a></p>',
        '<p><a><b reference="../../c"/></a></p>',
        '<p><a reference="../../../../x"/></p>',
        '<p><a/><b reference="../a[0]"/></p>',
        '<p><a/><b reference="../a[7]"/></p>',
        '<p><a><b reference="../../a"/></a></p>',
        '<p><a/><b reference="../a[x"/></p>',
        '<p><a/><b reference="/p/a"/></p>',
    ],
)
def test_what_points_upwards_or_nowhere_stays(xml: str) -> None:
    assert _resolved(xml) == str(parse_config(xml))


def test_references_to_references_end() -> None:
    chain = "".join(
        f'<b{n}><x reference="../../b{n - 1}"/><y reference="../../b{n - 1}"/></b{n}>' for n in range(1, 30)
    )
    found = without_references(parse_config(f"<p><b0>1</b0>{chain}</p>"))
    assert found.children[1].text_of("x") == "1"
    assert len(str(found)) < 100_000
