from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cictl.core.decide import decide
from cictl.core.holding import HELD_MIN_READY_SECONDS, Split, settled_split, split_of, stages
from cictl.core.rollout import Rollout, Scale, Snapshot, Stop, Wait, Write
from cictl.core.rollout_state import Phase, Reason
from cictl.core.strategy import OnInsufficient, OnUnknown
from cictl.core.verdict import Verdict
from cictl.core.workload import HeldFields
from tests.unit.rollout_cases import (
    AT_ONCE,
    CANARY_KEY,
    CAREFUL,
    HOLDING,
    NEW_OWN,
    NOW,
    OWN,
    PROCEEDING,
    STABLE_KEY,
    SWAPPED,
    UNGATED,
    WITHOUT_LOSS,
    a_deployment,
    a_look,
    a_replica_set,
    a_rollout,
    a_state,
    write_of,
)

PAUSE, LATE = 60.0, 1060.0
LAST = stages(CAREFUL, 1)[0]


def at(ago: float, verdict: Verdict | None = None, **changes: Any) -> Snapshot:  # noqa: ANN401 - of any field
    """Return a settled look at the first step, AGO seconds after it began."""
    return a_look(a_state(ago=ago), verdict=verdict, **changes)


# Judging a settled step.


@pytest.mark.parametrize(
    ("ago", "verdict", "expected"),
    [
        pytest.param(0, None, Wait("pausing", until=NOW + PAUSE), id="begun"),
        pytest.param(59, Verdict.HEALTHY, Wait("pausing", until=NOW + 1), id="healthy-too-soon"),
        pytest.param(PAUSE, None, Wait("the gate is unknown", until=NOW + 1000), id="no-look"),
        pytest.param(PAUSE, Verdict.UNKNOWN, Wait("the gate is unknown", until=NOW + 1000), id="unknown"),
        pytest.param(
            PAUSE, Verdict.INSUFFICIENT, Wait("the gate is insufficient", until=NOW + 1000), id="insufficient"
        ),
        pytest.param(LATE - 1, Verdict.UNKNOWN, Wait("the gate is unknown", until=NOW + 1), id="not-late-yet"),
    ],
)
def test_a_step_waits(ago: float, verdict: Verdict | None, expected: Wait) -> None:
    assert decide(a_rollout(), at(ago, verdict)) == expected


@pytest.mark.parametrize(
    ("rollout", "ago", "verdict", "reason"),
    [
        pytest.param(a_rollout(), PAUSE, Verdict.HEALTHY, Reason.NONE, id="healthy"),
        pytest.param(a_rollout(), LATE + 1, Verdict.HEALTHY, Reason.NONE, id="healthy-however-late"),
        pytest.param(a_rollout(UNGATED), PAUSE, None, Reason.NONE, id="no-gate"),
        pytest.param(a_rollout(PROCEEDING), LATE, Verdict.INSUFFICIENT, Reason.GATE_INSUFFICIENT, id="told-to-proceed"),
    ],
)
def test_a_step_advances(rollout: Rollout, ago: float, verdict: Verdict | None, reason: Reason) -> None:
    action = write_of(rollout, at(ago, verdict))
    assert action.state == a_state(step=1, reason=reason)
    assert (action.fields, action.template, action.replicas) == (LAST, None, None)


@pytest.mark.parametrize(
    ("may_double", "replicas", "fields"),
    [
        pytest.param(True, None, replace(NEW_OWN, max_surge="100%"), id="as-fast-as-it-goes"),
        pytest.param(False, 8, NEW_OWN, id="no-room-in-the-quota"),
    ],
)
def test_the_last_step_promotes(*, may_double: bool, replicas: int | None, fields: HeldFields) -> None:
    now = a_look(a_state(step=1, ago=120), a_deployment(held=LAST), split=(5, 3), verdict=Verdict.HEALTHY)
    action = write_of(a_rollout(may_double=may_double, replicas=replicas), now)
    assert (action.state, action.fields, action.replicas) == (a_state(Phase.PROMOTING, step=1), fields, replicas)


@pytest.mark.parametrize(
    ("verdict", "changes", "reason"),
    [
        pytest.param(None, {}, Reason.GATE_UNKNOWN, id="no-look"),
        pytest.param(Verdict.UNKNOWN, {}, Reason.GATE_UNKNOWN, id="unknown"),
        pytest.param(Verdict.INSUFFICIENT, {}, Reason.GATE_INSUFFICIENT, id="insufficient"),
        pytest.param(Verdict.UNKNOWN, {"on_unknown": OnUnknown.HOLD}, None, id="unknown-held"),
        pytest.param(None, {"on_unknown": OnUnknown.HOLD}, None, id="no-look-held"),
        pytest.param(Verdict.INSUFFICIENT, {"on_insufficient": OnInsufficient.HOLD}, None, id="insufficient-held"),
        pytest.param(
            Verdict.INSUFFICIENT, {"on_unknown": OnUnknown.HOLD}, Reason.GATE_INSUFFICIENT, id="apart-insufficient"
        ),
        pytest.param(
            Verdict.UNKNOWN, {"on_insufficient": OnInsufficient.HOLD}, Reason.GATE_UNKNOWN, id="apart-unknown"
        ),
        pytest.param(
            Verdict.UNKNOWN, {"on_insufficient": OnInsufficient.PROCEED}, Reason.GATE_UNKNOWN, id="never-proceeds"
        ),
    ],
)
def test_a_step_without_knowledge_at_its_deadline(
    verdict: Verdict | None, changes: dict[str, OnUnknown | OnInsufficient], reason: Reason | None
) -> None:
    rollout = a_rollout(replace(CAREFUL, **changes))  # type: ignore[arg-type]
    action = decide(rollout, at(LATE, verdict))
    if reason is None:
        assert isinstance(action, Stop)
        assert action.held
    else:
        assert isinstance(action, Write)
        assert (action.state.phase, action.state.reason) == (Phase.ABORTING, reason)
        assert action.template == "stable"


@pytest.mark.parametrize("strategy", [CAREFUL, HOLDING])
def test_a_driver_that_has_just_come_looks_before_it_gives_up(strategy: object) -> None:
    rollout = a_rollout(strategy)  # type: ignore[arg-type]
    assert decide(rollout, at(LATE + 99, is_gate_due=True)) == Wait("the gate takes its first look", until=NOW + 5)


# What breaks a step off.


@pytest.mark.parametrize(
    ("news", "reason"),
    [
        pytest.param({"trouble": "oom"}, Reason.PODS_FAILED, id="pods-fail"),
        pytest.param({"verdict": Verdict.UNHEALTHY}, Reason.GATE_UNHEALTHY, id="unhealthy"),
        pytest.param({"trouble": "oom", "verdict": Verdict.HEALTHY}, Reason.PODS_FAILED, id="a-healthy-gate-or-not"),
    ],
)
@pytest.mark.parametrize("ago", [0, PAUSE, LATE])
def test_bad_news_at_any_moment(news: dict[str, Any], reason: Reason, ago: float) -> None:
    action = write_of(a_rollout(), at(ago, **news))
    assert (action.state.phase, action.state.reason, action.state.since) == (Phase.ABORTING, reason, NOW)
    assert (action.template, action.fields, action.unpause) == ("stable", AT_ONCE, True)


def test_bad_news_while_the_canary_is_still_starting() -> None:
    canary = a_replica_set(CANARY_KEY, 1, ready=0)
    assert write_of(a_rollout(), at(1, trouble="oom", canary=canary)).state.reason is Reason.PODS_FAILED


@pytest.mark.parametrize(
    ("stable", "changes", "fields"),
    [
        pytest.param(a_replica_set(STABLE_KEY, 5), {}, AT_ONCE, id="whole"),
        pytest.param(a_replica_set(STABLE_KEY, 5, ready=4), {}, AT_ONCE, id="whole-though-one-is-unready"),
        pytest.param(a_replica_set(STABLE_KEY, 3), {}, WITHOUT_LOSS, id="swapped-away"),
        pytest.param(a_replica_set(STABLE_KEY, 5, pods=4), {}, WITHOUT_LOSS, id="one-is-missing"),
        pytest.param(None, {}, WITHOUT_LOSS, id="none-is-seen"),
        pytest.param(a_replica_set(STABLE_KEY, 5), {"observed_generation": 3}, WITHOUT_LOSS, id="nobody-knows-yet"),
        pytest.param(a_replica_set(STABLE_KEY, 5), {"replicas": 8}, WITHOUT_LOSS, id="just-scaled-up"),
    ],
)
def test_an_abort_takes_the_canary_at_once_where_stable_is_whole(
    stable: object, changes: dict[str, object], fields: HeldFields
) -> None:
    now = replace(a_look(deployment=a_deployment(**changes), trouble="x"), stable=stable)  # type: ignore[arg-type]
    assert write_of(a_rollout(), now).fields == fields


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(OWN, id="own-values"),
        pytest.param(replace(stages(CAREFUL, 0)[0], min_ready_seconds=0), id="min-ready-seconds"),
        pytest.param(replace(stages(CAREFUL, 0)[0], max_surge="50%"), id="max-surge"),
        pytest.param(replace(stages(CAREFUL, 0)[0], max_unavailable=1), id="max-unavailable"),
        pytest.param(replace(stages(CAREFUL, 0)[0], progress_deadline_seconds=600), id="progress-deadline"),
        pytest.param(replace(stages(CAREFUL, 0)[0], strategy_type="Recreate"), id="recreate"),
        pytest.param(LAST, id="another-steps"),
    ],
)
def test_edited_fields_are_taken_back(held: HeldFields) -> None:
    now = a_look(a_state(ago=PAUSE), a_deployment(held=held), verdict=Verdict.HEALTHY)
    action = write_of(a_rollout(), now)
    assert (action.state.phase, action.state.reason) == (Phase.ABORTING, Reason.FIELDS_CHANGED)


# Scaling.


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        pytest.param((4, 2), (STABLE_KEY, 5), id="stable-up-first"),
        pytest.param((5, 2), (CANARY_KEY, 1), id="then-the-canary-down"),
        pytest.param((3, 1), (STABLE_KEY, 5), id="stable-alone"),
    ],
)
def test_a_drift_is_repaired(split: tuple[int, int], expected: tuple[str, int]) -> None:
    action = decide(a_rollout(), at(PAUSE, Verdict.HEALTHY, split=split))
    assert isinstance(action, Scale)
    assert (action.replica_set.template_key, action.replicas) == expected


def test_nothing_is_repaired_before_the_controller_has_seen_the_spec() -> None:
    now = a_look(a_state(ago=PAUSE), a_deployment(observed_generation=3), split=(4, 2), verdict=Verdict.HEALTHY)
    assert isinstance(decide(a_rollout(), now), Wait)


@pytest.mark.parametrize("stable", [None, a_replica_set(STABLE_KEY, 0)])
def test_where_stable_was_scaled_away_it_ends(stable: object) -> None:
    now = replace(at(PAUSE, Verdict.HEALTHY, split=(0, 5)), stable=stable)  # type: ignore[arg-type]
    action = write_of(a_rollout(), now)
    assert (action.state.phase, action.state.reason) == (Phase.ABORTING, Reason.SCALED_TO_ZERO)
    assert action.template == "stable"


# Pods that come up.


@pytest.mark.parametrize(
    "canary",
    [
        pytest.param(None, id="not-seen"),
        pytest.param(a_replica_set(CANARY_KEY, 1, pods=0), id="no-pod"),
        pytest.param(a_replica_set(CANARY_KEY, 1, ready=0), id="not-ready"),
        pytest.param(replace(a_replica_set(CANARY_KEY, 1), is_observed=False), id="not-observed"),
    ],
)
def test_a_step_waits_for_the_canarys_pods(canary: object) -> None:
    now = replace(at(PAUSE, Verdict.HEALTHY), canary=canary)  # type: ignore[arg-type]
    action = decide(a_rollout(), now)
    assert isinstance(action, Wait)
    assert action.until == NOW - PAUSE + LATE
    late = write_of(a_rollout(), replace(now, now=action.until))
    assert late.state.reason is Reason.TIMED_OUT


def test_stables_own_unready_pods_are_not_the_canarys_fault() -> None:
    now = replace(at(PAUSE, Verdict.HEALTHY), stable=a_replica_set(STABLE_KEY, 5, ready=3))
    assert write_of(a_rollout(), now).state.step == 1


# Swapped.


def test_a_swapped_step_grows_first_then_makes_room_then_judges() -> None:
    grow, shrink = stages(SWAPPED, 1)
    rollout, state = a_rollout(SWAPPED), a_state(step=1, ago=500)
    grown = a_look(state, a_deployment(held=grow), split=(4, 3), verdict=Verdict.HEALTHY)
    assert decide(rollout, replace(grown, canary=a_replica_set(CANARY_KEY, 3, ready=2))) == Wait(
        "2 of 3 new pods ready", until=state.since + 1120
    )
    action = write_of(rollout, grown)
    assert (action.state, action.fields) == (state, shrink)
    shrunk = a_look(state, a_deployment(held=shrink), split=(2, 4), verdict=Verdict.HEALTHY)
    assert write_of(rollout, shrunk).state.phase is Phase.PROMOTING


@pytest.mark.parametrize("strategy", [CAREFUL, SWAPPED])
@pytest.mark.parametrize("step", [0, 1])
def test_every_stage_is_held(strategy: object, step: int) -> None:
    for fields in stages(strategy, step):  # type: ignore[arg-type]
        assert fields.min_ready_seconds == HELD_MIN_READY_SECONDS
        assert fields.max_surge != 0
    assert settled_split(strategy, step, 5) == split_of(stages(strategy, step)[-1], 5)  # type: ignore[arg-type]


def test_the_splits_of_both_capacities() -> None:
    assert [settled_split(CAREFUL, step, 5) for step in (0, 1)] == [Split(5, 1), Split(5, 3)]
    assert [settled_split(SWAPPED, step, 5) for step in (0, 1)] == [Split(4, 2), Split(2, 4)]
