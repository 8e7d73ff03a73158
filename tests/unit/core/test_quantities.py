from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.quantities import format_duration, format_percentage, parse_duration, parse_percentage


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10s", 10),
        ("2m", 120),
        ("300ms", 0.3),
        ("1h30m", 5400),
        ("1.5s", 1.5),
        ("0s", 0),
        ("1m30s", 90),
        ("1h1ms", 3600.001),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "10", "3min", "-1s", "1s1m", "1 s", "٣s", "s", "1d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=10**9))
def test_durations_come_back(milliseconds: int) -> None:
    assert round(parse_duration(format_duration(milliseconds / 1000)) * 1000) == milliseconds


@pytest.mark.parametrize(("text", "ratio"), [("1%", 0.01), ("0.5%", 0.005), ("100%", 1.0), ("0%", 0.0)])
def test_percentages(text: str, ratio: float) -> None:
    assert parse_percentage(text) == pytest.approx(ratio)
    assert format_percentage(ratio) == text


@pytest.mark.parametrize("text", ["", "1", "101%", "-1%", "1 %", "%"])
def test_what_is_no_percentage(text: str) -> None:
    with pytest.raises(ValueError, match="is not a percentage"):
        parse_percentage(text)
