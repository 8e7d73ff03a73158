"""Durations and percentages as people write them: `1h30m`, `300ms`, `1%`; a bare number is refused."""

from __future__ import annotations

import re

DURATION_PATTERN = r"^(?=.)(\d+h)?(\d+m)?(\d+(\.\d+)?s)?(\d+ms)?$"
PERCENTAGE_PATTERN = r"^\d+(\.\d+)?%$"

# Not compiled at import: `--help` parses none, and `re` keeps what it has compiled.
_DURATION = r"(?a)(?=.)(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m(?!s))?(?:(?P<s>\d+(?:\.\d+)?)s)?(?:(?P<ms>\d+)ms)?"
_PERCENTAGE = r"(?a)(\d+(?:\.\d+)?)%"
_UNIT_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def parse_duration(text: str) -> float:
    """Return the seconds that TEXT means; ValueError says how to write it."""
    match = re.fullmatch(_DURATION, text.strip())
    if match is None:
        msg = f"{text!r} is not a duration; write it with its unit, as in 300ms, 10s, 2m or 1h30m"
        raise ValueError(msg)
    return sum(float(number) * _UNIT_SECONDS[unit] for unit, number in match.groupdict().items() if number)


def format_duration(seconds: float) -> str:
    """Return SECONDS as a duration that `parse_duration` reads back, exact to the millisecond."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, left = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (left, "s"), (milliseconds, "ms"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def parse_percentage(text: str) -> float:
    """Return the ratio (0 to 1) that TEXT means; ValueError says how to write it."""
    match = re.fullmatch(_PERCENTAGE, text.strip())
    if match is None or float(match[1]) > 100:  # noqa: PLR2004 - a hundred percent is what it says
        msg = f"{text!r} is not a percentage; write it with its sign, as in 1% or 0.5%"
        raise ValueError(msg)
    return float(match[1]) / 100


def format_percentage(ratio: float) -> str:
    """Return RATIO as a percentage that `parse_percentage` reads back."""
    return f"{ratio * 100:.10g}%"
