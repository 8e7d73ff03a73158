from __future__ import annotations

import pytest

from cictl.config.problems import ConfigProblems
from cictl.config.source import parse_source


def test_each_key_knows_its_line() -> None:
    source = parse_source("a: 1\nb:\n  - c: 2\n  -\n    d: 3\n", file="x.yaml")
    assert source.data == {"a": 1, "b": [{"c": 2}, {"d": 3}]}
    assert source.line_of(("b", 1, "d")) == 5
    assert source.line_of(("b", 1, "missing")) == 5
    assert source.line_of(("b", 0, "c")) == 3
    assert source.line_of(("zzz",)) == 0


def test_merged_keys_keep_their_own_lines() -> None:
    source = parse_source("base: &b\n  x: 1\nuse:\n  <<: *b\n  y: 2\n", file="x.yaml")
    assert source.data["use"] == {"x": 1, "y": 2}
    assert source.line_of(("use", "x")) == 2


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param("a: 1\nb: 2\na: 3\n", "x.yaml:3: a: is there twice, first on line 1", id="twice"),
        pytest.param("a:\n  b: 1\n  b: 1\n", "x.yaml:3: a.b: is there twice, first on line 2", id="twice-below"),
        pytest.param("a: [\n", "x.yaml:2: not YAML", id="broken"),
        pytest.param("- a\n", "x.yaml:1: must be a mapping", id="list"),
        pytest.param("", "x.yaml:1: must be a mapping", id="empty"),
        pytest.param("a: 1\n---\nb: 2\n", "x.yaml:2: not YAML", id="two-documents"),
        pytest.param("a: &a\n  b: *a\n", "nested too deeply", id="holds-itself"),
        pytest.param(BOMB, "x.yaml:6: its aliases stand for more than 100,000 values", id="bomb"),
        pytest.param("a: !!python/object:os.system x\n", "not YAML", id="python-tag"),
        pytest.param("? [a]\n: 1\n", "x.yaml:1", id="list-as-key"),
        pytest.param("a: 1\nb: 2026-13-45\n", "x.yaml:2: not YAML: '2026-13-45' is no date", id="impossible-date"),
        pytest.param("a: \x01\n", "not YAML", id="control-character"),
    ],
)
def test_what_cannot_be_read(text: str, finding: str) -> None:
    with pytest.raises(ConfigProblems) as caught:
        parse_source(text, file="x.yaml")
    assert finding in caught.value.message
