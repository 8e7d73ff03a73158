from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cictl.core.evidence import Evidence
from cictl.core.report import Pods
from cictl.core.report_evidence import (
    check_names,
    happenings_of,
    looks_of,
    pods_of,
    queries_of,
    results_of,
    spans_of,
)
from tests.unit.report_cases import ROLLED_BACK, event, gate, look
from tests.unit.rollout_cases import NOW, a_record

FINISHED = "2023-11-14T22:14:55+00:00"
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
WORDS = st.sampled_from(
    ["at", "action", "phase", "step", "why", "gate", "checks", "name", "verdict", "value", "evidence", "old", "new"]
)
JSON = st.recursive(
    LEAVES | st.sampled_from(["stepping", "errors", "rolled-back"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=6,
)
POINTS = st.lists(st.dictionaries(WORDS, JSON, max_size=5), max_size=3)


def test_phases_and_steps_in_order() -> None:
    spans = spans_of(a_record(), ROLLED_BACK.events, FINISHED)
    assert [(span.label, span.weight, span.began - NOW, span.seconds) for span in spans] == [
        ("preparing", None, 0, 1),
        ("step 1", 20, 1, 60),
        ("step 2", 60, 61, 30),
        ("aborting", None, 91, 4),
    ]
    assert [(span.why, span.verdict) for span in spans] == [
        ("", None),
        ("healthy, and the pause is over", "healthy"),
        ("errors: 30 of 100", "unhealthy"),
        ("only stable's pods are left", None),
    ]


def test_without_events_the_outcome_ends_what_is_known() -> None:
    (span,) = spans_of(a_record(), (), FINISHED)
    assert (span.label, span.seconds) == ("preparing", 95)


def test_what_goes_on_has_no_end_and_the_newest_verdict() -> None:
    events = [event(1, "wait", "stepping", 0, "pausing", gate(2, "insufficient"))]
    newest = spans_of(a_record(), events, "")[-1]
    assert (newest.label, newest.ended, newest.seconds, newest.verdict) == ("step 1", None, None, "insufficient")


def test_who_ends_a_step_without_a_look_leaves_what_the_gate_said_last() -> None:
    events = [
        event(1, "wait", "stepping", 0, "pausing", gate(2, "healthy")),
        event(9, "write", "aborting", 0, "by hand"),
    ]
    newest = spans_of(a_record(), events, "")
    assert [(span.label, span.verdict) for span in newest] == [
        ("preparing", None),
        ("step 1", "healthy"),
        ("aborting", None),
    ]


def test_a_step_that_the_strategy_does_not_have() -> None:
    assert spans_of(a_record(), [event(1, "wait", "stepping", 9, "")], "")[-1].weight is None


def test_results_are_those_at_the_end_of_each_step() -> None:
    spans = spans_of(a_record(), ROLLED_BACK.events, FINISHED)
    results = results_of(ROLLED_BACK, spans, "errors")
    assert [(each.label, each.verdict, each.bad, each.total, each.reason) for each in results] == [
        ("step 1", "healthy", 0, 100, "0 of 100"),
        ("step 2", "unhealthy", 30, 100, "30 of 100"),
    ]
    low, high = results[1].low, results[1].high
    assert low is not None
    assert high is not None
    assert low < 0.3 < high


def test_what_ended_a_step_counts_though_its_clock_is_ahead() -> None:
    def look(at: float, verdict: str) -> dict[str, object]:
        return {**gate(at, verdict), "checks": [{"name": "errors", "verdict": verdict, "reason": verdict}]}

    events = (
        event(1, "wait", "watching", 0, "watching", look(2, "unknown")),
        event(9, "write", "succeeded", 0, "healthy to the end of the watch", look(9.3, "healthy")),
    )
    evidence = Evidence(events)
    results = results_of(evidence, spans_of(a_record(), events, FINISHED), "errors")
    assert [(each.label, each.verdict) for each in results] == [("watching", "healthy")]
    held = (events[0], event(9, "write", "aborting", 0, "", look(9.3, "healthy")), event(12, "end", "aborted", 0, ""))
    results = results_of(Evidence(held), spans_of(a_record(), held, FINISHED), "errors")
    assert [(each.label, each.verdict) for each in results] == [("watching", "healthy")]


def test_a_look_belongs_where_it_was_taken_though_its_clock_is_ahead() -> None:
    events = (
        event(1, "wait", "stepping", 0, "pausing"),
        event(9, "write", "aborting", 0, "errors", gate(9, "unhealthy", bad=30)),
        event(12, "end", "rolled-back", 0, "errors"),
    )
    evidence = Evidence(events, looks=(look(9, "unhealthy", 30, 100), look(9.4, "unhealthy", 30, 100)))
    results = results_of(evidence, spans_of(a_record(), events, FINISHED), "errors")
    assert [(each.label, each.verdict) for each in results] == [("step 1", "unhealthy")]


def test_looks_come_from_the_series_or_else_from_the_events() -> None:
    assert [each.value for each in looks_of(ROLLED_BACK, "errors")] == [0.0, 0.0, 0.02, 0.3]
    older = Evidence(ROLLED_BACK.events)
    assert [each.value for each in looks_of(older, "errors")] == [0.0, 0.02, 0.3]


def test_names_and_queries() -> None:
    assert check_names(ROLLED_BACK) == ("targets", "errors")
    assert queries_of(ROLLED_BACK, "errors") == ("sum(bad)", "sum(n)")
    assert queries_of(ROLLED_BACK, "absent") == ()


def test_pods() -> None:
    assert pods_of(ROLLED_BACK)[0] == Pods(NOW + 1, 5, 5, 0, 1)


def test_happenings_say_where_and_why() -> None:
    told = happenings_of(ROLLED_BACK.events)[1]
    assert (told.what, told.where, told.why) == ("write", "step 2", "healthy, and the pause is over")
    assert (told.verdict, told.gate) == ("healthy", "errors: 0 of 100")


@pytest.mark.parametrize(
    "point",
    [
        {"at": float("nan"), "old": [1, 1], "new": [1, 1]},
        {"at": -1, "old": [1, 1], "new": [1, 1]},
        {"at": 1, "old": [1], "new": [1, 1]},
        {"at": 1, "old": [-1, 1], "new": [1, 1]},
        {"at": 1, "old": ["1", 1], "new": [1, 1]},
        {"at": True, "old": [1, 1], "new": [1, 1]},
        {"at": 1e300, "old": [1, 1], "new": [1, 1]},
    ],
)
def test_points_that_cannot_be_are_left_out(point: dict[str, Any]) -> None:
    assert pods_of(Evidence(pods=(point,))) == ()


@settings(max_examples=50, deadline=None)
@given(POINTS, POINTS, POINTS, st.text(max_size=20))
def test_whatever_a_person_wrote_there_is_read(
    events: list[dict[str, Any]], looks: list[dict[str, Any]], pods: list[dict[str, Any]], finished: str
) -> None:
    evidence = Evidence(events, looks, pods)
    spans = spans_of(a_record(), events, finished)
    assert spans[0].label == "preparing"
    happenings_of(events)
    pods_of(evidence)
    for name in (*check_names(evidence), "errors"):
        results_of(evidence, spans, name)
        queries_of(evidence, name)
