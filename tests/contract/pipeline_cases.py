"""Small Jenkinsfiles that say in their comments what Jenkins makes of them, and the one JVM that tries them all.

// with {"parameters": {"P": "x"}}     what the request has besides
// result FAILURE                      how the build ends; `timed-out` behind it
// > [Stage/branch] text               the log, line by line; * stands for anything
// only TEXT                           compare lines with TEXT alone
// unordered                           branches run at once: compare the lines as a set
// stage NAME RESULT                   how a stage ends
// error LINE: message; hint           what is found at loading, and nothing runs
// note LINE: message                  what is said at loading
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from cictl.clients.pipeline_build import BuiltRunner
from cictl.clients.pipeline_runner import PipelineRunner
from cictl.core.pipeline_events import Checked, Event, Finished, LogLine
from cictl.core.pipeline_run import Run, told
from cictl.core.pipeline_stream import parse_event

FOLDER = Path(__file__).parent / "pipelines"
LIBRARY = FOLDER / "library"
# Read before a test has an environment of its own: the runner is built once, not once for each run of the tests.
CACHE_HOME = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
_CACHE = Path(CACHE_HOME) / "cictl" / "pipeline-runner"
_ENVIRON = dict(os.environ)


@dataclass(frozen=True)
class Case:
    """One Jenkinsfile and what is expected of it."""

    path: Path
    request: Mapping[str, Any]
    result: str | None
    log: tuple[str, ...]
    only: str
    is_unordered: bool
    stages: tuple[tuple[str, str], ...]
    errors: tuple[str, ...]
    notes: tuple[str, ...]


def read_case(path: Path) -> Case:
    said = re.findall(r"^// ([\w>-]+) ?(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    values = {key: value for key, value in said if key in {"with", "result", "only"}}
    several = {key: tuple(value for name, value in said if name == key) for key in (">", "error", "note")}
    stages = tuple((name, result) for name, _, result in (v.rpartition(" ") for k, v in said if k == "stage"))
    return Case(
        path,
        json.loads(values.get("with", "{}")),
        values.get("result"),
        several[">"],
        values.get("only", ""),
        any(key == "unordered" for key, _ in said),
        stages,
        several["error"],
        several["note"],
    )


CASES = [read_case(path) for path in sorted(FOLDER.glob("*.Jenkinsfile"))]


class Batch:
    """The runner in its batch mode: a request in, its events out, and the next."""

    def __init__(self, command: tuple[str, ...], pipe: Path) -> None:
        self._process = subprocess.Popen([*command, str(pipe), "batch"], stdin=subprocess.PIPE, text=True)
        self._events: IO[str] = pipe.open(encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(300)
        self._events.close()

    def run(self, request: Mapping[str, Any]) -> list[Event]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return list(self._until_end())

    def _until_end(self) -> Iterator[Event]:
        for line in self._events:
            event = parse_event(json.loads(line))
            yield event
            if isinstance(event, Finished | Checked):
                return


@contextmanager
def batch_of_the_runner(pipe: Path) -> Iterator[Batch]:
    """Have the runner, built once for all runs of the tests, which tells by PIPE."""
    os.mkfifo(pipe)
    with Batch(built_runner().command, pipe) as running:
        yield running


def built_runner() -> BuiltRunner:
    """Return the runner, built if need be."""
    return PipelineRunner(_CACHE, environ=_ENVIRON, say=print).build()


def seen(events: list[Event]) -> Run:
    run = Run()
    for event in events:
        run = told(run, event)
    return run


def log_lines(events: list[Event]) -> Iterator[str]:
    """Yield the log as cictl prints it off a terminal."""
    names = {stage.id: stage.name for stage in seen(events).stages}
    for event in events:
        if isinstance(event, LogLine):
            place = [names[event.stage]] if event.stage is not None else []
            place += [event.branch] if event.branch is not None and event.branch not in place else []
            yield f"[{'/'.join(place)}] {event.text}" if place else event.text


def matches(expected: str, actual: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, expected.rstrip().split("*"))), actual.rstrip()) is not None
