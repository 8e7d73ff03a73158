"""What a local run of a Jenkinsfile tells: each event, how the stages went, and which exit status that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeAlias

from cictl.errors import ExitCode


class Result(StrEnum):
    """How a build or a stage ended, in Jenkins' words."""

    SUCCESS = "SUCCESS"
    UNSTABLE = "UNSTABLE"
    FAILURE = "FAILURE"
    NOT_BUILT = "NOT_BUILT"
    ABORTED = "ABORTED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Problem:
    """What was found at loading: an error, or a note on what a run here can't show; lines and columns from 1."""

    message: str
    file: str
    line: int
    column: int
    hint: str | None = None
    is_error: bool = True

    def __str__(self) -> str:
        """Return it as compilers do."""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}: {self.message}{hint}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The files were read; a declarative pipeline's stages are known by name."""

    is_declarative: bool
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """There were errors, or only a check was asked for: nothing runs."""

    is_good: bool


@dataclass(frozen=True, slots=True)
class Started:
    """The build begins."""

    job: str
    number: int


@dataclass(frozen=True, slots=True)
class StageEntered:
    """A stage begins, in PARENT (an id) if that is not None, AT epoch seconds."""

    id: int
    name: str
    parent: int | None
    branch: str | None
    at: float


@dataclass(frozen=True, slots=True)
class StageLeft:
    """A stage is over."""

    id: int
    result: Result
    seconds: float
    reason: str | None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the build's log; `stage` is an id. AT, epoch seconds, is shown where `timestamps` asks for it."""

    text: str
    stage: int | None
    branch: str | None
    at: float
    has_time: bool


@dataclass(frozen=True, slots=True)
class ShellStarted:
    """A step `sh` begins, or with a dry run would."""

    script: str
    label: str | None
    stage: int | None
    branch: str | None


@dataclass(frozen=True, slots=True)
class PostRun:
    """A condition of `post` holds, and its steps run."""

    condition: str
    stage: int | None


@dataclass(frozen=True, slots=True)
class ProcessEvent:
    """The leader of a session of processes was started, or is over."""

    pid: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class Tests:
    """What `junit` read."""

    passed: int
    failed: int
    skipped: int
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that `archiveArtifacts` has kept."""

    path: str


@dataclass(frozen=True, slots=True)
class Question:
    """A step `input` waits; PARAMETERS are names with defaults."""

    id: str
    message: str
    ok: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The build is over."""

    result: Result
    seconds: float
    has_timed_out: bool
    error: str | None
    description: str | None
    display_name: str | None


Event: TypeAlias = (
    Problem
    | Loaded
    | Checked
    | Started
    | StageEntered
    | StageLeft
    | LogLine
    | ShellStarted
    | PostRun
    | ProcessEvent
    | Tests
    | Artifact
    | Question
    | Finished
)


def parse_event(data: Mapping[str, Any]) -> Event:
    """Return the event that DATA, one object of the runner's stream, is; ValueError for what no runner sends."""
    try:
        return _PARSERS[data["event"]](data)
    except (KeyError, TypeError) as error:
        message = f"not an event of the runner: {error!r}"
        raise ValueError(message) from error


def _problem(data: Mapping[str, Any]) -> Problem:
    is_error = data["severity"] == "error"
    return Problem(data["message"], data["file"], data["line"], data["column"], data.get("hint"), is_error)


def _loaded(data: Mapping[str, Any]) -> Loaded:
    return Loaded(data["declarative"], tuple(_names(data["stages"])))


def _names(stages: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for stage in stages:
        yield stage["name"]
        yield from _names(stage["stages"])


def _entered(data: Mapping[str, Any]) -> StageEntered:
    return StageEntered(data["id"], data["name"], data.get("parent"), data.get("branch"), data["at"])


def _left(data: Mapping[str, Any]) -> StageLeft:
    return StageLeft(data["id"], Result(data["result"]), data["seconds"], data.get("reason"))


def _log(data: Mapping[str, Any]) -> LogLine:
    return LogLine(data["text"], data.get("stage"), data.get("branch"), data["at"], bool(data.get("times")))


def _sh(data: Mapping[str, Any]) -> ShellStarted:
    return ShellStarted(data["script"], data.get("label"), data.get("stage"), data.get("branch"))


def _question(data: Mapping[str, Any]) -> Question:
    parameters = tuple((each["name"], each["default"]) for each in data["parameters"])
    return Question(data["id"], data["message"], data["ok"], parameters)


def _finished(data: Mapping[str, Any]) -> Finished:
    return Finished(
        Result(data["result"]),
        data["seconds"],
        bool(data.get("timedOut")),
        data.get("error"),
        data.get("description"),
        data.get("displayName"),
    )


_PARSERS: Mapping[str, Callable[[Mapping[str, Any]], Event]] = {
    "problem": _problem,
    "loaded": _loaded,
    "checked": lambda data: Checked(data["ok"]),
    "started": lambda data: Started(data["job"], data["number"]),
    "stage": _entered,
    "stage-end": _left,
    "log": _log,
    "sh": _sh,
    "post": lambda data: PostRun(data["condition"], data.get("stage")),
    "process": lambda data: ProcessEvent(data["pid"], is_over=False),
    "process-end": lambda data: ProcessEvent(data["pid"], is_over=True),
    "tests": lambda data: Tests(data["passed"], data["failed"], data["skipped"], tuple(data["failures"])),
    "artifact": lambda data: Artifact(data["path"]),
    "input": _question,
    "finished": _finished,
}


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
            run = replace(run, stages=tuple(_ended(stage, event) for stage in run.stages))
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
    place = next((at for at, stage in enumerate(stages) if stage.id == event.parent), None)
    if place is None:
        return (*stages, Stage(event.id, event.name, 0, event.at))
    depth = stages[place].depth + 1
    end = next((at for at in range(place + 1, len(stages)) if stages[at].depth < depth), len(stages))
    return (*stages[:end], Stage(event.id, event.name, depth, event.at), *stages[end:])


def _ended(stage: Stage, event: StageLeft) -> Stage:
    if stage.id != event.id:
        return stage
    return replace(stage, result=event.result, seconds=event.seconds, reason=event.reason)


def exit_code(finished: Finished) -> ExitCode:
    """Return the status that a build's end has: unstable is not failed, and a timeout is not just any abort."""
    if finished.result in {Result.SUCCESS, Result.UNSTABLE}:
        return ExitCode.OK
    return ExitCode.TIMED_OUT if finished.has_timed_out else ExitCode.FAR_SIDE_FAILED
