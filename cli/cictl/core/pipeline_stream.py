"""The runner's stream: one JSON object for each event; what no runner sends is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cictl.core.pipeline_events import (
    Artifact,
    Checked,
    Event,
    Finished,
    Loaded,
    LogLine,
    PostRun,
    Problem,
    ProcessEvent,
    Question,
    Result,
    ShellStarted,
    StageEntered,
    StageLeft,
    Started,
    Tests,
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
