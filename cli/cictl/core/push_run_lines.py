"""What of a run's log a pusher wants to see: its stages, how its rollouts go, and how it ended."""

from __future__ import annotations

import re

_LINE = re.compile(r"(?:\[(?P<stage>[^\]]*)\] )?(?P<time>\d\d:\d\d:\d\d )?(?:\d\d:\d\d:\d\d )*(?P<text>.*)")
_ROLLOUTS = ("Deploy", "Promote", "Roll back")
_OF_ALL = re.compile(r"(stage|run|changed|no service|artifacts|unstable)\b.*")
_OF_NO_ROLLOUT = re.compile(r"\s*|\+ .*")
# How many pods there are from second to second, and that it is too early to tell.
_STEADY = re.compile(
    r"[a-z]+( \S+ \(.*%\))?: (\d+ of \d+ new\b|.*pods are going\b).*"
    r"|gate \S+: (unknown|insufficient):.*|pod .*|Archiving .*"
)


def brief(line: str) -> str | None:
    """Return LINE of a log shortened, None where it can be spared: traces of the shell, and what builds print."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    time, text = found["time"] or "", found["text"]
    if found["stage"] is None:
        return f"{time}{text}" if _OF_ALL.fullmatch(text) else None
    stage = found["stage"].partition("/")[0]
    if not stage.startswith(_ROLLOUTS) or _OF_NO_ROLLOUT.fullmatch(text) or _STEADY.fullmatch(text):
        return None
    return f"{time}[{stage}] {text}"


def complaint(log: str) -> str | None:
    """Return what the last error in LOG says, on one line; None where there is none."""
    _, found, last = log.rpartition("\nerror: ")
    said = last.partition("\nhint: ")[0] if found else ""
    return " ".join(said.split()) or None
