from __future__ import annotations

from dataclasses import replace

import pytest

from bench.false_alarms import Rule, chance_of_alarm, limit_for

RULE = Rule(window_seconds=10, looks=60, max_ratio=0.01, failure_limit=0)


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [pytest.param(0.0, 0.0, id="no-error-no-alarm"), pytest.param(1.0, 1.0, id="nothing-but-errors")],
)
def test_the_ends_are_certain(ratio: float, expected: float) -> None:
    assert chance_of_alarm(RULE, ratio=ratio, rate=20, runs=20) == expected


def test_patience_raises_fewer_alarms() -> None:
    patient = Rule(10, 60, 0.01, failure_limit=20)
    hasty, calm = (chance_of_alarm(rule, ratio=0.005, rate=13, runs=200) for rule in (RULE, patient))
    assert calm < hasty < 1


def test_the_same_seed_gives_the_same_chance() -> None:
    assert len({chance_of_alarm(RULE, ratio=0.005, rate=13, runs=50, seed=3) for _ in range(3)}) == 1


def test_the_least_limit_that_is_careful_enough() -> None:
    rule = Rule(window_seconds=10, looks=30, max_ratio=0.01, failure_limit=0)
    limit = limit_for(rule, chance=0.1, ratio=0.005, rate=13.0, runs=200)
    assert chance_of_alarm(replace(rule, failure_limit=limit), ratio=0.005, rate=13.0, runs=200) <= 0.1
    assert chance_of_alarm(replace(rule, failure_limit=limit - 1), ratio=0.005, rate=13.0, runs=200) > 0.1
