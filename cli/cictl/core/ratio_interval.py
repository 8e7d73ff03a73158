"""Between which bounds a ratio lies, whenever one looks: the limits that the sequential test does not reject."""

from __future__ import annotations

from cictl.core.sequential import log_evidence, rejects

_HALVINGS = 40
_NARROWEST = 1e-12


def ratio_interval(bad: int, total: int, *, alpha: float) -> tuple[float, float]:
    """Return bounds that hold the true ratio of BAD in TOTAL (at least 1) with a chance of 1 - ALPHA at all looks."""
    low = _lowest_kept(bad, total, alpha=alpha / 2)
    high = 1.0 - _lowest_kept(total - bad, total, alpha=alpha / 2)
    return low, high


def _lowest_kept(events: int, total: int, *, alpha: float) -> float:
    """Return the lowest limit that EVENTS of TOTAL do not break: below it the test says that there are more."""
    low, high = 0.0, events / total
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if high - low < _NARROWEST:
            break
        if rejects(log_evidence(events, total, max_ratio=middle), alpha=alpha):
            low = middle
        else:
            high = middle
    return low
