"""What waits for what, and how a run ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.bootstrap_plan import (
    NEEDS,
    Part,
    Standing,
    Step,
    check_exit_code,
    exit_code,
    obstacle,
    refused,
    waiting,
    with_proof,
)
from cictl.errors import ExitCode

_GOOD = Step(Part.ACCESS, "sign-in", Standing.UNCHANGED)
_CREATE = Step(Part.FOLDERS, "shop", Standing.CREATED)
_FAILED = refused(Part.AGENT, "label", "offline")
_FORBIDDEN = refused(Part.TRIGGERS, "token", "no right", exit_code=ExitCode.NOT_ALLOWED)
_UNKNOWN = Step(Part.PLUGINS, "plugins", Standing.UNVERIFIED)
_PROVEN = Step(Part.SMOKE, "smoke", Standing.UNCHANGED, "build 1")


def test_every_part_needs_only_earlier_ones() -> None:
    order = list(Part)
    assert all(order.index(need) < order.index(part) for part in Part for need in NEEDS[part])


@pytest.mark.parametrize(
    ("part", "steps", "expected"),
    [
        pytest.param(Part.FOLDERS, [_GOOD], None, id="nothing-refused"),
        pytest.param(Part.SMOKE, [_FAILED], "agent: label", id="its-own-need"),
        pytest.param(Part.JOBS, [_FAILED], None, id="not-its-need"),
        pytest.param(Part.CREDENTIALS, [waiting(Part.FOLDERS, "all", "plugins")], "folders: all", id="through-another"),
        pytest.param(
            Part.JOBS,
            [refused(Part.ACCESS, "Job/Create", "no", blocks=frozenset({Part.JOBS}))],
            "access: Job/Create",
            id="named",
        ),
        pytest.param(
            Part.AGENT, [refused(Part.ACCESS, "Job/Create", "no", blocks=frozenset({Part.JOBS}))], None, id="not-named"
        ),
    ],
)
def test_obstacle(part: Part, steps: list[Step], expected: str | None) -> None:
    assert obstacle(part, steps) == expected


@pytest.mark.parametrize(
    ("steps", "run", "check"),
    [
        pytest.param([_GOOD, _UNKNOWN], ExitCode.OK, ExitCode.OK, id="all-well"),
        pytest.param([_GOOD, _CREATE], ExitCode.OK, ExitCode.CHANGES_PRESENT, id="would-change"),
        pytest.param([_CREATE, _FORBIDDEN], ExitCode.NOT_ALLOWED, ExitCode.NOT_ALLOWED, id="not-allowed"),
        pytest.param([_FORBIDDEN, _FAILED], ExitCode.FAR_SIDE_FAILED, ExitCode.FAR_SIDE_FAILED, id="failure-first"),
        pytest.param(
            [_FORBIDDEN, waiting(Part.SMOKE, "all", "agent")],
            ExitCode.NOT_ALLOWED,
            ExitCode.NOT_ALLOWED,
            id="who-waits-decides-nothing",
        ),
    ],
)
def test_exit_codes(steps: list[Step], run: ExitCode, check: ExitCode) -> None:
    assert (exit_code(steps), check_exit_code(steps)) == (run, check)


@pytest.mark.parametrize(
    ("earlier", "standing"),
    [
        pytest.param(_GOOD, Standing.UNCHANGED, id="nothing-to-do"),
        pytest.param(_CREATE, Standing.CHANGED, id="a-folder-comes"),
        pytest.param(Step(Part.TRIGGERS, "token", Standing.CREATED), Standing.UNCHANGED, id="a-token-proves-nothing"),
    ],
)
def test_the_proof_is_made_anew_when_what_it_proves_changes(earlier: Step, standing: Standing) -> None:
    assert with_proof([earlier, _PROVEN])[-1].standing is standing


_steps = st.builds(
    Step,
    st.sampled_from(Part),
    st.text(min_size=1, max_size=5),
    st.sampled_from(Standing),
    exit_code=st.sampled_from([ExitCode.OK, ExitCode.NOT_ALLOWED, ExitCode.CONFIG]),
)


@given(st.lists(_steps))
def test_a_check_is_well_only_if_nothing_would_be_done_and_nothing_is_refused(steps: list[Step]) -> None:
    if check_exit_code(steps) is ExitCode.OK:
        assert not any(step.is_to_do for step in steps)
    assert (exit_code(steps) is ExitCode.OK) == (not any(s.standing is Standing.REFUSED and s.exit_code for s in steps))


@given(st.lists(_steps), st.sampled_from(Part))
def test_more_refusals_never_clear_the_way(steps: list[Step], part: Part) -> None:
    assert obstacle(part, steps) is None or obstacle(part, [*steps, _FAILED]) is not None


def test_what_waits_says_for_what_and_advises_nothing() -> None:
    step = waiting(Part.SMOKE, "all", "agent: label docker")
    assert (step.detail, step.todo) == ("it waits for agent: label docker, which was refused", "")
