"""What a gate can say, and how single verdicts make one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """Missing knowledge is neither good nor bad news."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"
    INSUFFICIENT = "insufficient"


_GRAVEST_FIRST = (Verdict.UNHEALTHY, Verdict.UNKNOWN, Verdict.INSUFFICIENT, Verdict.HEALTHY)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One measured thing against its rule.

    `value` and `limit` are in `unit` ("ratio", "seconds" or "" for plain numbers); `value` is None where nothing was
    measured. `evidence` holds what the verdict rests on (query, counts, e-value, looks in a row).
    """

    name: str
    verdict: Verdict
    reason: str
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    evidence: Mapping[str, str | float | int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GateResult:
    """All checks of one gate at one moment (`at`: seconds since the epoch, by Prometheus)."""

    gate: str
    verdict: Verdict
    reason: str
    at: float
    checks: tuple[CheckResult, ...] = ()


def check_data(check: CheckResult) -> dict[str, object]:
    """Return CHECK as plain data, for machines and for what is kept."""
    return {
        "name": check.name,
        "verdict": check.verdict.value,
        "reason": check.reason,
        "value": check.value,
        "limit": check.limit,
        "unit": check.unit,
        "evidence": dict(check.evidence),
    }


def combine(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the gravest of VERDICTS; with none of them nothing is known."""
    seen = set(verdicts)
    return next((verdict for verdict in _GRAVEST_FIRST if verdict in seen), Verdict.UNKNOWN)
