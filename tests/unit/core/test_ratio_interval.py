from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cictl.core.ratio_interval import ratio_interval
from cictl.core.sequential import log_evidence, rejects

ALPHA = 0.05


@settings(deadline=None)
@given(st.integers(1, 5000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_it_holds_what_was_measured_and_stays_in_bounds(counts: tuple[int, int]) -> None:
    bad, total = counts
    low, high = ratio_interval(bad, total, alpha=ALPHA)
    assert 0 <= low <= bad / total <= high <= 1


@pytest.mark.parametrize(("bad", "total"), [(0, 1), (3, 3), (10, 19), (50, 10_000), (10_000, 10_000_000)])
def test_its_lower_bound_is_where_the_test_stops_rejecting(bad: int, total: int) -> None:
    low, _ = ratio_interval(bad, total, alpha=ALPHA)
    assert not rejects(log_evidence(bad, total, max_ratio=low + 1e-6), alpha=ALPHA / 2)
    if bad:
        assert rejects(log_evidence(bad, total, max_ratio=low * 0.999), alpha=ALPHA / 2)


def test_more_events_make_it_narrower() -> None:
    widths = [high - low for low, high in (ratio_interval(n // 10, n, alpha=ALPHA) for n in (10, 100, 1000, 10_000))]
    assert widths == sorted(widths, reverse=True)


def test_it_holds_the_truth_however_often_one_looks() -> None:
    chance, missed = random.Random(11), 0  # noqa: S311 - a simulation
    for _ in range(60):
        bad = 0
        for total in range(1, 301):
            bad += chance.random() < 0.1
            low, high = ratio_interval(bad, total, alpha=ALPHA) if total % 60 == 0 else (0.0, 1.0)
            if not low <= 0.1 <= high:
                missed += 1
                break
    assert missed <= 60 * ALPHA
