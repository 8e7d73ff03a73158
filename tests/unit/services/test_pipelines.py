"""A run follows events to the end, answers questions, and lets `post` run where it is interrupted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from cictl.core.pipeline_events import Event, Question, Result
from cictl.core.pipeline_request import PipelineRequest
from cictl.core.pipeline_run import Run
from cictl.errors import FarSideFailed
from cictl.services.pipelines import run_pipeline

REQUEST = PipelineRequest("/repository/Jenkinsfile", "/repository", "job")
END = {"event": "finished", "at": 2.0, "result": "SUCCESS", "seconds": 1.0}
QUESTION = {"event": "input", "id": "i", "message": "Go?", "ok": "Yes", "parameters": [{"name": "A", "default": "a"}]}
INTERRUPTION = {"event": "interruption"}


@dataclass
class FakeRunner:
    """Tells SCRIPT; an interruption in it is raised where the events are waited for."""

    script: list[dict[str, Any]]
    answers: list[tuple[str, bool, Mapping[str, str]]] = field(default_factory=list)
    aborts: list[str] = field(default_factory=list)
    is_closed: bool = False

    @contextmanager
    def session(self, request: PipelineRequest) -> Iterator[FakeRunner]:
        assert request == REQUEST
        try:
            yield self
        finally:
            self.is_closed = True

    def events(self) -> Iterator[Mapping[str, Any]]:
        while self.script:
            data = self.script.pop(0)
            if data is INTERRUPTION:
                raise KeyboardInterrupt
            yield data

    def answer(self, question: str, *, approve: bool, values: Mapping[str, str]) -> None:
        self.answers.append((question, approve, values))

    def abort(self, reason: str) -> None:
        self.aborts.append(reason)


@dataclass
class FakeWatcher:
    values: Mapping[str, str] | None = None
    noted: list[Event] = field(default_factory=list)

    def note(self, event: Event, run: Run) -> None:
        assert isinstance(run, Run)
        self.noted.append(event)

    def ask(self, question: Question) -> Mapping[str, str] | None:
        assert question.parameters == (("A", "a"),)
        return self.values


def test_a_run_is_all_that_was_told() -> None:
    log = {"event": "log", "at": 1.0, "text": "hi"}
    watcher = FakeWatcher()
    run = run_pipeline(FakeRunner([log, END]), REQUEST, watcher)
    assert run.finished is not None
    assert run.finished.result is Result.SUCCESS
    assert run.events == (log, END)
    assert len(watcher.noted) == 2


def test_a_log_without_an_end_is_cut_where_it_is_shown_and_where_it_is_kept() -> None:
    watcher = FakeWatcher()
    lines = [{"event": "log", "at": 1.0, "text": "x" * 100_000} for _ in range(30)]
    run = run_pipeline(FakeRunner([*lines, END]), REQUEST, watcher, most_log_mib=1)
    assert len(watcher.noted) == len(run.events)
    assert sum(len(str(event)) for event in run.events) < 1_200_000
    assert any("the log is cut here" in str(event) for event in run.events)
    assert run.finished is not None


@pytest.mark.parametrize(("values", "approve"), [({"A": "b"}, True), (None, False)])
def test_a_question_is_answered_by_who_looks_on(values: Mapping[str, str] | None, approve: bool) -> None:
    runner = FakeRunner([QUESTION, END])
    run_pipeline(runner, REQUEST, FakeWatcher(values))
    assert runner.answers == [("i", approve, values or {})]


def test_an_interruption_stops_the_build_and_is_told_with_its_end() -> None:
    runner = FakeRunner([INTERRUPTION, {"event": "post", "condition": "aborted"}, END])
    watcher = FakeWatcher()
    run = run_pipeline(runner, REQUEST, watcher)
    assert isinstance(run.interruption, KeyboardInterrupt)
    assert run.finished is not None
    assert runner.aborts == ["Aborted by the user"]
    assert len(watcher.noted) == 2  # all until the end was seen
    assert runner.is_closed


def test_a_second_interruption_waits_for_nothing() -> None:
    runner = FakeRunner([INTERRUPTION, INTERRUPTION, END])
    with pytest.raises(KeyboardInterrupt):
        run_pipeline(runner, REQUEST, FakeWatcher())
    assert runner.script == [END]
    assert runner.is_closed


def test_what_cannot_be_understood_is_the_runners_failure() -> None:
    with pytest.raises(FarSideFailed, match="cannot be understood") as caught:
        run_pipeline(FakeRunner([{"event": "odd"}]), REQUEST, FakeWatcher())
    assert "pipeline-runner" in str(caught.value.hint)
