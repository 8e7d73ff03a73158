"""What of a run's log a pusher wants to see: its stages, how its rollouts go, and how it ended."""

from __future__ import annotations

import re

_OF_A_STAGE = re.compile(r"\[(?P<stage>[^\]]*)\] (?P<rest>.*)")
_TIMES = re.compile(r"(?P<time>\d\d:\d\d:\d\d )?(?:\d\d:\d\d:\d\d )*(?P<text>.*)")
_ROLLOUTS = ("Deploy", "Promote", "Roll back")


def brief(line: str) -> str | None:
    """Return LINE of a log shortened, None where it can be spared: traces of the shell, and what builds print."""
    place = _OF_A_STAGE.fullmatch(line)
    stage, rest = (place["stage"].partition("/")[0], place["rest"]) if place else ("", line)
    if stage and not stage.startswith(_ROLLOUTS):
        return None
    found = _TIMES.fullmatch(rest)
    time, text = (found["time"] or "", found["text"]) if found else ("", rest)
    if not text.strip() or text.startswith("+ "):
        return None
    return f"{time}[{stage}] {text}" if stage else f"{time}{text}"
