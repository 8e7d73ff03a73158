"""A gate: a named set of checks that a release must hold before the next step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RatioCheck:
    """BAD out of TOTAL events may be at most `max_ratio` (0 to 1). Both are PromQL with `$selector` and `$window`."""

    name: str
    bad: str
    total: str
    max_ratio: float


@dataclass(frozen=True, slots=True)
class ValueCheck:
    """A measured value or quantile: `limit` (upper, or lower with `is_minimum`) broken `looks` times in a row is bad.

    `unit` is "seconds" where the limit was written as a duration, "ratio" where as a percentage, else "".
    """

    name: str
    query: str
    limit: float
    looks: int = 1
    is_minimum: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """Times in seconds, `alpha` the chance to abort a release that meets its limits.

    `selector` is the label matcher that `$selector` expands to, None for the pods of the release; in it `$release`,
    `$namespace` and `$service` are filled in. `min_requests` is compared with what `traffic` returns.
    """

    name: str
    checks: tuple[RatioCheck | ValueCheck, ...]
    every_seconds: float = 10.0
    alpha: float = 0.01
    min_requests: int = 0
    traffic: str | None = None
    selector: str | None = None
