"""A local run of a Jenkinsfile as far as it was told: how its stages went, and which exit status its end is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cictl.core.pipeline_events import Artifact, Event, Finished, Problem, Result, StageEntered, StageLeft, Tests
from cictl.errors import ExitCode


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage as it stands: without a result it still runs. Times are epoch seconds and seconds."""

    id: int
    name: str
    depth: int
    began_at: float
    result: Result | None = None
    seconds: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """All that was told of one run."""

    problems: tuple[Problem, ...] = ()
    stages: tuple[Stage, ...] = ()
    tests: tuple[Tests, ...] = ()
    artifacts: tuple[str, ...] = ()
    finished: Finished | None = None
    events: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    interruption: BaseException | None = None
    """The wish to stop that ended it, to be raised once the run was shown."""

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps it from running."""
        return tuple(problem for problem in self.problems if problem.is_error)


def told(run: Run, event: Event) -> Run:
    """Return RUN after EVENT."""
    match event:
        case Problem():
            run = replace(run, problems=(*run.problems, event))
        case StageEntered():
            run = replace(run, stages=_with_stage(run.stages, event))
        case StageLeft():
            run = replace(run, stages=_with_end(run.stages, event))
        case Tests():
            run = replace(run, tests=(*run.tests, event))
        case Artifact():
            run = replace(run, artifacts=tuple(dict.fromkeys((*run.artifacts, event.path))))
        case Finished():
            run = replace(run, finished=event)
        case _:
            pass
    return run


def _with_stage(stages: Sequence[Stage], event: StageEntered) -> tuple[Stage, ...]:
    """Return STAGES with the new one behind what is already within its parent."""
    place = _place(stages, event.parent)
    if place is None:
        return (*stages, Stage(event.id, event.name, 0, event.at))
    depth = stages[place].depth + 1
    end = next((at for at in range(place + 1, len(stages)) if stages[at].depth < depth), len(stages))
    return (*stages[:end], Stage(event.id, event.name, depth, event.at), *stages[end:])


def _with_end(stages: Sequence[Stage], event: StageLeft) -> tuple[Stage, ...]:
    place = _place(stages, event.id)
    if place is None:
        return tuple(stages)
    ended = replace(stages[place], result=event.result, seconds=event.seconds, reason=event.reason)
    return (*stages[:place], ended, *stages[place + 1 :])


def _place(stages: Sequence[Stage], stage_id: int | None) -> int | None:
    """Return where the stage of that id stands; the last are looked at first, as it is mostly one of them."""
    return next((at for at in range(len(stages) - 1, -1, -1) if stages[at].id == stage_id), None)


def exit_code(finished: Finished) -> ExitCode:
    """Return the status that a build's end has: unstable is not failed, and a timeout is not just any abort."""
    if finished.result in {Result.SUCCESS, Result.UNSTABLE}:
        return ExitCode.OK
    return ExitCode.TIMED_OUT if finished.has_timed_out else ExitCode.FAR_SIDE_FAILED
