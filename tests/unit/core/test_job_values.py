"""Values beside each other: whatever is cut, what differs is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_values import LONGEST, shown_together

_NAMES = ", ".join(f"s{number:03}" for number in range(60))


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        pytest.param(("a", "b"), ('"a"', '"b"'), id="short"),
        pytest.param((None, "b"), ("nothing", '"b"'), id="nothing"),
        pytest.param(("a\nb\nc", None), ('"a" (and 2 more lines)', "nothing"), id="lines"),
        pytest.param(("a\nb", "c\nd"), ('"a" (and 1 more line)', '"c" (and 1 more line)'), id="the-first-line-differs"),
        pytest.param(("a\nb\nc", "a\nx\nc"), ('"…b" (and 1 more line)', '"…x" (and 1 more line)'), id="a-later-line"),
        pytest.param(
            (_NAMES, f"{_NAMES}, t"), (f'"…{_NAMES[-30:]}"', f'"…{_NAMES[-30:]}, t"'), id="the-end-of-a-long-list"
        ),
        pytest.param(("x" * 120, "y" * 120), (f'"{"x" * 100}…"', f'"{"y" * 100}…"'), id="long-and-all-different"),
        pytest.param((_NAMES, _NAMES), (f'"{_NAMES[:100]}…"',) * 2, id="alike"),
    ],
)
def test_shown(values: tuple[str | None, ...], shown: tuple[str, ...]) -> None:
    assert shown_together(values) == shown


@given(st.text("ab\n", max_size=300), st.text("ab\n", max_size=3), st.text("ab\n", max_size=3))
def test_what_differs_is_never_cut_away(alike: str, one: str, other: str) -> None:
    before, after = shown_together([f"{alike}{one}", f"{alike}{other}"])
    assert (before != after) or one == other
    assert "\n" not in before + after
    assert len(before) < LONGEST + 40
