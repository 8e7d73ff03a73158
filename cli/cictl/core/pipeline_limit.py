"""The events of a run that has no end: what is told of it is bounded, and says where it was cut and what is left out.

The log has its beginning and its last lines; of stages, tests and artifacts the first are listed, the others counted.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any

_OF_LOG = {"log", "sh", "process", "process-end", "post"}  # a loop tells any number of them
_LISTED = {"stage": "stages", "tests": "test reports", "artifact": "artifacts"}  # and of these
_LISTED_PART = 8  # of the log's limit: what is listed is read again and again
_AROUND_BYTES = 120  # of indentation, for one event
_LAST_LINES = 100
_LONGEST_LAST_LINE = 1000  # characters, as of a reason
_MOST_FAILURES = 1000  # that one report names; how many there are stands beside
_MIB = 1024 * 1024


class LimitedEvents:
    """Lets the events of one run through until its log and its steps took MOST MIB as JSON; None lets all through."""

    def __init__(self, most_mib: int | None) -> None:
        """Nothing was told yet."""
        self._most_mib = most_mib
        self._log_left = (most_mib or 0) * _MIB
        self._list_left = self._log_left // _LISTED_PART
        self._last: deque[Mapping[str, Any]] = deque(maxlen=_LAST_LINES)
        self._stages: set[int] = set()
        self._left_out: Counter[str] = Counter()

    def taken(self, event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return what is told instead of EVENT, in order: itself, nothing, or first what was held back."""
        if self._most_mib is None:
            return [event]
        kind = event.get("event")
        if kind in _OF_LOG:
            return self._of_log(event)
        if kind in _LISTED:
            return self._of_list(_shortened(event))
        if kind == "stage-end":
            return [_shortened(event)] if event.get("id") in self._stages else []
        return [*self._held_back(), event] if kind == "finished" else [event]

    def _of_log(self, event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        if self._log_left < 0:
            self._hold(event)
            return []
        self._log_left -= _size(event)
        if self._log_left >= 0:
            return [event]
        self._hold(event)
        return [_line(event, f"[the log is cut here, after {self._most_mib} MiB; its last lines follow at the end]")]

    def _of_list(self, event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        if self._list_left >= 0:
            self._list_left -= _size(event)
        if self._list_left < 0:
            self._left_out[_LISTED[event["event"]]] += 1
            return []
        if event["event"] == "stage":
            self._stages.add(event["id"])
        return [event]

    def _hold(self, event: Mapping[str, Any]) -> None:
        if event.get("event") == "log":
            self._last.append({**event, "text": str(event.get("text", ""))[:_LONGEST_LAST_LINE]})

    def _held_back(self) -> list[Mapping[str, Any]]:
        held = list(self._last)
        lines = [_line(held[0], "[the last lines of the log]"), *held] if held else []
        if self._left_out:
            counts = ", ".join(f"{count} {kind}" for kind, count in self._left_out.items())
            lines.append(_line({}, f"[there was more than is listed: {counts} are left out]"))
        return lines


def _size(event: Mapping[str, Any]) -> int:
    return len(json.dumps(event)) + _AROUND_BYTES


def _shortened(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return EVENT with no more of an endless reason, or of failures, than anybody reads."""
    if event.get("reason"):
        return {**event, "reason": str(event["reason"])[:_LONGEST_LAST_LINE]}
    if event.get("failures"):
        return {**event, "failures": event["failures"][:_MOST_FAILURES]}
    return event


def _line(event: Mapping[str, Any], text: str) -> Mapping[str, Any]:
    return {"event": "log", "at": event.get("at", 0.0), "text": text}
