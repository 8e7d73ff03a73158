"""What the runner of a Jenkinsfile tells while it goes on: each kind of event."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


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
