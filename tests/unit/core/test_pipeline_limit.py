from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from cictl.core.pipeline_limit import LimitedEvents

_END = {"event": "finished", "result": "FAILURE"}
_STAGE = {"event": "stage", "id": 1}


def _log(text: str) -> dict[str, Any]:
    return {"event": "log", "at": 1.0, "text": text, "stage": 7}


def _told(most_mib: int | None, *events: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    limited = LimitedEvents(most_mib)
    return [told for event in events for told in limited.taken(event)]


def test_what_is_short_is_told_as_it_is() -> None:
    events = [_STAGE, _log("a"), {"event": "sh", "script": "ls"}, _END]
    assert _told(1, *events) == events


def test_without_a_limit_all_is_told() -> None:
    events = [_log("a" * 3_000_000), _log("b"), _END]
    assert _told(None, *events) == events


def test_a_long_log_has_its_beginning_and_its_end() -> None:
    lines = [_log(f"{number} {'x' * 1000}") for number in range(3000)]
    told = _told(1, *lines, _STAGE, _END)
    texts = [str(each.get("text", each["event"])) for each in told]
    cut = texts.index("[the log is cut here, after 1 MiB; its last lines follow at the end]")
    assert told[:cut] == lines[:cut]
    assert texts[cut + 1 : cut + 3] == ["stage", "[the last lines of the log]"]
    assert [text.partition(" ")[0] for text in texts[cut + 3 : -1]] == [str(number) for number in range(2900, 3000)]
    assert told[-1] == _END
    assert len(json.dumps(told, indent=2)) < 1.2 * 1024 * 1024


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(_log("ü" * 1_000_000), id="one-line"),
        pytest.param({"event": "sh", "script": "x" * 2_000_000}, id="one-script"),
    ],
)
def test_nothing_is_longer_than_all(event: Mapping[str, Any]) -> None:
    assert len(json.dumps(_told(1, event, _END))) < 10_000


def test_steps_without_a_log_are_cut_as_well() -> None:
    told = _told(1, *({"event": "process", "pid": number} for number in range(20_000)), _END)
    assert len(told) < 10_000
    assert [each["event"] for each in told[-2:]] == ["log", "finished"]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        pytest.param({"event": "stage", "name": "again", "at": 1.0}, "stages", id="stages"),
        pytest.param({"event": "tests", "passed": 1, "failures": []}, "test reports", id="tests"),
        pytest.param({"event": "artifact", "path": "a" * 100}, "artifacts", id="artifacts"),
    ],
)
def test_of_what_is_listed_the_first_are_told_and_the_others_counted(event: Mapping[str, Any], said: str) -> None:
    told = _told(1, *({**event, "id": number} for number in range(20_000)), _log("a"), _END)
    assert len(json.dumps(told, indent=2)) < 1024 * 1024 / 4
    listed = [each for each in told if each["event"] == event["event"]]
    assert [each["id"] for each in listed] == list(range(len(listed)))
    assert told[-3] == _log("a")  # the log has room of its own
    assert told[-2]["text"] == f"[there was more than is listed: {20_000 - len(listed)} {said} are left out]"


def test_a_stage_that_is_listed_ends_and_no_other() -> None:
    stages = [{"event": "stage", "id": number, "name": "x" * 1000} for number in range(200)]
    ends = [{"event": "stage-end", "id": number, "reason": "y" * 5000} for number in range(200)]
    told = _told(1, *stages, *ends, _END)
    ids = {each["id"] for each in told if each["event"] == "stage"}
    assert 0 < len(ids) < 200
    ended = [each for each in told if each["event"] == "stage-end"]
    assert {each["id"] for each in ended} == ids
    assert len(ended[0]["reason"]) == 1000


def test_of_endless_failures_the_first_are_named_and_all_counted() -> None:
    tests = {"event": "tests", "passed": 0, "failed": 5000, "skipped": 0, "failures": ["t"] * 5000}
    (told, _) = _told(1, tests, _END)
    assert (told["failed"], len(told["failures"])) == (5000, 1000)
