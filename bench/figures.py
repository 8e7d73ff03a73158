"""Several measurements of one thing in one figure: the median, and between what they lay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Figure:
    """What one thing measured, run by run."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float | None]) -> Figure:
        """Take VALUES in; None is a run that measured nothing."""
        return cls(tuple(value for value in values if value is not None))

    @property
    def median(self) -> float:
        """The middle value."""
        if not self.values:
            raise ValueError("nothing was measured")
        return median(self.values)

    def over(self, other: Figure) -> float | None:
        """Return the ratio of both medians; None where there is none."""
        if not self.values or not other.values or not other.median:
            return None
        return self.median / other.median

    def text(self, *, digits: int = 2, scale: float = 1.0) -> str:
        """Write as ``median (lowest to highest)``; a single value stands alone."""
        if not self.values:
            return "not measured"
        middle, low, high = (
            f"{value * scale:.{digits}f}" for value in (self.median, min(self.values), max(self.values))
        )
        return middle if len(self.values) == 1 else f"{middle} ({low} to {high})"


def ratio_text(figure: Figure, floor: Figure) -> str:
    """Write how many times FLOOR a FIGURE is."""
    ratio = figure.over(floor)
    return "-" if ratio is None else f"{ratio:.2f}"


def rotated(items: Sequence[Item], turn: int) -> list[Item]:
    """Return ITEMS beginning elsewhere each TURN, so that none always comes first.

    >>> rotated("abc", 1)
    ['b', 'c', 'a']
    """
    start = turn % len(items) if items else 0
    return [*items[start:], *items[:start]]
