"""The runner's stream becomes events."""

from __future__ import annotations

from typing import Any

import pytest

from cictl.core.pipeline_events import Checked, Event, Finished, LogLine, Problem, Result
from cictl.core.pipeline_stream import parse_event


@pytest.mark.parametrize(
    ("data", "event"),
    [
        pytest.param(
            {"event": "log", "at": 2.5, "text": "hi", "stage": 1, "branch": "b"},
            LogLine("hi", 1, "b", 2.5, has_time=False),
            id="log",
        ),
        pytest.param({"event": "checked", "ok": False}, Checked(is_good=False), id="checked"),
        pytest.param(
            {"event": "problem", "severity": "note", "message": "m", "file": "f", "line": 3, "column": 1},
            Problem("m", "f", 3, 1, is_error=False),
            id="note",
        ),
        pytest.param(
            {"event": "finished", "result": "ABORTED", "seconds": 1.0, "timedOut": True, "error": "late"},
            Finished(Result.ABORTED, 1.0, has_timed_out=True, error="late", description=None, display_name=None),
            id="finished",
        ),
    ],
)
def test_an_event_is_what_its_name_says(data: dict[str, Any], event: Event) -> None:
    assert parse_event(data) == event


@pytest.mark.parametrize(
    "data", [{}, {"event": "unheard of"}, {"event": "log"}, {"event": "finished", "result": "odd"}]
)
def test_what_no_runner_sends_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not an event|not a valid"):
        parse_event(data)
