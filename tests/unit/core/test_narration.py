from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.core.narration import (
    action_line,
    finding_lines,
    gate_line,
    headline,
    measured,
    pods_line,
)
from cictl.core.observe import Sight
from cictl.core.pods import FindingKind, PodFinding
from cictl.core.rollout import Action, ApplyObjects, End, Remove, Scale, Stop, Wait, Write
from cictl.core.rollout_state import Phase, Reason, RolloutState
from cictl.core.verdict import CheckResult, GateResult, Verdict
from tests.unit.rollout_cases import NOW, STABLE_KEY, a_look, a_record, a_replica_set, a_state


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(None, "not begun", id="none"),
        pytest.param(a_state(step=1), "stepping 2/2 (60 %)", id="step"),
        pytest.param(a_state(Phase.WATCHING, step=1), "watching", id="phase"),
        pytest.param(a_state(step=9), "stepping", id="a-step-that-is-not-there"),
    ],
)
def test_headline(state: RolloutState | None, expected: str) -> None:
    assert headline(a_record(), state) == expected


SET = a_replica_set(STABLE_KEY, 5, ready=4)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (Wait("pausing"), "stepping 1/2 (20 %): pausing (stable 5/5 ready, new 1/1 ready)"),
        (Write(a_state(Phase.PROMOTING), "healthy"), "stepping 1/2 (20 %) → promoting: healthy"),
        (Scale(SET, 5, "drift"), "stepping 1/2 (20 %): drift"),
        (ApplyObjects(new=True, why="objects"), "stepping 1/2 (20 %): objects"),
        (Remove(Reason.BY_USER, "back"), "stepping 1/2 (20 %): back"),
        (Stop("another"), "stepping 1/2 (20 %): another"),
        (End(a_state(Phase.SUCCEEDED), "it is over"), "succeeded: it is over"),
    ],
)
def test_action_line(action: Action, expected: str) -> None:
    assert action_line(a_record(), Sight(a_look()), action) == expected


def test_pods_line() -> None:
    assert pods_line(Sight(replace(a_look(), stable=SET, canary=None))) == "stable 4/5 ready"
    assert pods_line(Sight(replace(a_look(), stable=None, canary=None))) == "no pods yet"
    assert pods_line(Sight(replace(a_look(), stable=SET, canary=SET))) == "new 4/5 ready"


@pytest.mark.parametrize(
    ("kind", "ago", "is_told"),
    [
        pytest.param(FindingKind.NOT_READY, 1, False, id="every-pod-starts"),
        pytest.param(FindingKind.NOT_STARTED, 6, True, id="late"),
        pytest.param(FindingKind.OOM, 0, True, id="never-normal"),
    ],
)
def test_finding_lines(kind: FindingKind, ago: float, is_told: bool) -> None:
    sight = Sight(a_look(), (PodFinding("p", kind, "why", None, NOW - ago),))
    assert finding_lines(sight) == (("pod p: why",) if is_told else ())


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "ratio", "-"),
        (0.0123, "ratio", "1.23%"),
        (0.25, "seconds", "250 ms"),
        (1.5, "seconds", "1.50 s"),
        (1234567.0, "", "1.23457e+06"),
        (3.0, "", "3"),
    ],
)
def test_measured(value: float | None, unit: str, expected: str) -> None:
    assert measured(value, unit) == expected


def test_gates_in_one_line() -> None:
    check = CheckResult("errors", Verdict.UNHEALTHY, "too many", 0.05, 0.01, "ratio")
    gate = GateResult("default", Verdict.UNHEALTHY, "errors", NOW, (check,))
    assert gate_line(gate) == "gate default: unhealthy: errors [errors 5.00%]"
    assert gate_line(replace(gate, checks=())) == "gate default: unhealthy: errors"
