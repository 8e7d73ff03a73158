from __future__ import annotations

import pytest

from cictl.core.outcome import Outcome
from cictl.core.rollout_state import Phase, Reason
from cictl.errors import ExitCode


def outcome(phase: Phase, reason: Reason, *, held: bool = False) -> Outcome:
    return Outcome("shop", "prod", 7, phase, reason, "why", "image", held=held)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.GATE_UNHEALTHY, ExitCode.GATE_UNHEALTHY),
        (Reason.GATE_UNKNOWN, ExitCode.GATE_UNDECIDED),
        (Reason.GATE_INSUFFICIENT, ExitCode.GATE_UNDECIDED),
        (Reason.PODS_FAILED, ExitCode.FAR_SIDE_FAILED),
        (Reason.TIMED_OUT, ExitCode.TIMED_OUT),
        (Reason.BY_USER, ExitCode.CONFLICT),
        (Reason.UNDONE, ExitCode.CONFLICT),
        (Reason.GONE, ExitCode.CONFLICT),
    ],
)
@pytest.mark.parametrize("phase", [Phase.ROLLED_BACK, Phase.SUPERSEDED, Phase.FAILED])
def test_why_it_did_not_succeed(phase: Phase, reason: Reason, expected: ExitCode) -> None:
    assert outcome(phase, reason).exit_code is expected


@pytest.mark.parametrize("reason", [Reason.NONE, Reason.GATE_INSUFFICIENT])
def test_success_is_success_though_told_to_proceed(reason: Reason) -> None:
    assert outcome(Phase.SUCCEEDED, reason).exit_code is ExitCode.OK


def test_held_is_undecided() -> None:
    assert outcome(Phase.STEPPING, Reason.NONE, held=True).exit_code is ExitCode.GATE_UNDECIDED
