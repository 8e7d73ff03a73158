from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.core.acts import abort_by_user, first_write, take_over
from cictl.core.decide import decide
from cictl.core.decide_abort import begin_abort, finish_superseded
from cictl.core.holding import is_held, stages
from cictl.core.rollout import ApplyObjects, Snapshot, Stop, Wait, Write
from cictl.core.rollout_state import Phase, Reason
from cictl.core.workload import HeldFields, ReplicaSet
from tests.unit.rollout_cases import (
    AT_ONCE,
    CANARY_KEY,
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
    a_record,
    a_replica_set,
    a_rollout,
    a_state,
)

PATIENCE, DEADLINE = 30.0, 1030.0


def aborting(
    *, ago: float = 0.0, held: HeldFields = WITHOUT_LOSS, reason: Reason = Reason.GATE_UNHEALTHY, **changes: object
) -> Snapshot:
    """Return a look on the way back, the canary's pod still there."""
    deployment = a_deployment(template_key=STABLE_KEY, held=held, updated_pods=5, **changes)
    return a_look(a_state(Phase.ABORTING, ago=ago, reason=reason), deployment)


def back(reason: Reason = Reason.GATE_UNHEALTHY) -> Snapshot:
    return replace(aborting(total_pods=5, reason=reason), canary=a_replica_set(THIRD_KEY, 0))


@pytest.mark.parametrize("changes", [{"template_key": THIRD_KEY}, {"paused": True}])
def test_what_others_write_on_the_way_back_is_written_over(changes: dict[str, object]) -> None:
    now = aborting(ago=20)
    assert now.deployment is not None
    action = decide(ROLLOUT, replace(now, deployment=replace(now.deployment, **changes)))  # type: ignore[arg-type]
    assert isinstance(action, Write)
    assert (action.template, action.unpause) == ("stable", True)
    assert action.state == now.state, "neither the reason nor the deadline begins anew"


@pytest.mark.parametrize("changes", [{"template_key": THIRD_KEY}, {"paused": True}])
def test_what_others_write_without_end_is_left_to_them(changes: dict[str, object]) -> None:
    now = aborting(ago=100_000)
    assert now.deployment is not None
    action = decide(ROLLOUT, replace(now, deployment=replace(now.deployment, **changes)))  # type: ignore[arg-type]
    assert isinstance(action, Stop)
    assert not action.held


def test_the_other_objects_go_back_too() -> None:
    action = decide(ROLLOUT, replace(aborting(), objects_applied=False))
    assert isinstance(action, ApplyObjects)
    assert not action.new


@pytest.mark.parametrize(
    ("reason", "phase"),
    [(reason, Phase.SUPERSEDED if reason.supersedes else Phase.ROLLED_BACK) for reason in Reason],
)
def test_back_with_own_values(reason: Reason, phase: Phase) -> None:
    action = decide(ROLLOUT, back(reason))
    assert isinstance(action, Write)
    assert (action.state, action.fields) == (a_state(phase, reason=reason), OWN)


@pytest.mark.parametrize(
    ("changes", "stable"),
    [
        pytest.param({"observed_generation": 3}, a_replica_set(STABLE_KEY, 5), id="not-observed"),
        pytest.param({"total_pods": 6}, a_replica_set(STABLE_KEY, 5), id="the-canary-is-there"),
        pytest.param({}, a_replica_set(STABLE_KEY, 4), id="stable-grows"),
        pytest.param({}, a_replica_set(STABLE_KEY, 5, pods=4), id="a-pod-to-come"),
        pytest.param({}, replace(a_replica_set(STABLE_KEY, 5), is_observed=False), id="replica-set-not-observed"),
        pytest.param({}, None, id="stable-not-seen"),
    ],
)
def test_not_back_yet(changes: dict[str, object], stable: ReplicaSet | None) -> None:
    now = replace(aborting(**{"total_pods": 5, **changes}), stable=stable)  # type: ignore[arg-type]
    assert decide(ROLLOUT, now) == Wait("the canary's pods are going", until=NOW + PATIENCE)


@pytest.mark.parametrize(
    "canary",
    [
        pytest.param(a_replica_set(CANARY_KEY, 1), id="its-pods-are-there"),
        pytest.param(replace(a_replica_set(CANARY_KEY, 0), is_observed=False), id="not-observed"),
        pytest.param(a_replica_set(CANARY_KEY, 0, pods=1), id="a-pod-that-goes"),
    ],
)
def test_not_back_while_the_deployments_count_lags_behind_the_canarys(canary: ReplicaSet) -> None:
    now = replace(aborting(total_pods=5), stable=a_replica_set(STABLE_KEY, 5), canary=canary)
    assert decide(ROLLOUT, now) == Wait("the canary's pods are going", until=NOW + PATIENCE)


@pytest.mark.parametrize(
    ("ago", "held", "expected"),
    [
        pytest.param(29, WITHOUT_LOSS, NOW + 1, id="patient"),
        pytest.param(29, AT_ONCE, NOW + DEADLINE - 29, id="nothing-more-to-hurry"),
        pytest.param(31, AT_ONCE, NOW + DEADLINE - 31, id="hurried"),
    ],
)
def test_patience(ago: float, held: HeldFields, expected: float) -> None:
    assert decide(ROLLOUT, aborting(ago=ago, held=held)) == Wait("the canary's pods are going", until=expected)


def test_patience_ends() -> None:
    action = decide(ROLLOUT, aborting(ago=PATIENCE))
    assert isinstance(action, Write)
    assert (action.state, action.fields) == (aborting(ago=PATIENCE).state, AT_ONCE)


@pytest.mark.parametrize(
    ("ready", "sick", "hurries"),
    [
        pytest.param(4, 1, True, id="only-the-sick-one-is-missing"),
        pytest.param(3, 1, False, id="one-is-still-coming-up"),
        pytest.param(4, 0, False, id="nobody-was-sick"),
    ],
)
def test_the_way_back_does_not_wait_for_pods_that_were_sick_before(ready: int, sick: int, *, hurries: bool) -> None:
    stable = replace(a_replica_set(STABLE_KEY, 5), ready=ready)
    action = decide(ROLLOUT, replace(aborting(), stable=stable, sick_stable=sick))
    assert (isinstance(action, Write) and action.fields == AT_ONCE) == hurries


def test_in_the_end_own_values_are_given_back_all_the_same() -> None:
    action = decide(ROLLOUT, aborting(ago=DEADLINE, held=AT_ONCE))
    assert isinstance(action, Write)
    assert (action.state.phase, action.fields) == (Phase.ROLLED_BACK, OWN)


def test_recreate_stays_recreate_on_the_way_back() -> None:
    own = HeldFields(0, 600, "25%", "25%", "Recreate")
    write = begin_abort(a_rollout(DIRECT, own=own), a_look(), a_state(), Reason.BY_USER, "why")
    assert write.fields == own
    waiting = decide(a_rollout(DIRECT, own=own), aborting(ago=PATIENCE + 1, held=own))
    assert isinstance(waiting, Wait), "there is no faster way to hurry to"


def test_superseded_gives_own_values_back() -> None:
    write = finish_superseded(ROLLOUT, a_look(), a_state(), Reason.UNDONE, "why")
    assert (write.fields, write.template, write.state.phase) == (OWN, None, Phase.SUPERSEDED)


# The writes that people order.


def test_the_first_write_holds_at_the_first_step() -> None:
    write = first_write(a_record(), 3, NOW)
    assert (write.state, write.template, write.fields) == (a_state(), "canary", stages(CAREFUL, 0)[0])
    assert write.fields is not None
    assert is_held(write.fields)


def test_the_first_write_of_a_direct_release_goes_on_at_once() -> None:
    write = first_write(a_record(strategy=DIRECT, replicas=9), 3, NOW)
    assert (write.state, write.template, write.fields, write.replicas) == (
        a_state(Phase.PROMOTING),
        "canary",
        NEW_OWN,
        9,
    )


def test_taking_over_changes_the_token_alone() -> None:
    write = take_over(a_state(step=1), 9)
    assert write.state == a_state(step=1, token=9)
    assert (write.template, write.fields, write.replicas, write.unpause) == (None, None, None, False)


@pytest.mark.parametrize("phase", [Phase.STEPPING, Phase.PROMOTING, Phase.WATCHING, Phase.ABORTING])
def test_abort_by_hand_takes_over_and_turns_round_in_one_write(phase: Phase) -> None:
    action = abort_by_user(a_rollout(token=4), a_look(a_state(phase)))
    assert isinstance(action, Write)
    assert action.state == a_state(Phase.ABORTING, token=4, reason=Reason.BY_USER)
    assert (action.template, action.fields) == ("stable", AT_ONCE)


@pytest.mark.parametrize("state", [None, replace(a_state(), release=6)])
def test_abort_by_hand_of_what_was_left_held(state: object) -> None:
    action = abort_by_user(a_rollout(token=4), replace(a_look(), state=state))  # type: ignore[arg-type]
    assert isinstance(action, Write)
    assert (action.state.release, action.state.phase, action.template) == (7, Phase.ABORTING, "stable")


def test_abort_by_hand_of_a_first_install_and_of_an_undo() -> None:
    first = abort_by_user(replace(FIRST, token=4), a_look(a_state(Phase.PROMOTING)))
    assert isinstance(first, Write)
    assert (first.state.phase, first.template) == (Phase.ABORTING, None)
    undo = abort_by_user(replace(UNDO, token=4), a_look(a_state(Phase.PROMOTING)))
    assert isinstance(undo, Write)
    assert (undo.state.phase, undo.fields) == (Phase.FAILED, NEW_OWN)
