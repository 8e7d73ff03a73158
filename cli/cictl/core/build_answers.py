"""Answers to builds that wait for people, as their logs tell of them: no API keeps who answered."""

from __future__ import annotations

import re

_LAST_INPUT = re.compile(r"^\[Pipeline\] input\b", re.MULTILINE)
_ASKS = re.compile(r"^Input requested\s*$", re.MULTILINE)
_SAID = re.compile(r"^(Approved|Rejected|Aborted) by (.+?)\s*$", re.MULTILINE)


def asks_for_values(log: str) -> bool:
    """Whether the input that LOG's end waits at asks for parameters: Jenkins then shows no question, only a link."""
    begins = [found.start() for found in _LAST_INPUT.finditer(log)]
    return _ASKS.search(log, begins[-1] if begins else 0) is not None


def answers(log: str) -> tuple[str, ...]:
    """Return who answered, as LOG says it: `Approved by ANA`, the last one last."""
    return tuple(f"{word} by {who}" for word, who in _SAID.findall(log))
