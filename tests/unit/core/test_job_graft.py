"""Single fields carried from one config.xml into another."""

from __future__ import annotations

import pytest

from cictl.core.job_graft import find, graft
from cictl.core.job_xml import Element, parse_config

SHELL = "hudson.tasks.Shell"
LIST = f"<list><{SHELL}><c>x</c></{SHELL}><p.P><name>n</name><v>1</v></p.P></list>"
TARGET = f"<project><canRoam>true</canRoam><a>1</a>{LIST}</project>"


def _graft(source: str, *steps: str) -> Element:
    return graft(parse_config(TARGET), parse_config(source), [steps])


@pytest.mark.parametrize(
    ("source", "steps", "value"),
    [
        pytest.param("<project><a>2</a></project>", ("a",), "2", id="field"),
        pytest.param("<project><b><c>3</c></b></project>", ("b", "c"), "3", id="with-what-it-stands-in"),
        pytest.param(f"<project>{LIST.replace('<v>1', '<v>9')}</project>", ("list", "p.P[n]", "v"), "9", id="named"),
        pytest.param(f"<project>{LIST.replace('<c>x', '<c>y')}</project>", ("list", SHELL, "c"), "y", id="by-class"),
    ],
)
def test_a_field_is_carried(source: str, steps: tuple[str, ...], value: str) -> None:
    found = find(_graft(source, *steps), steps)
    assert found is not None
    assert found.text == value


@pytest.mark.parametrize("steps", [("a",), ("list", "p.P[n]"), ("list",)])
def test_what_the_source_lacks_goes(steps: tuple[str, ...]) -> None:
    assert find(_graft("<project/>", *steps), steps) is None


def test_what_neither_has_is_left_out() -> None:
    assert _graft("<project/>", "z", "y") == parse_config(TARGET)


def test_a_member_comes_where_it_stood() -> None:
    source = "<project><list><q.Q><name>first</name></q.Q><x.X/></list></project>"
    held = _graft(source, "list", "q.Q[first]").child("list")
    assert held is not None
    assert [each.tag for each in held.children] == ["q.Q", SHELL, "p.P"]
