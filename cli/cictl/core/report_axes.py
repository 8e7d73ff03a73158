"""Where times and values lie in a chart, and which of them are named beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cictl.core.quantities import format_duration

_TICKS = 8
_STEPS_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps values from `low` to `high` (apart from each other) to places from `first` to `last`, in pixels."""

    low: float
    high: float
    first: float
    last: float

    def at(self, value: float) -> float:
        """Return where VALUE lies; what is beyond the axis lies at its end."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.first + share * (self.last - self.first)


def time_axis(began: float, ended: float, first: float, last: float) -> Axis:
    """Return the axis of a time of at least a second."""
    return Axis(began, max(ended, began + 1.0), first, last)


def time_ticks(axis: Axis) -> tuple[tuple[float, str], ...]:
    """Return where ticks lie and what they say: the time since the axis began."""
    span = axis.high - axis.low
    step = next((float(step) for step in _STEPS_SECONDS if span / step <= _TICKS), None)
    step = step or _DAY * math.ceil(span / _DAY / _TICKS)
    count = math.floor(span / step)
    return tuple((axis.at(axis.low + number * step), format_duration(number * step)) for number in range(count + 1))


def value_axis(values: list[float], limit: float | None, first: float, last: float) -> Axis:
    """Return an axis from 0 (or what is below it) with room for VALUES and LIMIT."""
    shown = [*values, *([] if limit is None else [limit])]
    top, bottom = max(shown, default=0.0), min([0.0, *shown])
    return Axis(bottom, (top + (top - bottom) * 0.15) if top > bottom else bottom + 1.0, first, last)
