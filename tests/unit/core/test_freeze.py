from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.freeze import Freeze, Moment, Repeats, frozen_by, parse_moment, window_problem

BERLIN = ZoneInfo("Europe/Berlin")


def window(begins: str, ends: str, zone: ZoneInfo = BERLIN) -> Freeze:
    return Freeze(parse_moment(begins), parse_moment(ends), zone, "because", f"from {begins} until {ends}")


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:00", Moment(Repeats.DAILY, 22 * 60)),
        ("24:00", Moment(Repeats.DAILY, 24 * 60)),
        ("mon", Moment(Repeats.WEEKLY, 0)),
        ("Fri 16:30", Moment(Repeats.WEEKLY, 4 * 1440 + 16 * 60 + 30)),
        ("0001-01-01", Moment(Repeats.ONCE, 1440)),
        ("0001-01-01 00:01", Moment(Repeats.ONCE, 1441)),
        ("0001-01-01T00:01", Moment(Repeats.ONCE, 1441)),
    ],
)
def test_moments(text: str, expected: Moment) -> None:
    assert parse_moment(text) == expected


@pytest.mark.parametrize("text", ["", "noon", "25:00", "24:01", "fri 4pm", "2026-13-01", "2026-12-20 18"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text)


@pytest.mark.parametrize(
    ("begins", "ends", "covered", "free"),
    [
        pytest.param(
            "2026-12-20",
            "2027-01-04",
            ["2026-12-20T00:00", "2027-01-03T23:59"],
            ["2026-12-19T23:59", "2027-01-04T00:00"],
            id="once",
        ),
        pytest.param(
            "fri 16:00",
            "mon 08:00",
            ["2026-11-20T16:00", "2026-11-21T12:00", "2026-11-23T07:59"],
            ["2026-11-20T15:59", "2026-11-23T08:00", "2026-11-25T12:00"],
            id="over-the-weekend",
        ),
        pytest.param(
            "22:00", "06:00", ["2026-11-21T22:00", "2026-11-21T05:59"], ["2026-11-21T06:00"], id="over-midnight"
        ),
        pytest.param(
            "12:00", "24:00", ["2026-11-21T23:59"], ["2026-11-22T00:00", "2026-11-21T11:59"], id="to-midnight"
        ),
        pytest.param("sun", "mon", ["2026-11-22T00:00", "2026-11-22T23:59"], ["2026-11-23T00:00"], id="a-day"),
    ],
)
def test_windows(begins: str, ends: str, covered: list[str], free: list[str]) -> None:
    frozen = window(begins, ends)
    assert [frozen.covers(at(text)) for text in covered] == [True] * len(covered)
    assert [frozen.covers(at(text)) for text in free] == [False] * len(free)


def test_the_zone_counts() -> None:
    noon = datetime(2026, 11, 21, 12, 30, tzinfo=UTC).timestamp()
    assert window("13:00", "14:00").covers(noon)
    assert not window("13:00", "14:00", ZoneInfo("UTC")).covers(noon)


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [
        ("fri 16:00", "22:00", "comes weekly"),
        ("noon", "22:00", "'noon' is no time"),
        ("2026-12-20", "2026-13-45", "'2026-13-45' is no date"),
        ("22:00", "22:00", "nothing is between"),
        ("2027-01-01", "2026-01-01", "nothing is between"),
    ],
)
def test_what_is_no_window(begins: str, ends: str, words: str) -> None:
    assert words in (window_problem(begins, ends) or "")


def test_a_window_has_no_problem() -> None:
    assert window_problem("22:00", "06:00") is None


def test_the_first_that_covers() -> None:
    one, two = window("13:00", "14:00"), window("12:00", "15:00")
    assert frozen_by((one, two), at("2026-11-21T13:30")) is one
    assert frozen_by((one, two), at("2026-11-21T14:30")) is two
    assert frozen_by((one, two), at("2026-11-21T16:30")) is None


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 4_000_000_000))
def test_a_day_is_either_in_a_window_or_in_its_reverse(begins: int, ends: int, now: int) -> None:
    first, last = (Moment(Repeats.DAILY, minutes) for minutes in (begins, ends))
    if begins != ends:
        there, back = Freeze(first, last, BERLIN, "", ""), Freeze(last, first, BERLIN, "", "")
        assert there.covers(now) != back.covers(now)
