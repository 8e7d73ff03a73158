"""The sequential test against scipy, against its promise (false aborts) and its use (power)."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import betaln
from scipy.stats import beta

from cictl.core.sequential import e_value, log_evidence, rejects

ALPHA = 0.05


def _by_scipy(bad: int, total: int, limit: float) -> float:
    after = beta(0.5 + bad, 1 + total - bad)
    likelihood = bad * math.log(limit) + (total - bad) * math.log1p(-limit)
    posterior = betaln(0.5 + bad, 1 + total - bad) + after.logsf(limit)
    return float(posterior - betaln(0.5, 1) - beta(0.5, 1).logsf(limit) - likelihood)


@pytest.mark.parametrize("limit", [0.0001, 0.001, 0.01, 0.05, 0.5, 0.99])
@pytest.mark.parametrize(
    ("bad", "total"),
    [
        pytest.param(0, 0, id="nothing-yet"),
        pytest.param(0, 1, id="one-good"),
        pytest.param(1, 1, id="one-bad"),
        pytest.param(0, 200, id="all-good"),
        pytest.param(200, 200, id="all-bad"),
        pytest.param(3, 250, id="few-bad"),
        pytest.param(40, 1000, id="many-bad"),
        pytest.param(10_000, 1_000_000, id="a-million"),
    ],
)
def test_agrees_with_scipy(bad: int, total: int, limit: float) -> None:
    expected = _by_scipy(bad, total, limit)
    found = log_evidence(bad, total, max_ratio=limit)
    if math.isfinite(expected):
        assert found == pytest.approx(expected, rel=1e-8, abs=1e-6)
    else:
        assert math.isfinite(found), "beyond scipy's own logarithm, not beyond ours"


def test_is_the_mean_of_likelihood_ratios() -> None:
    limit, bad, total = 0.01, 4, 90

    def weighted(p: float) -> float:
        ratio = (p / limit) ** bad * ((1 - p) / (1 - limit)) ** (total - bad)
        return float(ratio * 0.5 * p**-0.5 / (1 - math.sqrt(limit)))

    mean = quad(weighted, limit, 0.2)[0] + quad(weighted, 0.2, 1)[0]
    assert e_value(log_evidence(bad, total, max_ratio=limit)) == pytest.approx(mean, rel=1e-6)


@given(st.integers(0, 60), st.floats(0.001, 0.9), st.floats(0, 1))
def test_one_more_event_never_raises_the_evidence_on_average(bad: int, limit: float, share: float) -> None:
    """The supermartingale, for every chance up to the limit: E[e after | counts] ≤ e before."""
    total, chance = bad + 40, limit * share
    before = log_evidence(bad, total, max_ratio=limit)
    if_bad = math.exp(log_evidence(bad + 1, total + 1, max_ratio=limit) - before)
    if_good = math.exp(log_evidence(bad, total + 1, max_ratio=limit) - before)
    assert chance * if_bad + (1 - chance) * if_good <= 1 + 1e-9


@given(st.integers(0, 500), st.integers(0, 5000), st.floats(0.0001, 0.9999))
def test_is_finite_and_grows_with_bad_events(bad: int, good: int, limit: float) -> None:
    now = log_evidence(bad, bad + good, max_ratio=limit)
    assert math.isfinite(now)
    assert log_evidence(bad + 1, bad + good + 1, max_ratio=limit) > now
    assert log_evidence(bad, bad + good + 1, max_ratio=limit) < now


@pytest.mark.parametrize("total", [10**7, 10**9])
def test_large_counts_stay_exact(total: int) -> None:
    at_limit = log_evidence(total // 100, total, max_ratio=0.01)
    assert -20 < at_limit < 0
    assert rejects(log_evidence(total // 90, total, max_ratio=0.01), alpha=0.01)


@pytest.mark.parametrize(
    ("bad", "limit", "expected"),
    [
        pytest.param(0, 0.0, 0.0, id="none-allowed-none-seen"),
        pytest.param(1, 0.0, math.inf, id="none-allowed-one-seen"),
        pytest.param(9, 1.0, 0.0, id="all-allowed"),
    ],
)
def test_limits_at_the_ends(bad: int, limit: float, expected: float) -> None:
    assert log_evidence(bad, 10, max_ratio=limit) == expected


@pytest.mark.parametrize(("bad", "total"), [(-1, 5), (6, 5)])
def test_impossible_counts_are_refused(bad: int, total: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        log_evidence(bad, total, max_ratio=0.01)


def test_e_value_can_always_be_printed() -> None:
    assert math.isfinite(e_value(math.inf))


def _first_rejection(chance: float, limit: float, *, looks: int, events: int, seed: int) -> int | None:
    """Look after every EVENTS, and return the look that rejects."""
    dice, bad = random.Random(seed), 0  # noqa: S311 - a simulation
    for look in range(1, looks + 1):
        bad += sum(dice.random() < chance for _ in range(events))
        if rejects(log_evidence(bad, look * events, max_ratio=limit), alpha=ALPHA):
            return look
    return None


def test_false_aborts_stay_below_alpha_under_continuous_looking() -> None:
    runs = 400
    aborted = sum(_first_rejection(0.05, 0.05, looks=150, events=7, seed=seed) is not None for seed in range(runs))
    assert aborted / runs <= ALPHA


def test_five_percent_is_found_soon_where_one_is_allowed() -> None:
    found = [_first_rejection(0.05, 0.01, looks=40, events=20, seed=seed) for seed in range(100)]
    looks = sorted(40 if look is None else look for look in found)
    assert looks[50] <= 8  # 160 requests
    assert None not in found
