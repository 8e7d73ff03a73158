"""Looks against a stand-in for Prometheus that knows what each query is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from cictl.core.gate import Gate, RatioCheck, ValueCheck
from cictl.core.release_target import ReadyPod, ReleaseTarget
from cictl.core.telemetry import Reading, Sample
from cictl.core.verdict import Verdict
from cictl.errors import CictlError, FarSideFailed, Unreachable
from cictl.services.gates import GateJudge, check_once
from tests.running import FakeClock

BEGAN = 10_000.0
TARGET = ReleaseTarget("shop", "checkout", "checkout-1", (ReadyPod("checkout-1-abcde", BEGAN),))
GATE = Gate(
    "default",
    (
        RatioCheck("errors", "bad({$selector}[$window])", "increase({$selector}[$window])", 0.01),
        ValueCheck("p99", "p99({$selector}[$window])", 0.3, looks=3, unit="seconds"),
    ),
    every_seconds=2.0,
    min_requests=50,
    traffic="increase({$selector}[$window])",
)


@dataclass
class FakePrometheus:
    """Answers by the beginning of a query."""

    clock: FakeClock
    bad: float | CictlError = 0.0
    total: float = 500.0
    p99: float = 0.1
    is_up: float = 1.0
    down: CictlError | None = None
    cost_seconds: float = 0.0
    asked: list[tuple[str, float | None]] = field(default_factory=list)

    def now(self, *, timeout_seconds: float | None = None) -> float:
        self._answer("time()", None, timeout_seconds)
        return self._time()

    def query(self, promql: str, *, at: float | None = None, timeout_seconds: float | None = None) -> Reading:
        self._answer(promql, at, timeout_seconds)
        if promql.startswith("label_replace"):
            return self._targets()
        value = {"bad": self.bad, "((m": self.total, "p99": self.p99}[promql[:3]]
        if isinstance(value, CictlError):
            raise value
        return Reading((Sample({}, value, self._time()),))

    def _answer(self, promql: str, at: float | None, timeout_seconds: float | None) -> None:
        self.asked.append((promql, at))
        assert timeout_seconds is None or timeout_seconds > 0
        self.clock.sleep(self.cost_seconds)
        if self.down is not None:
            raise self.down

    def _time(self) -> float:
        return BEGAN + self.clock.monotonic()

    def _targets(self) -> Reading:
        labels = {"pod": "checkout-1-abcde", "instance": "10.0.0.1:9102"}
        values = {"up": self.is_up, "scraped": self._time(), "scrapes": 10.0}
        samples = [Sample({**labels, "cictl_part": part}, value, self._time()) for part, value in values.items()]
        return Reading((*samples, Sample({"cictl_part": "now"}, self._time(), self._time())))


@pytest.fixture
def prometheus(clock: FakeClock) -> FakePrometheus:
    clock.sleep(60)
    return FakePrometheus(clock)


def _judge(prometheus: FakePrometheus) -> GateJudge:
    return GateJudge(prometheus, monotonic=prometheus.clock.monotonic)


@pytest.mark.parametrize(
    ("change", "verdict", "reason"),
    [
        pytest.param({}, Verdict.HEALTHY, "errors 0 of 500", id="healthy"),
        pytest.param({"bad": 50.0}, Verdict.UNHEALTHY, "errors: 50 of 500", id="bad"),
        pytest.param({"total": 20.0}, Verdict.INSUFFICIENT, "traffic: 20 of 50 requests", id="little-traffic"),
        pytest.param({"is_up": 0.0}, Verdict.UNKNOWN, "targets: Prometheus cannot scrape checkout-1-abcde", id="down"),
        pytest.param({"p99": 0.5}, Verdict.INSUFFICIENT, "p99: 500ms", id="slow-once"),
        pytest.param({"bad": FarSideFailed("no such function")}, Verdict.UNKNOWN, "no such function", id="refused"),
        pytest.param({"down": Unreachable("nobody there")}, Verdict.UNKNOWN, "nobody there", id="unreachable"),
        pytest.param({"cost_seconds": 2.0}, Verdict.UNKNOWN, "took too long", id="slow-prometheus"),
    ],
)
def test_look(prometheus: FakePrometheus, change: dict[str, float], verdict: Verdict, reason: str) -> None:
    for name, value in change.items():
        setattr(prometheus, name, value)
    result = _judge(prometheus).begin(GATE, BEGAN).look(TARGET)
    assert result.verdict is verdict, result
    assert reason in result.reason


def test_a_look_is_of_one_moment_and_asks_each_query_once(prometheus: FakePrometheus) -> None:
    watch = _judge(prometheus).begin(GATE, BEGAN)
    watch.look(TARGET)
    assert [promql.partition("(")[0] for promql, _ in prometheus.asked[:2]] == ["time", "label_replace"]
    assert {at for _, at in prometheus.asked[2:]} == {BEGAN + 60}
    assert len(prometheus.asked) == 5
    watch.look(TARGET)
    assert len(prometheus.asked) == 9


def test_queries_reach_back_to_the_step_and_no_further(prometheus: FakePrometheus) -> None:
    _judge(prometheus).begin(GATE, BEGAN).look(TARGET)
    asked = {promql.partition("(")[0]: promql for promql, _ in prometheus.asked}
    pods = 'namespace="shop",pod=~"checkout-1-[a-z0-9]{5}"'
    assert asked["p99"] == f"p99({{{pods}}}[54s])", "less one scrape, of 6 s, that a rate is stretched back by"
    assert asked["bad"] == f"bad({{{pods}}}[60s])"
    largest, smallest = f"max_over_time({{{pods}}}[60s])", f"min_over_time({{{pods}}}[60s])"
    assert asked[""] == f"(({largest} - ({smallest} and {{{pods}}} offset 60s)) or {largest})"


def test_a_value_must_be_broken_at_several_looks(prometheus: FakePrometheus) -> None:
    prometheus.p99 = 0.5
    watch = _judge(prometheus).begin(GATE, BEGAN)
    verdicts = []
    for _ in range(3):
        verdicts.append(watch.look(TARGET).verdict)
        prometheus.clock.sleep(watch.every_seconds)
    assert verdicts == [Verdict.INSUFFICIENT, Verdict.INSUFFICIENT, Verdict.UNHEALTHY]


def test_looks_without_a_new_scrape_are_one_look(prometheus: FakePrometheus) -> None:
    prometheus.p99 = 0.5
    watch = _judge(prometheus).begin(GATE, BEGAN)
    assert {watch.look(TARGET).verdict for _ in range(9)} == {Verdict.INSUFFICIENT}


def test_an_outage_does_not_forget_the_looks_before(prometheus: FakePrometheus) -> None:
    prometheus.p99 = 0.5
    watch, verdicts = _judge(prometheus).begin(GATE, BEGAN), []
    for down in (None, Unreachable("away"), None, Unreachable("away"), None):
        prometheus.down = down
        verdicts.append(watch.look(TARGET).verdict)
        prometheus.clock.sleep(2)
    assert verdicts[-1] is Verdict.UNHEALTHY


@pytest.mark.parametrize(
    ("share", "checks", "needed"),
    [
        pytest.param(1.0, 1, 100.0, id="all-of-it"),
        pytest.param(0.25, 1, 400.0, id="a-quarter"),
        pytest.param(1.0, 2, 200.0, id="shared-by-two-ratios"),
    ],
)
def test_alpha_is_shared(prometheus: FakePrometheus, share: float, checks: int, needed: float) -> None:
    ratio = RatioCheck("r", "bad()", "increase(x[1s])", 0.01)
    gate = Gate("g", (ratio,) * checks, alpha=0.01)
    result = _judge(prometheus).begin(gate, BEGAN, alpha_share=share).look(TARGET)
    assert result.checks[-1].evidence["eNeeded"] == pytest.approx(needed)


def test_a_step_that_begins_in_prometheus_future_is_unknown(prometheus: FakePrometheus) -> None:
    result = _judge(prometheus).begin(GATE, BEGAN + 63.0).look(TARGET)
    assert result.verdict is Verdict.UNKNOWN
    assert "clock is 3.0 s behind" in result.reason


def test_an_error_after_a_good_look_says_when(prometheus: FakePrometheus) -> None:
    watch = _judge(prometheus).begin(GATE, BEGAN)
    watch.look(TARGET)
    prometheus.down = Unreachable("away")
    prometheus.clock.sleep(5)
    assert watch.look(TARGET).at == BEGAN + 65


def test_check_once_needs_no_repetition(prometheus: FakePrometheus) -> None:
    prometheus.p99 = 0.5
    checked = check_once(GATE, TARGET, prometheus, window_seconds=30)
    assert checked.result.verdict is Verdict.UNHEALTHY
    assert checked.target is TARGET


def test_an_answer_that_is_none_is_unknown(clock: FakeClock) -> None:
    class Empty:
        def now(self, *, timeout_seconds: float | None = None) -> float:
            assert timeout_seconds
            return BEGAN + 9

        def query(self, promql: str, *, at: float | None = None, timeout_seconds: float | None = None) -> Reading:
            assert promql
            assert at is None
            assert timeout_seconds
            return Reading()

    monotonic: Callable[[], float] = clock.monotonic
    result = GateJudge(Empty(), monotonic=monotonic).begin(GATE, BEGAN).look(TARGET)
    assert (result.verdict, result.reason) == (Verdict.UNKNOWN, "Prometheus does not say what time it is")
