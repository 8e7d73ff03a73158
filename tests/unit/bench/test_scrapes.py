from __future__ import annotations

import pytest

from bench.scrapes import earliest_second

OLD = [[90, "1"], [91, "1"], [101, "1"]]
NEW = [[105.5, "1"], [106.5, "1"], [107.5, "1"]]
NEWER = [[106.0, "0"], [106.2, "1"]]
ONCE = [[101.0, "1"]]


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        pytest.param([OLD, NEW, NEWER], 106.2, id="earliest-of-the-new"),
        pytest.param([OLD], None, id="none-is-new"),
        pytest.param([ONCE], None, id="once-is-not-twice"),
        pytest.param([], None, id="nothing-scraped"),
    ],
)
def test_earliest_second(series: list[list[list[object]]], expected: float | None) -> None:
    assert earliest_second(series, since=100.0) == expected
