from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cictl.core.holding import (
    HELD_MIN_READY_SECONDS,
    Split,
    aborting_fields,
    is_held,
    promoting_fields,
    settled_split,
    split_of,
    stages,
    surge_pods,
    unavailable_pods,
)
from cictl.core.patches import field_operations
from cictl.core.strategy import Capacity, Step, Strategy
from cictl.core.workload import HeldFields, template_key
from tests.unit.rollout_model import Model
from tests.unit.rollout_objects import template_of

OWN = HeldFields(5, 600, "25%", 1)
RECREATE = HeldFields(5, 600, "25%", "25%", "Recreate")


@pytest.mark.parametrize(
    ("value", "replicas", "up", "down"),
    [
        pytest.param("20%", 5, 1, 1, id="exact"),
        pytest.param("10%", 5, 1, 0, id="rounds"),
        pytest.param("1%", 100, 1, 1, id="one-of-a-hundred"),
        pytest.param("1%", 101, 2, 1, id="one-more"),
        pytest.param("100%", 7, 7, 7, id="whole"),
        pytest.param(3, 5, 3, 3, id="number"),
        pytest.param("50%", 0, 0, 0, id="none"),
    ],
)
def test_rounding(value: int | str, replicas: int, up: int, down: int) -> None:
    assert (surge_pods(value, replicas), unavailable_pods(value, replicas)) == (up, down)


@pytest.mark.parametrize(
    ("capacity", "weight", "replicas", "expected"),
    [
        pytest.param(Capacity.EXTRA, 10, 5, Split(5, 1), id="extra-at-least-one"),
        pytest.param(Capacity.EXTRA, 50, 5, Split(5, 3), id="extra-rounds-up"),
        pytest.param(Capacity.EXTRA, 99, 1, Split(1, 1), id="extra-of-one"),
        pytest.param(Capacity.SWAPPED, 40, 5, Split(3, 3), id="swapped"),
        pytest.param(Capacity.SWAPPED, 50, 1, Split(1, 1), id="swapped-of-one"),
        pytest.param(Capacity.SWAPPED, 99, 100, Split(1, 100), id="swapped-never-takes-the-last"),
        pytest.param(Capacity.SWAPPED, 50, 200, Split(100, 102), id="swapped-of-many"),
    ],
)
def test_settled_split(capacity: Capacity, weight: int, replicas: int, expected: Split) -> None:
    strategy = Strategy("s", (Step(weight, 0),), capacity)
    assert settled_split(strategy, 0, replicas) == expected


def test_share() -> None:
    assert Split(5, 1).share == pytest.approx(1 / 6)
    assert Split(0, 0).share == 0


STRATEGIES = st.builds(
    Strategy,
    name=st.just("s"),
    steps=st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True).map(
        lambda weights: tuple(Step(weight, 0.0) for weight in sorted(weights))
    ),
    capacity=st.sampled_from(Capacity),
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(STRATEGIES, st.integers(1, 40))
def test_kubernetes_comes_to_rest_where_it_is_said(strategy: Strategy, replicas: int) -> None:
    model = Model(replicas=replicas, own=HeldFields(0, 600, "25%", "25%"))
    model.edit(template=template_of("v2"), minReadySeconds=HELD_MIN_READY_SECONDS)
    for step in range(len(strategy.steps)):
        for fields in stages(strategy, step):
            model.patch("Deployment", "shop", field_operations(fields))
            model.settle()
            split = Split(model.count(template_key(template_of("v1"))), model.count(template_key(template_of("v2"))))
            assert split == split_of(fields, replicas)
            assert model.ready >= replicas
            assert split.stable > 0


def test_percentages_always_and_never_a_surge_of_zero() -> None:
    for capacity in Capacity:
        strategy = Strategy("s", (Step(1, 0), Step(2, 0), Step(99, 0)), capacity)
        for step in range(3):
            for fields in stages(strategy, step):
                assert is_held(fields)
                assert str(fields.max_surge).endswith("%")
                assert fields.max_surge != "0%"
                assert fields.max_unavailable == 0 or str(fields.max_unavailable).endswith("%")


def test_held_is_told_from_own_values() -> None:
    assert not is_held(OWN)
    assert is_held(HeldFields(HELD_MIN_READY_SECONDS, 600, 1, 1))


@pytest.mark.parametrize(
    ("own", "may_double", "expected"),
    [
        pytest.param(OWN, True, HeldFields(5, 600, "100%", 0), id="doubled"),
        pytest.param(OWN, False, OWN, id="no-room"),
        pytest.param(RECREATE, True, RECREATE, id="recreate"),
    ],
)
def test_promoting_fields(own: HeldFields, may_double: bool, expected: HeldFields) -> None:
    assert promoting_fields(own, may_double=may_double) == expected


@pytest.mark.parametrize(
    ("own", "at_once", "expected"),
    [
        pytest.param(OWN, True, HeldFields(0, 600, "100%", "100%"), id="at-once"),
        pytest.param(OWN, False, HeldFields(0, 600, "100%", 0), id="without-loss"),
        pytest.param(RECREATE, True, HeldFields(0, 600, "25%", "25%", "Recreate"), id="recreate"),
    ],
)
def test_aborting_fields(own: HeldFields, at_once: bool, expected: HeldFields) -> None:
    assert aborting_fields(own, at_once=at_once) == expected
