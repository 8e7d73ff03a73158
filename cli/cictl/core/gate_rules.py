"""What one look says: measurements in, verdicts with their reasons out.

Bad news needs proof (evidence over its bound, or a limit broken so many looks in a row), good news needs whole
telemetry and enough traffic. What lies between is `unknown` or `insufficient`, and neither promotes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cictl.core.gate import Gate, RatioCheck, ValueCheck
from cictl.core.quantities import format_duration, format_percentage
from cictl.core.sequential import e_value, log_evidence, rejects
from cictl.core.telemetry import Measurement, Targets
from cictl.core.verdict import CheckResult, GateResult, Verdict, combine

Evidence = Mapping[str, str | float | int | None]
TARGETS = "targets"
TRAFFIC = "traffic"
_ROUNDING = 0.02  # how far a user's own estimate of bad may lie above the total


@dataclass(frozen=True, slots=True)
class Look:
    """What holds for all checks of one look.

    `alpha` is each ratio check's share, `requests` what the gate's traffic query counted (None: it has none),
    `is_new` whether Prometheus has scraped since the look before.
    """

    targets: Targets
    alpha: float
    requests: float | None = None
    min_requests: int = 0
    is_new: bool = True
    window: str = ""

    @property
    def has_traffic(self) -> bool:
        """Whether there is enough to tell."""
        return self.requests is None or self.requests >= max(self.min_requests, 1)


@dataclass(frozen=True, slots=True)
class Judged:
    """A gate's result, and how many looks in a row each value check is broken."""

    result: GateResult
    streaks: Mapping[str, int] = field(default_factory=dict)


def judge(gate: Gate, look: Look, measured: Mapping[str, Measurement], streaks: Mapping[str, int]) -> Judged:
    """Return the verdict of GATE; MEASURED holds a measurement for each query's text as configured."""
    results: list[CheckResult] = [judge_targets(look)]
    if gate.traffic is not None:
        results.append(judge_traffic(measured[gate.traffic], look))
    after: dict[str, int] = {}
    for check in gate.checks:
        if isinstance(check, RatioCheck):
            results.append(judge_ratio(check, measured[check.bad], measured[check.total], look))
        else:
            result, after[check.name] = judge_value(
                check, measured[check.query], look, streak=streaks.get(check.name, 0)
            )
            results.append(result)
    return Judged(_gate_result(gate, look, results), after)


def unknown(gate: Gate, reason: str, *, at: float) -> GateResult:
    """Return the result of a look at which nothing could be seen."""
    return GateResult(gate.name, Verdict.UNKNOWN, reason, at)


def requests_of(gate: Gate, measured: Mapping[str, Measurement]) -> float | None:
    """Return how many requests the look counted, from the traffic query or else the first ratio's total."""
    query = gate.traffic or next((check.total for check in gate.checks if isinstance(check, RatioCheck)), None)
    if query is None:
        return None
    found = measured[query]
    return found.value if found.is_number else 0.0


def judge_targets(look: Look) -> CheckResult:
    """Return whether the telemetry itself is whole."""
    targets = look.targets
    evidence: Evidence = {
        "scrapesOfEach": min(targets.scrapes.values(), default=0),
        "at": targets.now,
        "window": look.window,
    }
    if targets.fault is not None:
        return CheckResult(TARGETS, Verdict.UNKNOWN, targets.fault, float(targets.count), evidence=evidence)
    return CheckResult(TARGETS, Verdict.HEALTHY, f"{targets.count} up", float(targets.count), evidence=evidence)


def judge_traffic(found: Measurement, look: Look) -> CheckResult:
    """Return whether there were enough requests to tell."""
    result = CheckResult(
        TRAFFIC,
        Verdict.HEALTHY,
        "enough to tell",
        found.value,
        float(look.min_requests),
        evidence={"query": found.query},
    )
    if found.problem is not None:
        return replace(result, verdict=Verdict.UNKNOWN, reason=found.problem)
    if look.has_traffic:
        return result
    if look.targets.fault is not None:
        return replace(result, verdict=Verdict.UNKNOWN, reason=look.targets.fault)
    reason = f"{look.requests or 0:.0f} of {max(look.min_requests, 1)} requests"
    return replace(result, verdict=Verdict.INSUFFICIENT, reason=reason, value=look.requests or 0.0)


def judge_ratio(check: RatioCheck, bad: Measurement, total: Measurement, look: Look) -> CheckResult:
    """Return the sequential test's verdict on all counts since the step began."""
    evidence: Evidence = {"badQuery": bad.query, "totalQuery": total.query, "at": look.targets.now}
    result = CheckResult(check.name, Verdict.UNKNOWN, "", limit=check.max_ratio, unit="ratio", evidence=evidence)
    counts = _counts(bad, total)
    if isinstance(counts, str):
        return replace(result, reason=counts)
    if counts[1] == 0:
        return _without_events(result, look)
    return _by_evidence(check, result, counts, look)


def judge_value(check: ValueCheck, found: Measurement, look: Look, *, streak: int) -> tuple[CheckResult, int]:
    """Return the verdict on a measured value, and how many looks in a row it is now broken."""
    evidence: Evidence = {"query": found.query, "looks": streak, "looksNeeded": check.looks, "at": look.targets.now}
    result = CheckResult(check.name, Verdict.UNKNOWN, "", found.value, check.limit, check.unit, evidence=evidence)
    if (trouble := _value_trouble(found, look)) is not None:
        shown = found.value if found.is_number else None
        return replace(result, verdict=trouble[0], reason=trouble[1], value=shown), streak
    value = found.value or 0.0
    bound = f"{'at least' if check.is_minimum else 'at most'} {in_unit(check.limit, check.unit)}"
    relation = f"{in_unit(value, check.unit)}, {bound}"
    if not (value < check.limit if check.is_minimum else value > check.limit):
        return replace(result, verdict=Verdict.HEALTHY, reason=relation, evidence={**evidence, "looks": 0}), 0
    streak += 1 if look.is_new else 0
    is_proof = streak >= check.looks
    verdict = Verdict.UNHEALTHY if is_proof else Verdict.INSUFFICIENT
    reason = f"{relation}: broken at {min(streak, check.looks)} of {check.looks} looks in a row"
    return replace(result, verdict=verdict, reason=reason, evidence={**evidence, "looks": streak}), streak


def in_unit(value: float, unit: str) -> str:
    """Return VALUE as people write it."""
    if not math.isfinite(value):
        return str(value)
    if unit == "ratio":
        return format_percentage(float(f"{value:.3g}"))
    if unit == "seconds":
        return format_duration(value) if value >= 0.001 else f"{value * 1000:.2g}ms"  # noqa: PLR2004 - a millisecond
    return f"{value:.4g}"


def _gate_result(gate: Gate, look: Look, results: list[CheckResult]) -> GateResult:
    verdict = combine(result.verdict for result in results)
    told = [result for result in results if result.verdict is verdict]
    if verdict is Verdict.HEALTHY:
        reason = "; ".join(f"{result.name} {result.reason}" for result in told if result.name not in {TARGETS, TRAFFIC})
    else:
        reason = f"{told[0].name}: {told[0].reason}"
    return GateResult(gate.name, verdict, reason, look.targets.now, tuple(results))


def _counts(bad: Measurement, total: Measurement) -> tuple[int, int] | str:
    """Return whole counts, rounded so that they can only understate the evidence, or why there are none."""
    for name, found in (("bad", bad), ("total", total)):
        if found.problem is not None:
            return f"{name}: {found.problem}"
        if found.value is not None and not (math.isfinite(found.value) and found.value >= 0):
            return f"{name} is {found.value}, which is no count"
    seen_bad, seen_total = math.floor(bad.value or 0.0), math.ceil(total.value or 0.0)
    if seen_bad > seen_total * (1 + _ROUNDING) + 1 or (seen_bad and not seen_total):
        return f"{seen_bad} bad out of {seen_total}: `bad` must select a part of `total`"
    return min(seen_bad, seen_total), seen_total


def _without_events(result: CheckResult, look: Look) -> CheckResult:
    if look.targets.fault is not None:
        return replace(result, reason=look.targets.fault)
    return replace(result, verdict=Verdict.INSUFFICIENT, reason="no events counted since the step began")


def _by_evidence(check: RatioCheck, result: CheckResult, counts: tuple[int, int], look: Look) -> CheckResult:
    bad, total = counts
    log_e = log_evidence(bad, total, max_ratio=check.max_ratio)
    proof = {"bad": bad, "total": total, "eValue": e_value(log_e), "eNeeded": 1 / look.alpha}
    result = replace(result, value=bad / total, evidence={**result.evidence, **proof})
    seen = f"{bad} of {total} ({in_unit(bad / total, 'ratio')}), at most {in_unit(check.max_ratio, 'ratio')}"
    strength = f"evidence {proof['eValue']:.3g} of {proof['eNeeded']:.3g}"
    if rejects(log_e, alpha=look.alpha):
        return replace(result, verdict=Verdict.UNHEALTHY, reason=f"{seen}: {strength}")
    if look.targets.fault is not None:
        return replace(result, reason=look.targets.fault)
    if bad / total > check.max_ratio:  # chance may have done it, or not: more requests tell
        return replace(result, verdict=Verdict.INSUFFICIENT, reason=f"{seen}: not certain yet, {strength}")
    if not look.has_traffic:
        return replace(result, verdict=Verdict.INSUFFICIENT, reason=f"{seen}: too few requests to tell")
    return replace(result, verdict=Verdict.HEALTHY, reason=seen)


def _value_trouble(found: Measurement, look: Look) -> tuple[Verdict, str] | None:
    """Return why a value cannot be judged; looks in a row neither grow nor end with it."""
    if found.problem is not None:
        return Verdict.UNKNOWN, found.problem
    if found.is_number and not math.isfinite(found.value or 0.0):
        return Verdict.UNKNOWN, f"the query gives {found.value}"
    if look.targets.fault is not None:
        return Verdict.UNKNOWN, look.targets.fault
    if not look.has_traffic:
        return Verdict.INSUFFICIENT, "too few requests to tell"
    if not found.is_number:
        given = "no data" if found.value is None else "NaN"
        return Verdict.UNKNOWN, f"the query gives {given} although there is traffic"
    return None
