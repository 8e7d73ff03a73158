"""How a release that every pod is of is watched, and what is known of it where nobody could judge it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.core.decide import decide
from cictl.core.rollout import Rollout, Stop, Wait, Write
from cictl.core.rollout_state import Phase, Reason
from cictl.core.strategy import OnInsufficient, OnUnknown
from cictl.core.verdict import Verdict
from tests.unit.rollout_cases import (
    CAREFUL,
    FIRST,
    NOW,
    ROLLOUT,
    a_rollout,
    a_state,
    promoted,
    write_of,
)

OVER = 600.0
LATE = OVER + 1000.0


@pytest.mark.parametrize(
    ("ago", "verdict", "expected"),
    [
        pytest.param(0, None, "watching the new release", id="begun"),
        pytest.param(OVER - 1, Verdict.HEALTHY, "watching the new release", id="healthy-too-soon"),
        pytest.param(OVER, None, "the gate is unknown", id="no-look"),
        pytest.param(OVER, Verdict.UNKNOWN, "the gate is unknown", id="unknown"),
        pytest.param(OVER, Verdict.INSUFFICIENT, "the gate is insufficient", id="insufficient"),
        pytest.param(LATE - 1, Verdict.UNKNOWN, "the gate is unknown", id="just-before-the-deadline"),
    ],
)
def test_a_watch_waits(ago: float, verdict: Verdict | None, expected: str) -> None:
    action = decide(ROLLOUT, promoted(Phase.WATCHING, ago=ago, verdict=verdict))
    assert isinstance(action, Wait)
    assert action.why == expected
    assert action.until is not None
    assert action.until > NOW


def test_a_watch_ends_healthy() -> None:
    action = write_of(ROLLOUT, promoted(Phase.WATCHING, ago=OVER, verdict=Verdict.HEALTHY))
    assert (action.state.phase, action.state.reason) == (Phase.SUCCEEDED, Reason.NONE)


@pytest.mark.parametrize(
    ("verdict", "changes", "phase", "reason"),
    [
        pytest.param(None, {}, Phase.ABORTING, Reason.GATE_UNKNOWN, id="no-look"),
        pytest.param(Verdict.UNKNOWN, {}, Phase.ABORTING, Reason.GATE_UNKNOWN, id="unknown"),
        pytest.param(Verdict.INSUFFICIENT, {}, Phase.ABORTING, Reason.GATE_INSUFFICIENT, id="insufficient"),
        pytest.param(
            Verdict.INSUFFICIENT,
            {"on_insufficient": OnInsufficient.PROCEED},
            Phase.SUCCEEDED,
            Reason.GATE_INSUFFICIENT,
            id="told-to-proceed",
        ),
        pytest.param(
            Verdict.UNKNOWN,
            {"on_insufficient": OnInsufficient.PROCEED},
            Phase.ABORTING,
            Reason.GATE_UNKNOWN,
            id="proceeding-is-not-for-unknown",
        ),
        pytest.param(Verdict.UNKNOWN, {"on_unknown": OnUnknown.HOLD}, None, None, id="unknown-held"),
        pytest.param(None, {"on_unknown": OnUnknown.HOLD}, None, None, id="no-look-held"),
        pytest.param(
            Verdict.INSUFFICIENT, {"on_insufficient": OnInsufficient.HOLD}, None, None, id="insufficient-held"
        ),
    ],
)
def test_a_watch_without_knowledge_at_its_deadline(
    verdict: Verdict | None, changes: dict[str, OnUnknown | OnInsufficient], phase: Phase | None, reason: Reason | None
) -> None:
    rollout = a_rollout(replace(CAREFUL, **changes))  # type: ignore[arg-type]
    action = decide(rollout, promoted(Phase.WATCHING, ago=LATE, verdict=verdict))
    if isinstance(action, Stop):
        assert action.held
        assert phase is None
    else:
        assert isinstance(action, Write)
        assert (action.state.phase, action.state.reason) == (phase, reason)


def test_a_driver_that_has_just_come_looks_before_it_gives_up() -> None:
    action = decide(ROLLOUT, promoted(Phase.WATCHING, ago=LATE + 500, is_gate_due=True))
    assert isinstance(action, Wait)
    assert action.until == NOW + 5


@pytest.mark.parametrize("ago", [OVER, LATE])
def test_a_first_install_that_nobody_calls_yet_stands(ago: float) -> None:
    action = write_of(FIRST, promoted(Phase.WATCHING, ago=ago, verdict=Verdict.INSUFFICIENT))
    assert (action.state.phase, action.state.reason) == (Phase.SUCCEEDED, Reason.GATE_INSUFFICIENT)


UNWATCHED = replace(CAREFUL, watch_seconds=0.0)
STEPLESS = replace(UNWATCHED, steps=())


@pytest.mark.parametrize(
    ("rollout", "verdict", "reason"),
    [
        pytest.param(a_rollout(UNWATCHED, stable_key=None), None, Reason.GATE_UNKNOWN, id="first-install"),
        pytest.param(
            a_rollout(UNWATCHED, stable_key=None), Verdict.INSUFFICIENT, Reason.GATE_INSUFFICIENT, id="no-traffic"
        ),
        pytest.param(a_rollout(UNWATCHED, stable_key=None), Verdict.HEALTHY, Reason.NONE, id="judged-meanwhile"),
        pytest.param(a_rollout(STEPLESS), Verdict.UNKNOWN, Reason.GATE_UNKNOWN, id="no-steps"),
        pytest.param(a_rollout(UNWATCHED), None, Reason.NONE, id="its-steps-were-judged"),
        pytest.param(a_rollout(replace(STEPLESS, gate=None)), None, Reason.NONE, id="no-gate"),
        pytest.param(a_rollout(STEPLESS, is_undo=True), None, Reason.NONE, id="an-undo-is-not-judged"),
    ],
)
def test_what_no_gate_could_judge_is_not_called_healthy(
    rollout: Rollout, verdict: Verdict | None, reason: Reason
) -> None:
    action = write_of(rollout, promoted(verdict=verdict))
    assert (action.state.phase, action.state.reason) == (Phase.SUCCEEDED, reason)


def test_what_was_let_through_its_last_step_stays_without_a_verdict_until_a_watch_gives_one() -> None:
    let_through = a_state(Phase.PROMOTING, reason=Reason.GATE_INSUFFICIENT)
    assert write_of(a_rollout(UNWATCHED), replace(promoted(), state=let_through)).state.reason is let_through.reason
    watched = replace(promoted(Phase.WATCHING, ago=OVER, verdict=Verdict.HEALTHY))
    assert watched.state is not None
    watched = replace(watched, state=replace(watched.state, reason=Reason.GATE_INSUFFICIENT))
    assert write_of(ROLLOUT, watched).state.reason is Reason.NONE
