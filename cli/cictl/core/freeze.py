"""Times in which nothing is promoted: once, each week or each day, by the wall clock of a time zone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTES_A_DAY = 24 * 60
_TIME = r"(?P<hour>[01]\d|2[0-4]):(?P<minute>[0-5]\d)"
_FORMS = (
    re.compile(rf"(?P<date>\d{{4}}-\d\d-\d\d)(?:[ T]{_TIME})?"),
    re.compile(rf"(?P<day>{'|'.join(_DAYS)})(?: {_TIME})?", re.IGNORECASE),
    re.compile(_TIME),
)
_WRITE = "write both as 2026-12-20 or 2026-12-20 18:00 (once), fri 16:00 (each week) or 22:00 (each day)"


class Repeats(StrEnum):
    """How often a window comes."""

    ONCE = "once"
    WEEKLY = "weekly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall-clock time: minutes since year 1, since Monday 00:00, or since midnight, as REPEATS says."""

    repeats: Repeats
    minutes: int


@dataclass(frozen=True, slots=True)
class Freeze:
    """From `begins` until, but not including, `ends`; a repeated window may go past midnight or Sunday."""

    begins: Moment
    ends: Moment
    zone: tzinfo
    reason: str
    text: str

    def covers(self, now: float) -> bool:
        """Whether NOW (seconds since the epoch) is in it."""
        local = datetime.fromtimestamp(now, self.zone).replace(tzinfo=None)
        at, begins, ends = _minutes(local, self.begins.repeats), self.begins.minutes, self.ends.minutes
        return begins <= at < ends if begins < ends else at >= begins or at < ends


def parse_moment(text: str) -> Moment:
    """Return the moment that TEXT writes; ValueError says how to write one."""
    for form in _FORMS:
        if match := form.fullmatch(text.strip()):
            return _moment(match.groupdict(), text)
    message = f"{text!r} is no time; {_WRITE}"
    raise ValueError(message)


def _moment(parts: dict[str, str | None], text: str) -> Moment:
    minute_of_day = int(parts.get("hour") or 0) * 60 + int(parts.get("minute") or 0)
    if minute_of_day > _MINUTES_A_DAY:
        message = f"{text!r} is past midnight; the last time of a day is 24:00"
        raise ValueError(message)
    if date := parts.get("date"):
        return Moment(Repeats.ONCE, _minutes(_day(date), Repeats.ONCE) + minute_of_day)
    if day := parts.get("day"):
        return Moment(Repeats.WEEKLY, _DAYS.index(day.lower()) * _MINUTES_A_DAY + minute_of_day)
    return Moment(Repeats.DAILY, minute_of_day)


def _day(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is no date: {error}"
        raise ValueError(message) from error


def _minutes(local: datetime, repeats: Repeats) -> int:
    """Return LOCAL, a wall-clock time, in the minutes that REPEATS counts."""
    of_day = local.hour * 60 + local.minute
    if repeats is Repeats.ONCE:
        return local.toordinal() * _MINUTES_A_DAY + of_day
    return of_day + (local.weekday() * _MINUTES_A_DAY if repeats is Repeats.WEEKLY else 0)


def window_problem(begins: str, ends: str) -> str | None:
    """Return what is wrong with a window that is written so, None where nothing is."""
    try:
        first, last = parse_moment(begins), parse_moment(ends)
    except ValueError as error:
        return str(error)
    if first.repeats is not last.repeats:
        return f"{begins!r} comes {first.repeats}, {ends!r} {last.repeats}; {_WRITE}"
    if first.minutes == last.minutes or (first.repeats is Repeats.ONCE and first.minutes > last.minutes):
        return f"nothing is between {begins!r} and {ends!r}"
    return None


def frozen_by(windows: Sequence[Freeze], now: float) -> Freeze | None:
    """Return the first of WINDOWS that covers NOW (seconds since the epoch)."""
    return next((window for window in windows if window.covers(now)), None)
