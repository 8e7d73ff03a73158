"""Runs and checks Jenkinsfiles without a Jenkins; a wish to stop lets `post` run first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

from cictl.core.pipeline_events import Event, Question
from cictl.core.pipeline_limit import LimitedEvents
from cictl.core.pipeline_request import PipelineRequest
from cictl.core.pipeline_run import Run, told
from cictl.core.pipeline_stream import parse_event
from cictl.errors import FarSideFailed


class Session(Protocol):
    """One run under way."""

    def events(self) -> Iterator[Mapping[str, Any]]:
        """Yield what the runner tells, as it comes, until the end; can be called again after an interruption."""
        ...

    def answer(self, question: str, *, approve: bool, values: Mapping[str, str]) -> None:
        """Answer the QUESTION of that id."""
        ...

    def abort(self, reason: str) -> None:
        """Have what runs stopped, and `post` run."""
        ...


class Runner(Protocol):
    """What runs Jenkinsfiles."""

    def session(self, request: PipelineRequest) -> AbstractContextManager[Session]:
        """Start; at the end nothing that was started is left."""
        ...


class Watcher(Protocol):
    """Who looks on, and is asked."""

    def note(self, event: Event, run: Run) -> None:
        """Take EVENT in, RUN being all so far."""
        ...

    def ask(self, question: Question) -> Mapping[str, str] | None:
        """Return the values of the parameters of QUESTION, None for no."""
        ...


def run_pipeline(runner: Runner, request: PipelineRequest, watcher: Watcher, *, most_log_mib: int | None = None) -> Run:
    """Run or check what REQUEST says, and return what was told, with the interruption after which `post` ran.

    A log longer than MOST LOG MIB is cut.
    """
    run, all_data, limited = Run(), list[Mapping[str, Any]](), LimitedEvents(most_log_mib)
    interruption: KeyboardInterrupt | None = None
    with runner.session(request) as session:
        while True:
            try:
                for event in session.events():
                    for data in limited.taken(event):
                        all_data.append(data)
                        run = _noted(run, data, session, watcher)
                break
            except KeyboardInterrupt as stop:
                if interruption is not None:
                    raise
                interruption = stop
                session.abort("Aborted by the user")
    return replace(run, events=tuple(all_data), interruption=interruption)


def _noted(run: Run, data: Mapping[str, Any], session: Session, watcher: Watcher) -> Run:
    try:
        event = parse_event(data)
    except ValueError as error:
        hint = "delete what was built of it, pipeline-runner in ~/.cache/cictl, and run it again"
        raise FarSideFailed(f"the pipeline runner says what cannot be understood: {error}", hint=hint) from error
    run = told(run, event)
    watcher.note(event, run)
    if isinstance(event, Question):
        values = watcher.ask(event)
        session.answer(event.id, approve=values is not None, values=values or {})
    return run
