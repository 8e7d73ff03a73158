from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cictl.core.evidence import (
    MOST_POINTS,
    MOST_SERIES_BYTES,
    Evidence,
    evidence_of,
    look_point,
    pods_point,
    series_text,
    thinned,
)
from cictl.core.observe import Sight
from cictl.core.verdict import CheckResult, GateResult, Verdict
from tests.unit.rollout_cases import CANARY_KEY, STABLE_KEY, a_look, a_replica_set

JSON = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def test_a_point_has_the_pods_of_both() -> None:
    look = replace(a_look(), stable=a_replica_set(STABLE_KEY, 4), canary=a_replica_set(CANARY_KEY, 1))
    point = pods_point(Sight(look))
    assert (point["old"], point["new"]) == ([4, 4], [1, 1])


def test_what_is_one_replica_set_is_not_counted_twice() -> None:
    one = a_replica_set(CANARY_KEY, 3)
    point = pods_point(Sight(replace(a_look(), stable=one, canary=one)))
    assert (point["old"], point["new"]) == ([0, 0], [3, 3])


def test_a_look_keeps_what_can_be_drawn_and_no_queries() -> None:
    proof: dict[str, str | float | int | None] = {
        "bad": 3,
        "total": 90,
        "eValue": 1.5,
        "eNeeded": 100.0,
        "badQuery": "sum(x)",
    }
    check = CheckResult("errors", Verdict.HEALTHY, "fine", 0.03, 0.05, "ratio", proof)
    point = look_point(Sight(a_look()), GateResult("default", Verdict.HEALTHY, "fine", 17.0, (check,)))
    assert point["checks"] == [
        {"name": "errors", "verdict": "healthy", "value": 0.03, "bad": 3, "total": 90, "eValue": 1.5}
    ]
    assert (point["at"], point["verdict"]) == (17.0, "healthy")


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), max_size=3000), st.integers(20, 200))
def test_thinned_is_bounded_ordered_and_ends_alike(steps: list[int], most: int) -> None:
    points = [{"at": at, "step": step} for at, step in enumerate(sorted(steps))]
    kept = thinned(points, most)
    assert len(kept) <= most
    assert [point["at"] for point in kept] == sorted({point["at"] for point in kept})
    ends = {point["step"]: point["at"] for point in points}
    assert {point["step"]: point["at"] for point in kept} == ends


@pytest.mark.parametrize("size", [10, 1_000, 20_000])
def test_series_are_bounded(size: int) -> None:
    looks = [{"at": at, "why": "ä" * size} for at in range(3 * MOST_POINTS)]
    text = series_text(looks, [{"at": 1, "old": [3, 3]}])
    assert len(text.encode()) <= MOST_SERIES_BYTES
    json.loads(text)


def test_evidence_survives() -> None:
    events, looks, pods = ({"at": 1},), ({"at": 2.5},), ({"at": 3, "old": [1, 1]},)
    assert evidence_of(json.dumps(events), series_text(looks, pods)) == Evidence(events, looks, pods)


@pytest.mark.parametrize("damaged", ["", "null", "{", "[1, null]", '{"looks": 3}', "[" * 100_000])
def test_what_is_damaged_is_left(damaged: str) -> None:
    assert evidence_of(damaged, damaged) == Evidence()


@settings(deadline=None, max_examples=50)
@given(JSON, JSON)
def test_what_a_person_wrote_there_is_read_as_far_as_it_goes(events: object, series: object) -> None:
    found = evidence_of(json.dumps(events), json.dumps(series))
    assert all(isinstance(each, dict) for part in (found.events, found.looks, found.pods) for each in part)
