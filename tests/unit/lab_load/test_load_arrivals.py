"""Arrivals are Poisson, repeatable, and end."""

from __future__ import annotations

import itertools
import statistics

import pytest

from lab.load.arrivals import Plan


def test_as_many_as_the_rate_says_at_exponential_distances() -> None:
    due = list(Plan(100, 100, seed=1).arrivals())
    gaps = [later - earlier for earlier, later in itertools.pairwise(due)]
    assert len(due) == pytest.approx(10_000, rel=0.05)
    assert statistics.mean(gaps) == pytest.approx(0.01, rel=0.05)
    assert statistics.stdev(gaps) == pytest.approx(0.01, rel=0.05)


def test_the_same_seed_gives_the_same_arrivals() -> None:
    assert list(Plan(10, 5, seed=7).arrivals()) == list(Plan(10, 5, seed=7).arrivals())


def test_ends_by_time_and_by_count() -> None:
    assert max(Plan(1000, 1, seed=1).arrivals()) < 1
    assert len(list(Plan(1000, 3600, count=25).arrivals())) == 25


@pytest.mark.parametrize(
    ("rate", "duration", "count"),
    [(0, 1, 1), (1e9, 1, 1), (float("nan"), 1, 1), (1, 0, 1), (1, float("inf"), 1), (1, 1, 0)],
)
def test_what_would_not_end_is_refused(rate: float, duration: float, count: int) -> None:
    with pytest.raises(ValueError, match=r"is not within|is below"):
        Plan(rate, duration, count)
