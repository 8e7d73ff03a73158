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
