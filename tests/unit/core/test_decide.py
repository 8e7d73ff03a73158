"""The decision table, row by row; what may be added to a row changes nothing that stands before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cictl.core.decide import decide
from cictl.core.decide_abort import begin_abort
from cictl.core.holding import promoting_fields
from cictl.core.rollout import ApplyObjects, End, PodTrouble, Remove, Rollout, Snapshot, Stop, Wait, Write
from cictl.core.rollout_state import Phase, Reason, RolloutState
from cictl.core.verdict import Verdict
from cictl.core.workload import HeldFields
from tests.unit.rollout_cases import (
    AT_ONCE,
    CAREFUL,
    DIRECT,
    FIRST,
    NEW_OWN,
    NOW,
    OWN,
    ROLLOUT,
    STABLE_KEY,
    THIRD_KEY,
    UNDO,
    WITHOUT_LOSS,
    a_deployment,
    a_look,
    a_progress,
    a_promoted,
    a_rollout,
    a_state,
    promoted,
    write_of,
)

PROMOTING, WATCHING = a_state(Phase.PROMOTING), a_state(Phase.WATCHING)
UNDER_WAY = [Phase.PREPARING, Phase.STEPPING, Phase.PROMOTING, Phase.WATCHING]
TERMINAL = [Phase.SUCCEEDED, Phase.ROLLED_BACK, Phase.SUPERSEDED, Phase.FAILED]


# Who may decide at all.


@pytest.mark.parametrize("phase", Phase)
def test_a_deployment_that_is_gone_ends_the_rollout(phase: Phase) -> None:
    action = decide(ROLLOUT, Snapshot(now=NOW, deployment=None, state=a_state(phase)))
    assert isinstance(action, End)
    assert (action.state.phase, action.state.reason) == (Phase.SUPERSEDED, Reason.GONE)


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(replace(a_look(), state=None), id="no-labels"),
        pytest.param(a_look(replace(a_state(), release=8)), id="a-newer-release"),
        pytest.param(a_look(a_state(token=4)), id="a-higher-token"),
        pytest.param(a_look(a_state(token=2)), id="a-lower-token"),
        pytest.param(a_look(a_state(Phase.SUCCEEDED, token=4)), id="ended-by-another"),
    ],
)
def test_another_driver_is_left_alone(now: Snapshot) -> None:
    action = decide(ROLLOUT, now)
    assert isinstance(action, Stop)
    assert not action.held


@pytest.mark.parametrize("phase", TERMINAL)
def test_what_has_ended_is_ended(phase: Phase) -> None:
    now = a_look(a_state(phase, reason=Reason.BY_USER))
    action = decide(ROLLOUT, now)
    assert isinstance(action, End)
    assert action.state == now.state


@pytest.mark.parametrize(
    ("phase", "rollout", "expected"),
    [
        pytest.param(Phase.ROLLED_BACK, ROLLOUT, ApplyObjects, id="rolled-back"),
        pytest.param(Phase.SUPERSEDED, ROLLOUT, ApplyObjects, id="superseded"),
        pytest.param(Phase.SUCCEEDED, ROLLOUT, End, id="succeeded"),
        pytest.param(Phase.FAILED, ROLLOUT, End, id="failed"),
        pytest.param(Phase.ROLLED_BACK, FIRST, End, id="first-install"),
    ],
)
def test_the_other_objects_follow_the_way_back(phase: Phase, rollout: Rollout, expected: type) -> None:
    stable = a_deployment(template_key=rollout.stable_key or STABLE_KEY)
    action = decide(rollout, a_look(a_state(phase), stable, objects_applied=False))
    assert isinstance(action, expected)
    assert not isinstance(action, ApplyObjects) or not action.new


# What others do to the Deployment meanwhile.


@pytest.mark.parametrize("phase", UNDER_WAY)
def test_stables_template_put_back_gives_own_values_back_at_once(phase: Phase) -> None:
    now = a_look(a_state(phase), a_deployment(template_key=STABLE_KEY), trouble="x", verdict=Verdict.UNHEALTHY)
    action = write_of(ROLLOUT, now)
    assert (action.state.phase, action.state.reason) == (Phase.SUPERSEDED, Reason.UNDONE)
    assert (action.fields, action.template, action.unpause) == (OWN, None, True)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"template_key": THIRD_KEY}, Reason.OTHER_TEMPLATE, id="a-third-template"),
        pytest.param({"paused": True}, Reason.PAUSED, id="paused"),
        pytest.param({"template_key": THIRD_KEY, "paused": True}, Reason.OTHER_TEMPLATE, id="both"),
        pytest.param({"template_key": THIRD_KEY, "replicas": 0}, Reason.OTHER_TEMPLATE, id="third-at-zero"),
    ],
)
@pytest.mark.parametrize("phase", UNDER_WAY)
def test_what_nobody_judged_is_taken_back_to_stable(phase: Phase, changes: dict[str, object], reason: Reason) -> None:
    action = write_of(ROLLOUT, a_look(a_state(phase), a_deployment(**changes), verdict=Verdict.HEALTHY))
    assert (action.state.phase, action.state.reason, action.state.since) == (Phase.ABORTING, reason, NOW)
    assert (action.template, action.unpause) == ("stable", True)
    assert action.fields in {AT_ONCE, WITHOUT_LOSS}


@pytest.mark.parametrize(
    ("rollout", "phase"),
    [
        pytest.param(FIRST, Phase.SUPERSEDED, id="first-install-is-left-to-them"),
        pytest.param(UNDO, Phase.SUPERSEDED, id="an-undo-stands"),
    ],
)
@pytest.mark.parametrize("changes", [{"template_key": THIRD_KEY}, {"paused": True}])
def test_interference_where_there_is_no_way_back(rollout: Rollout, phase: Phase, changes: dict[str, object]) -> None:
    action = write_of(rollout, a_look(PROMOTING, a_promoted(**changes)))
    assert action.state.phase is phase
    assert action.template is None


def test_scaled_to_zero_in_a_step_writes_stables_template_at_once() -> None:
    action = write_of(ROLLOUT, a_look(deployment=a_deployment(replicas=0), split=(0, 0), verdict=Verdict.HEALTHY))
    assert (action.state.phase, action.state.reason) == (Phase.SUPERSEDED, Reason.SCALED_TO_ZERO)
    assert (action.template, action.fields) == ("stable", OWN)


def test_scaled_to_zero_while_watched_ends_the_watch() -> None:
    now = a_look(WATCHING, a_promoted(replicas=0), split=(0, 0))
    action = write_of(ROLLOUT, now)
    assert (action.state.phase, action.state.reason) == (Phase.SUPERSEDED, Reason.SCALED_TO_ZERO)
    assert action.template is None


def test_it_says_who_did_it() -> None:
    entries = (
        {"manager": "cictl", "operation": "Update", "time": "2024-01-03T00:00:00Z", "fieldsV1": {"f:spec": {}}},
        {"manager": "kubectl-edit", "operation": "Update", "time": "2024-01-02T00:00:00Z", "fieldsV1": {"f:spec": {}}},
        {"manager": "old", "operation": "Update", "time": "2024-01-01T00:00:00Z", "fieldsV1": {"f:spec": {}}},
        {"manager": "status", "operation": "Update", "time": "2024-01-09T00:00:00Z", "fieldsV1": {"f:status": {}}},
    )
    action = write_of(ROLLOUT, a_look(deployment=a_deployment(template_key=THIRD_KEY, managed_fields=entries)))
    assert action.why == "another template was written by kubectl-edit (Update at 2024-01-02T00:00:00Z)"


# Preparing and promoting.


def test_preparing_goes_on_to_promote() -> None:
    assert write_of(ROLLOUT, a_look(a_state(Phase.PREPARING))).state == a_state(Phase.PROMOTING)


BAD = [
    pytest.param({"trouble": "crash loop"}, Reason.PODS_FAILED, id="pods-fail"),
    pytest.param({"verdict": Verdict.UNHEALTHY}, Reason.GATE_UNHEALTHY, id="gate-unhealthy"),
    pytest.param({"trouble": "x", "verdict": Verdict.UNHEALTHY}, Reason.PODS_FAILED, id="pods-tell-more"),
]


@pytest.mark.parametrize("phase", [Phase.PROMOTING, Phase.WATCHING])
@pytest.mark.parametrize(("news", "reason"), BAD)
def test_bad_news_turns_round(phase: Phase, news: dict[str, Any], reason: Reason) -> None:
    action = write_of(ROLLOUT, promoted(phase, **news))
    assert (action.state.phase, action.state.reason) == (Phase.ABORTING, reason)
    assert (action.template, action.fields) == ("stable", WITHOUT_LOSS)


def test_bad_news_of_a_first_install_removes_it() -> None:
    action = write_of(FIRST, promoted(trouble="x"))
    assert (action.state.phase, action.fields, action.template) == (Phase.ABORTING, None, None)


def test_bad_news_of_an_undo_stands_as_a_failure() -> None:
    action = write_of(UNDO, promoted(trouble="x"))
    assert (action.state.phase, action.state.reason) == (Phase.FAILED, Reason.PODS_FAILED)
    assert (action.fields, action.template) == (NEW_OWN, None)


def test_an_undo_is_not_judged_by_the_gate() -> None:
    assert write_of(UNDO, promoted(verdict=Verdict.UNHEALTHY)).state.phase is Phase.SUCCEEDED


def test_promotion_applies_the_other_objects_first() -> None:
    assert decide(ROLLOUT, promoted(objects_applied=False)) == ApplyObjects(new=True, why="applying the other objects")


@pytest.mark.parametrize(
    ("rollout", "phase"),
    [
        pytest.param(ROLLOUT, Phase.WATCHING, id="watched"),
        pytest.param(a_rollout(replace(CAREFUL, watch_seconds=0.0)), Phase.SUCCEEDED, id="no-watch"),
        pytest.param(a_rollout(replace(CAREFUL, gate=None)), Phase.SUCCEEDED, id="nothing-to-watch-by"),
        pytest.param(UNDO, Phase.SUCCEEDED, id="undo"),
        pytest.param(FIRST, Phase.WATCHING, id="first-install"),
        pytest.param(a_rollout(DIRECT), Phase.WATCHING, id="direct"),
    ],
)
def test_promoted(rollout: Rollout, phase: Phase) -> None:
    action = write_of(rollout, promoted())
    assert (action.state.phase, action.fields, action.state.since) == (phase, None, NOW)


def test_promoted_at_full_speed_gives_the_new_own_values() -> None:
    fast = a_promoted(held=replace(NEW_OWN, max_surge="100%"))
    assert write_of(ROLLOUT, a_look(PROMOTING, fast, split=(0, 5))).fields == NEW_OWN


def test_what_others_wrote_while_promoting_stays() -> None:
    fast = promoting_fields(NEW_OWN, may_double=True)
    action = write_of(ROLLOUT, a_look(PROMOTING, a_promoted(held=replace(fast, min_ready_seconds=77)), split=(0, 5)))
    assert action.fields == replace(NEW_OWN, min_ready_seconds=77)
    assert action.why.endswith("rollout fields were changed meanwhile, and stay so")


def test_nothing_is_written_where_others_wrote_all() -> None:
    theirs = HeldFields(77, 88, "3%", "4%")
    assert write_of(ROLLOUT, a_look(PROMOTING, a_promoted(held=theirs), split=(0, 5))).fields is None


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"observed_generation": 3}, id="not-observed"),
        pytest.param({"updated_pods": 4}, id="one-to-come"),
        pytest.param({"total_pods": 6}, id="one-to-go"),
        pytest.param({"available_pods": 4}, id="one-not-available"),
    ],
)
def test_a_promotion_waits_until_it_is_complete(changes: dict[str, object]) -> None:
    now = a_look(a_state(Phase.PROMOTING, ago=10), a_promoted(**changes), split=(0, 5))
    action = decide(ROLLOUT, now)
    assert isinstance(action, Wait)
    assert action.until == NOW - 10 + 1000
    late = replace(now, now=action.until)
    assert write_of(ROLLOUT, late).state.reason is Reason.TIMED_OUT


@pytest.mark.parametrize(
    ("ago", "expected"),
    [pytest.param(5, Write, id="since-the-promotion"), pytest.param(20, Wait, id="from-before-it")],
)
def test_kubernetes_own_deadline(ago: float, expected: type) -> None:
    late = a_promoted(updated_pods=2, conditions=a_progress("ProgressDeadlineExceeded", ago=ago))
    action = decide(ROLLOUT, a_look(a_state(Phase.PROMOTING, ago=10), late, split=(3, 2)))
    assert isinstance(action, expected)
    if isinstance(action, Write):
        assert (action.state.reason, action.why) == (Reason.TIMED_OUT, "it took too long")


def test_a_progressing_promotion_waits() -> None:
    going = a_promoted(updated_pods=2, conditions=a_progress("ReplicaSetUpdated"))
    assert isinstance(decide(ROLLOUT, a_look(PROMOTING, going, split=(3, 2))), Wait)


@pytest.mark.parametrize("reason", [Reason.BY_USER, Reason.PODS_FAILED, Reason.PAUSED])
def test_a_first_install_is_taken_back(reason: Reason) -> None:
    now = promoted(Phase.ABORTING)
    state = a_state(Phase.ABORTING, reason=reason)
    assert decide(FIRST, replace(now, state=state)) == Remove(reason, "taking the first install back")


def test_trouble_is_told_in_words() -> None:
    now = replace(promoted(), trouble=PodTrouble("pod shop-1: image not found"))
    assert write_of(ROLLOUT, now).why == "pod shop-1: image not found"


@pytest.mark.parametrize(
    ("phase", "asked", "expected"),
    [
        pytest.param(Phase.PROMOTING, 7, 5, id="the-scale-written-at-promotion-goes-back"),
        pytest.param(Phase.PROMOTING, None, None, id="a-scale-of-others-stays"),
        pytest.param(Phase.STEPPING, 7, None, id="nothing-was-scaled-yet"),
    ],
)
def test_the_way_back_restores_the_scale(phase: Phase, asked: int | None, expected: int | None) -> None:
    rollout = replace(ROLLOUT, replicas=asked, own_replicas=5)
    state = RolloutState(rollout.release, phase, 0, 0.0, rollout.token)
    assert begin_abort(rollout, a_look(state, a_promoted()), state, Reason.BY_USER, "why").replicas == expected


def test_the_other_objects_stay_where_the_new_pods_do() -> None:
    assert isinstance(decide(ROLLOUT, a_look(a_state(Phase.SUPERSEDED), objects_applied=False)), End)


@pytest.mark.parametrize("step", [-1, 2, 99])
def test_a_step_that_the_strategy_has_not_goes_back(step: int) -> None:
    action = write_of(ROLLOUT, a_look(a_state(Phase.STEPPING, step=step)))
    assert (action.state.phase, action.state.reason) == (Phase.ABORTING, Reason.FIELDS_CHANGED)
