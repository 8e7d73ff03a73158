"""What is wrong with a gate before it judges anything: by its text and, where bucket bounds are known, its limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cictl.core.gate import Gate, RatioCheck, ValueCheck
from cictl.core.gate_rules import in_unit
from cictl.core.promql_shape import gives_one_series, histograms_in, is_range_or_string
from cictl.core.promql_syntax import SyntaxProblem, parsed
from cictl.core.promql_text import code_only
from cictl.core.selector import MATCHER_VARIABLES, QUERY_VARIABLES, variables_in
from cictl.core.spelling import suggestion

_RANGE = re.compile(r"\[([^\]]*)\]")
_PER_SECOND = re.compile(r"(?<![\w:])i?rate\s*\(")
_NEAR = 0.1  # a limit within a tenth of a bound is measured, one between bounds is interpolated
_NEAR_CHARACTERS = 20
_ELSEWHERE = {"__rate_interval": "window", "__interval": "window", "__range": "window", "interval": "window"}


class Severity(StrEnum):
    """An error keeps the gate from judging; a warning makes its verdict worth less."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` is None for the gate itself; `column` (from 1) is the place in `field`, `near` what stands there."""

    gate: str
    check: str | None
    field: str
    column: int
    severity: Severity
    message: str
    near: str = ""


@dataclass(frozen=True, slots=True)
class BucketLimit:
    """A limit on a quantile of the histogram METRIC."""

    gate: str
    check: ValueCheck
    metric: str
    column: int


@dataclass(frozen=True, slots=True)
class _Query:
    gate: str
    check: str | None
    field: str
    text: str

    def finding(self, column: int, severity: Severity, message: str) -> Finding:
        near = self.text[column - 1 : column + _NEAR_CHARACTERS].partition("\n")[0]
        return Finding(self.gate, self.check, self.field, column, severity, message, near)


def lint(gate: Gate) -> list[Finding]:
    """Return what GATE's own text shows."""
    findings = list(_of_matcher(gate))
    for query in _queries(gate):
        findings.extend(_of_query(query))
    return findings


def bucket_limits(gate: Gate) -> list[BucketLimit]:
    """Return the quantile limits of GATE that bucket bounds decide the worth of."""
    return [
        BucketLimit(gate.name, check, metric, code_only(check.query).find("histogram_quantile") + 1)
        for check in gate.checks
        if isinstance(check, ValueCheck)
        for metric in _histograms(check.query)
    ]


def lint_limit(limit: BucketLimit, bounds: Sequence[float]) -> list[Finding]:
    """Return whether LIMIT can be told from what BOUNDS measure."""
    query = _Query(limit.gate, limit.check.name, "query", limit.check.query)
    value, unit = limit.check.limit, limit.check.unit
    if not bounds:
        return [
            query.finding(
                limit.column, Severity.NOTE, f"Prometheus knows no buckets of {limit.metric}: limit not checked"
            )
        ]
    highest = bounds[-1]
    if value >= highest and not limit.check.is_minimum:
        message = f"a quantile never exceeds the highest bucket bound, {in_unit(highest, unit)}: the limit "
        return [query.finding(limit.column, Severity.ERROR, f"{message}{in_unit(value, unit)} cannot be broken")]
    if any(abs(bound - value) <= _NEAR * value for bound in bounds):
        return []
    message = f"the limit {in_unit(value, unit)} lies between the bucket bounds {_around(value, bounds, unit)}"
    return [query.finding(limit.column, Severity.WARNING, f"{message}: what is compared is interpolated, not measured")]


def _queries(gate: Gate) -> Iterator[_Query]:
    if gate.traffic is not None:
        yield _Query(gate.name, None, "traffic", gate.traffic)
    for check in gate.checks:
        if isinstance(check, RatioCheck):
            yield _Query(gate.name, check.name, "bad", check.bad)
            yield _Query(gate.name, check.name, "total", check.total)
        else:
            yield _Query(gate.name, check.name, "query", check.query)


def _of_matcher(gate: Gate) -> Iterator[Finding]:
    if gate.selector is None:
        return
    query = _Query(gate.name, None, "selector", gate.selector)
    unknown = list(_unknown_variables(query, MATCHER_VARIABLES))
    yield from unknown
    before = "up{"
    found = parsed(f"{before}{_filled_with(gate.selector, dict.fromkeys(MATCHER_VARIABLES, 'x'))}}}")
    if isinstance(found, SyntaxProblem) and not unknown:
        yield query.finding(max(1, found.column - len(before)), Severity.ERROR, found.message)


def _of_query(query: _Query) -> list[Finding]:
    findings = list(_unknown_variables(query, QUERY_VARIABLES))
    if findings:
        return findings
    found = parsed(_with_placeholders(query.text))
    if isinstance(found, SyntaxProblem):
        return [query.finding(found.column, Severity.ERROR, found.message)]
    if is_range_or_string(found):
        return [query.finding(1, Severity.ERROR, "gives a range or a text, where one number is needed")]
    findings.extend(_of_counting(query))
    findings.extend(_of_scope(query))
    if not gives_one_series(found):
        findings.append(query.finding(1, Severity.WARNING, "may give several series; aggregate it, as with sum()"))
    return findings


def _unknown_variables(query: _Query, known: Iterable[str]) -> Iterator[Finding]:
    names = {f"${name}" for name in known}
    for position, name in variables_in(query.text):
        if f"${name}" not in names:
            meant = _ELSEWHERE.get(name)
            hint = f"did you mean '${meant}'?" if f"${meant}" in names else suggestion(f"${name}", names)
            yield query.finding(position + 1, Severity.ERROR, f"unknown variable ${name}; {hint}")


def _of_counting(query: _Query) -> Iterator[Finding]:
    if query.field == "query":
        return
    if rate := _PER_SECOND.search(code_only(query.text)):
        message = "rate() gives events per second; count them, with increase(…[$window])"
        yield query.finding(rate.start() + 1, Severity.ERROR, message)


def _of_scope(query: _Query) -> Iterator[Finding]:
    names = {name for _, name in variables_in(query.text)}
    if "selector" not in names:
        severity = Severity.WARNING if query.field == "query" else Severity.ERROR
        yield query.finding(1, severity, "measures every release, not the new one; add $selector")
    for found in _RANGE.finditer(code_only(query.text)):
        if "window" not in found[1]:
            message = f"a fixed range, [{found[1]}], reaches before the step began; write [$window]"
            yield query.finding(found.start() + 1, Severity.WARNING, message)


def _histograms(query: str) -> list[str]:
    found = parsed(_with_placeholders(query))
    return [] if isinstance(found, SyntaxProblem) else histograms_in(found)


def _with_placeholders(text: str) -> str:
    """Return TEXT with its variables replaced by something valid of the same length, so that columns stay."""
    return _filled_with(text, {"selector": "selector", "window": "window"})


def _filled_with(text: str, kinds: dict[str, str]) -> str:
    for position, name in variables_in(text):
        end = position + len(name) + (3 if text[position + 1] == "{" else 1)
        if name in kinds:
            text = text[:position] + _placeholder(kinds[name], end - position) + text[end:]
    return text


def _placeholder(kind: str, length: int) -> str:
    if kind == "selector":
        return f'pod=~"{"x" * (length - 7)}"'
    return f"{'1' * (length - 1)}s" if kind == "window" else "x" * length


def _around(value: float, bounds: Sequence[float], unit: str) -> str:
    below = max((bound for bound in bounds if bound < value), default=0.0)
    above = min((bound for bound in bounds if bound > value), default=bounds[-1])
    return f"{in_unit(below, unit)} and {in_unit(above, unit)}"
