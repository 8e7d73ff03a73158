"""Looks at one release through Prometheus and says what its gate says; promotes nothing and takes nothing back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from cictl.core.gate import Gate, RatioCheck
from cictl.core.gate_rules import Look, judge, requests_of, unknown
from cictl.core.promql_text import exact_counts
from cictl.core.release_target import ReleaseTarget
from cictl.core.selector import expand, selector_of, window_text
from cictl.core.telemetry import Measurement, Reading, Targets, measurement, read_targets, targets_query
from cictl.core.verdict import GateResult
from cictl.errors import CictlError, TimedOut

_LOOK_SECONDS = 5.0
_QUERIES_AT_ONCE = 4


class PrometheusReader(Protocol):
    """Evaluates queries; every trouble is a `CictlError`."""

    def query(self, promql: str, *, at: float | None = None, timeout_seconds: float | None = None) -> Reading:
        """Evaluate PROMQL at AT (epoch seconds, by default the server's own now)."""

    def now(self, *, timeout_seconds: float | None = None) -> float:
        """Return the server's time in seconds since the epoch."""


class GateJudge:
    """Begins a watch for each step of a rollout."""

    def __init__(
        self,
        prometheus: PrometheusReader,
        *,
        look_seconds: float = _LOOK_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask PROMETHEUS, and end each look after LOOK_SECONDS by MONOTONIC."""
        self._prometheus = prometheus
        self._look_seconds = look_seconds
        self._monotonic = monotonic

    def begin(self, gate: Gate, step_began: float, *, alpha_share: float = 1.0) -> GateWatch:
        """Watch GATE since STEP_BEGAN (epoch seconds by the API server); the same arguments go on with the same counts.

        ALPHA_SHARE is this step's part of the gate's alpha, for a rollout that is to keep alpha over all its steps.
        """
        return GateWatch(
            self._prometheus,
            gate,
            step_began,
            alpha_share=alpha_share,
            look_seconds=self._look_seconds,
            monotonic=self._monotonic,
        )


class GateWatch:
    """One gate during one step; remembers only the looks in a row and how far Prometheus' clock is from ours."""

    def __init__(
        self,
        prometheus: PrometheusReader,
        gate: Gate,
        step_began: float,
        *,
        alpha_share: float,
        look_seconds: float,
        monotonic: Callable[[], float],
    ) -> None:
        """Judge GATE by what PROMETHEUS has of the time since STEP_BEGAN."""
        self.every_seconds = gate.every_seconds
        self._prometheus, self._gate, self._began = prometheus, gate, step_began
        self._look_seconds, self._monotonic = look_seconds, monotonic
        ratios = sum(isinstance(check, RatioCheck) for check in gate.checks)
        self._alpha = gate.alpha * alpha_share / max(1, ratios)
        self._streaks: Mapping[str, int] = {}
        self._scraped_at = 0.0
        self._offset: float | None = None

    def look(self, target: ReleaseTarget) -> GateResult:
        """Return the gate's verdict on TARGET now; trouble with telemetry is a verdict, never an error."""
        budget = _Budget(self._monotonic, self._look_seconds)
        try:
            return self._look(target, budget)
        except CictlError as error:
            return unknown(self._gate, error.message, at=self._estimated_now(budget) or self._began)

    def _look(self, target: ReleaseTarget, budget: _Budget) -> GateResult:
        selector = selector_of(target, self._gate.selector)
        targets = self._targets(target, selector, budget)
        elapsed = targets.now - self._began
        if elapsed <= 0:
            behind = f"Prometheus' clock is {-elapsed:.1f} s behind the beginning of the step"
            return unknown(self._gate, behind, at=targets.now)
        queries = _queries_of(self._gate, selector, elapsed=elapsed, scrape_seconds=targets.scrape_seconds)
        measured = self._measure(queries, targets.now, budget)
        look = Look(
            targets,
            self._alpha,
            requests_of(self._gate, measured),
            self._gate.min_requests,
            is_new=targets.scraped_at > self._scraped_at,
            window=window_text(elapsed),
        )
        judged = judge(self._gate, look, measured, self._streaks)
        if targets.fault is None:
            self._scraped_at = targets.scraped_at
        self._streaks = judged.streaks
        return judged.result

    def _targets(self, target: ReleaseTarget, selector: str, budget: _Budget) -> Targets:
        """Ask for the release's targets; the answer also says what time it is at Prometheus."""
        now = self._estimated_now(budget)
        if now is None:
            now = self._prometheus.now(timeout_seconds=budget.left())
        window_seconds = max(1.0, now - self._began)
        query = targets_query(selector, window_text(window_seconds))
        reading = self._prometheus.query(query, timeout_seconds=budget.left())
        found = read_targets(reading, target, window_seconds=window_seconds)
        if found is None:
            raise TimedOut("Prometheus does not say what time it is")
        self._offset = found.now - budget.now()
        return found

    def _estimated_now(self, budget: _Budget) -> float | None:
        return None if self._offset is None else budget.now() + self._offset

    def _measure(self, queries: Mapping[str, str], at: float, budget: _Budget) -> dict[str, Measurement]:
        """Ask each query once, all about the same moment, however many checks use it."""
        ask = partial(self._ask, at=at, budget=budget)
        with ThreadPoolExecutor(max_workers=_QUERIES_AT_ONCE, thread_name_prefix="gate-query") as pool:
            return dict(zip(queries, pool.map(ask, queries.values()), strict=True))

    def _ask(self, promql: str, *, at: float, budget: _Budget) -> Measurement:
        try:
            return measurement(promql, self._prometheus.query(promql, at=at, timeout_seconds=budget.left()))
        except CictlError as error:
            return Measurement(promql, problem=error.message)


@dataclass(frozen=True, slots=True)
class CheckedRelease:
    """What `gate check` found, and of whom."""

    target: ReleaseTarget
    result: GateResult


def check_once(
    gate: Gate, target: ReleaseTarget, prometheus: PrometheusReader, *, window_seconds: float
) -> CheckedRelease:
    """Judge TARGET by what happened in the last WINDOW_SECONDS; a value broken once is then bad already."""
    watch = GateJudge(prometheus).begin(_without_repetition(gate), prometheus.now() - window_seconds)
    return CheckedRelease(target, watch.look(target))


class _Budget:
    """The time that one look may take."""

    def __init__(self, monotonic: Callable[[], float], seconds: float) -> None:
        self.now = monotonic
        self._deadline = monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that remain; none is an error."""
        if (left := self._deadline - self.now()) <= 0:
            raise TimedOut("Prometheus took too long for one look")
        return left


def _without_repetition(gate: Gate) -> Gate:
    checks = tuple(check if isinstance(check, RatioCheck) else replace(check, looks=1) for check in gate.checks)
    return replace(gate, checks=checks)


def _queries_of(gate: Gate, selector: str, *, elapsed: float, scrape_seconds: float) -> dict[str, str]:
    """Return what to ask for each query of GATE as it is written, ELAPSED seconds after the step began."""
    # Counts begin at the first scrape of the step by themselves; rates are stretched back, by one scrape at most.
    window, rate_window = window_text(elapsed), window_text(elapsed - scrape_seconds)
    counts = {text: expand(exact_counts(text), selector=selector, window=window) for text in _counts_of(gate)}
    return {text: expand(text, selector=selector, window=rate_window) for text in _values_of(gate)} | counts


def _counts_of(gate: Gate) -> Sequence[str]:
    """Return the queries that count events."""
    pairs = [(check.bad, check.total) for check in gate.checks if isinstance(check, RatioCheck)]
    return [*(query for pair in pairs for query in pair), *([gate.traffic] if gate.traffic else [])]


def _values_of(gate: Gate) -> Sequence[str]:
    return [check.query for check in gate.checks if not isinstance(check, RatioCheck)]
