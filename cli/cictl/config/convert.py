"""From what the file says to core's types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.core.gate import Gate, RatioCheck, ValueCheck
from cictl.core.strategy import Step, Strategy

if TYPE_CHECKING:
    from cictl.config.models import CheckEntry, GateEntry, StrategyEntry


def to_strategy(name: str, entry: StrategyEntry) -> Strategy:
    """Return ENTRY as the strategy called NAME."""
    return Strategy(
        name=name,
        steps=tuple(Step(step.weight, step.pause) for step in entry.steps),
        capacity=entry.capacity,
        gate=entry.gate,
        watch_seconds=entry.watch,
        deadline_seconds=entry.deadline,
        abort_patience_seconds=entry.abort_patience,
        on_unknown=entry.on_unknown,
        on_insufficient=entry.on_insufficient,
    )


def to_gate(name: str, entry: GateEntry) -> Gate:
    """Return ENTRY as the gate called NAME."""
    return Gate(
        name=name,
        checks=tuple(map(_check, entry.checks)),
        every_seconds=entry.every,
        alpha=entry.alpha,
        min_requests=entry.min_requests,
        traffic=entry.traffic,
        selector=entry.selector,
    )


def _check(entry: CheckEntry) -> RatioCheck | ValueCheck:
    if entry.query is None:
        # The model has refused a ratio without these three.
        assert entry.bad is not None  # noqa: S101 - for the type checker
        assert entry.total is not None  # noqa: S101 - for the type checker
        assert entry.max is not None  # noqa: S101 - for the type checker
        return RatioCheck(entry.name, entry.bad, entry.total, entry.max.value)
    limit = entry.max or entry.min
    assert limit is not None  # noqa: S101 - for the type checker
    return ValueCheck(entry.name, entry.query, limit.value, entry.looks, entry.min is not None, limit.unit)
