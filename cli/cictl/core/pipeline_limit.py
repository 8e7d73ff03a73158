"""The events of a run whose log has no end: its beginning and its last lines are kept, and where it was cut is said."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

_UNLIMITED = {"log", "sh", "process", "process-end", "post"}  # a loop tells any number of them
_AROUND_BYTES = 120  # of indentation, for one event
_LAST_LINES = 100
_LONGEST_LAST_LINE = 1000  # characters
_MIB = 1024 * 1024


class LimitedEvents:
    """Lets the events of one run through until its log and its steps took MOST MIB as JSON; None lets all through."""

    def __init__(self, most_mib: int | None) -> None:
        """Nothing was told yet."""
        self._most_mib = most_mib
        self._left = None if most_mib is None else most_mib * _MIB
        self._last: deque[Mapping[str, Any]] = deque(maxlen=_LAST_LINES)

    def taken(self, event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return what is told instead of EVENT, in order: itself, nothing, or first what was held back."""
        if self._left is None:
            return [event]
        if event.get("event") not in _UNLIMITED:
            return [*self._held_back(), event] if event.get("event") == "finished" else [event]
        if self._left < 0:
            self._hold(event)
            return []
        self._left -= len(json.dumps(event)) + _AROUND_BYTES
        if self._left >= 0:
            return [event]
        self._hold(event)
        return [_line(event, f"[the log is cut here, after {self._most_mib} MiB; its last lines follow at the end]")]

    def _hold(self, event: Mapping[str, Any]) -> None:
        if event.get("event") == "log":
            self._last.append({**event, "text": str(event.get("text", ""))[:_LONGEST_LAST_LINE]})

    def _held_back(self) -> list[Mapping[str, Any]]:
        held = list(self._last)
        return [_line(held[0], "[the last lines of the log]"), *held] if held else []


def _line(event: Mapping[str, Any], text: str) -> Mapping[str, Any]:
    return {"event": "log", "at": event.get("at", 0.0), "text": text}
