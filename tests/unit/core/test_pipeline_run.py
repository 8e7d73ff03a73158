"""How events make the tree of stages, and which exit status an end has."""

from __future__ import annotations

from typing import Any

import pytest

from cictl.core.pipeline_events import Finished, Result
from cictl.core.pipeline_run import Run, Stage, exit_code, told
from cictl.core.pipeline_stream import parse_event
from cictl.errors import ExitCode


def _told(*events: dict[str, Any]) -> Run:
    run = Run()
    for data in events:
        run = told(run, parse_event({"at": 1.0, **data}))
    return run


def test_stages_stand_below_their_parents_though_branches_begin_in_turn() -> None:
    run = _told(
        {"event": "stage", "id": 1, "name": "outer"},
        {"event": "stage", "id": 2, "name": "left", "parent": 1, "branch": "left"},
        {"event": "stage", "id": 3, "name": "right", "parent": 1, "branch": "right"},
        {"event": "stage", "id": 4, "name": "in left", "parent": 2, "branch": "left"},
        {"event": "stage", "id": 5, "name": "after"},
    )
    assert [(stage.name, stage.depth) for stage in run.stages] == [
        ("outer", 0),
        ("left", 1),
        ("in left", 2),
        ("right", 1),
        ("after", 0),
    ]


def test_a_stage_that_is_over_has_its_result() -> None:
    run = _told(
        {"event": "stage", "id": 1, "name": "a"},
        {"event": "stage", "id": 2, "name": "b"},
        {"event": "stage-end", "id": 1, "name": "a", "result": "SKIPPED", "seconds": 0.5, "reason": "why"},
    )
    assert run.stages == (Stage(1, "a", 0, 1.0, Result.SKIPPED, 0.5, "why"), Stage(2, "b", 0, 1.0))


def test_only_errors_keep_it_from_running() -> None:
    place = {"message": "m", "file": "f", "line": 3, "column": 1}
    run = _told(
        {"event": "problem", "severity": "note", **place},
        {"event": "problem", "severity": "error", "hint": "did you mean x?", **place},
    )
    assert [str(error) for error in run.errors] == ["f:3: m; did you mean x?"]


@pytest.mark.parametrize(
    ("result", "has_timed_out", "status"),
    [
        (Result.SUCCESS, False, ExitCode.OK),
        (Result.UNSTABLE, False, ExitCode.OK),
        (Result.FAILURE, False, ExitCode.FAR_SIDE_FAILED),
        (Result.NOT_BUILT, False, ExitCode.FAR_SIDE_FAILED),
        (Result.ABORTED, False, ExitCode.FAR_SIDE_FAILED),
        (Result.ABORTED, True, ExitCode.TIMED_OUT),
    ],
)
def test_the_exit_status_is_the_builds_result(result: Result, has_timed_out: bool, status: ExitCode) -> None:
    assert exit_code(Finished(result, 1.0, has_timed_out, None, None, None)) is status
