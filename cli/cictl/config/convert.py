"""From what the file says to core's types."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cictl.core.freeze import Freeze, parse_moment
from cictl.core.gate import Gate, RatioCheck, ValueCheck
from cictl.core.promotion import Approval, Rules
from cictl.core.scan import Exemption, ScanPolicy, Severity
from cictl.core.strategy import Step, Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cictl.config.gate_models import CheckEntry, GateEntry
    from cictl.config.models import ScanEntry
    from cictl.config.release_models import EnvironmentEntry, FreezeEntry, StrategyEntry


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


def to_rules(name: str, entry: EnvironmentEntry, people: Mapping[str, str]) -> Rules:
    """Return what the environment called NAME asks of a release that is to come in."""
    approval = Approval() if entry.approval is None else Approval(entry.approval.by, entry.approval.four_eyes, people)
    return Rules(name, entry.soak, tuple(map(_freeze, entry.freeze)), approval)


def _freeze(entry: FreezeEntry) -> Freeze:
    text = f"from {entry.begins} until {entry.ends} ({entry.zone})"
    return Freeze(parse_moment(entry.begins), parse_moment(entry.ends), ZoneInfo(entry.zone), entry.reason, text)


def to_scan_policy(entry: ScanEntry) -> ScanPolicy:
    """Return ENTRY as a policy."""
    exemptions = tuple(Exemption(each.id, each.until, each.reason, each.package) for each in entry.ignore)
    severity = Severity[entry.fail_on.upper()]
    return ScanPolicy(severity, entry.fail_on_unknown, entry.ignore_unfixed, exemptions)


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
