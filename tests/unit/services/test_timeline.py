from __future__ import annotations

from dataclasses import replace

from cictl.core.observe import Sight
from cictl.core.rollout import End, Remove, Scale, Snapshot, Wait, Write
from cictl.core.rollout_state import Phase, Reason
from cictl.core.verdict import CheckResult, GateResult, Verdict
from cictl.services.timeline import Timeline, gate_data
from tests.unit.rollout_cases import NOW, STABLE_KEY, a_look, a_replica_set, a_state

SIGHT = Sight(a_look())
GATE = GateResult(
    "default",
    Verdict.UNHEALTHY,
    "errors",
    NOW,
    (CheckResult("errors", Verdict.UNHEALTHY, "too many", 0.05, 0.01, "ratio", {"e": 200.0}),),
)
ABORT = Write(a_state(Phase.ABORTING, reason=Reason.GATE_UNHEALTHY), "too many errors")


def test_only_what_is_new_is_kept() -> None:
    timeline = Timeline()
    for _ in range(3):
        timeline.note(SIGHT, Wait("pausing"))
    timeline.note(Sight(a_look(verdict=Verdict.HEALTHY)), Wait("pausing"))
    timeline.note(SIGHT, Wait("something else"))
    assert [event["why"] for event in timeline.evidence().events] == ["pausing", "pausing", "something else"]


def test_news_is_news_once() -> None:
    timeline = Timeline()
    news = [timeline.has_news]
    for read in (False, True, False):
        timeline.note(SIGHT, Wait("pausing"))
        news.append(timeline.has_news)
        if read:
            timeline.evidence()
    assert news == [False, True, True, False]


def test_an_act_says_from_where_to_where() -> None:
    timeline = Timeline()
    timeline.note(Sight(replace(a_look(), gate=GATE)), ABORT)
    event = timeline.evidence().events[0]
    assert (event["at"], event["action"], event["from"], event["phase"]) == (NOW, "write", "stepping", "aborting")
    assert event["gate"] == gate_data(GATE)
    assert event["gate"]["checks"][0]["evidence"] == {"e": 200.0}


def test_of_an_act_tried_again_the_last_try_is_kept() -> None:
    timeline = Timeline()
    for at in (1.0, 2.0):
        timeline.note(Sight(replace(a_look(), now=NOW + at, gate=replace(GATE, at=at))), ABORT)
    aborting = a_state(Phase.ABORTING, reason=Reason.GATE_UNHEALTHY)
    for why in ("too many errors", "the template was changed on the way back"):
        timeline.note(Sight(a_look(aborting)), replace(ABORT, why=why))
    kept = timeline.evidence()
    assert [(event["at"] - NOW, event["from"]) for event in kept.events] == [
        (2.0, "stepping"),
        (0.0, "aborting"),
        (0.0, "aborting"),
    ]
    assert kept.events[0]["gate"]["at"] == kept.looks[-1]["at"] == 2.0


def test_the_first_cause_is_remembered() -> None:
    timeline = Timeline()
    assert timeline.cause() == ""
    timeline.note(SIGHT, Write(a_state(step=1), "healthy"))
    timeline.note(SIGHT, Scale(a_replica_set(STABLE_KEY, 4), 5, "drift"))
    assert timeline.cause() == ""
    timeline.note(SIGHT, ABORT)
    aborting = Sight(a_look(ABORT.state))
    timeline.note(aborting, replace(ABORT, why="the template was changed on the way back"))
    timeline.note(aborting, Write(a_state(Phase.SUPERSEDED), "only stable's pods are left"))
    assert timeline.cause() == "too many errors"


def test_what_was_not_written_is_no_cause() -> None:
    timeline = Timeline()
    timeline.note(SIGHT, ABORT)
    gone = Sight(Snapshot(NOW, deployment=None, state=None))
    timeline.note(gone, End(a_state(Phase.SUPERSEDED, reason=Reason.GONE), "the Deployment is gone"))
    assert timeline.cause() == ""


def test_of_writes_that_failed_the_one_that_came_through_is_the_cause() -> None:
    timeline = Timeline()
    timeline.note(SIGHT, replace(ABORT, why="crash loop"))
    timeline.note(SIGHT, Wait("pausing"))
    timeline.note(SIGHT, ABORT)
    timeline.note(Sight(a_look(ABORT.state)), Wait("the canary's pods are going"))
    assert timeline.cause() == "too many errors"


def test_a_removal_is_a_cause() -> None:
    timeline = Timeline()
    timeline.note(SIGHT, Remove(Reason.PODS_FAILED, "crash loop"))
    assert timeline.cause() == "crash loop"


def test_each_look_and_each_change_of_the_pods_is_kept() -> None:
    timeline = Timeline()
    for at in (1.0, 1.0, 2.0):
        timeline.note(Sight(replace(a_look(), gate=replace(GATE, at=at))), Wait("pausing"))
    kept = timeline.evidence()
    assert [look["at"] for look in kept.looks] == [1.0, 2.0]
    assert len(kept.pods) == 1
    assert len(kept.events) == 1


def test_looks_are_news_where_others_know_old_ones() -> None:
    timeline = Timeline()
    timeline.note(SIGHT, Wait("pausing"))
    timeline.evidence()
    news = []
    for seconds in (0, 59, 60):
        timeline.note(Sight(replace(a_look(), now=NOW + seconds)), Wait("pausing"))
        news.append(timeline.has_news)
    assert news == [False, False, True]


def test_who_takes_over_goes_on_where_the_driver_before_ended() -> None:
    first = Timeline()
    first.note(Sight(replace(a_look(), gate=GATE)), Wait("pausing"))
    second = Timeline(first.evidence())
    second.note(SIGHT, ABORT)
    assert [event["action"] for event in second.evidence().events] == ["wait", "write"]
    assert len(second.evidence().looks) == 1
