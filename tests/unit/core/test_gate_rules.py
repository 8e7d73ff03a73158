"""The verdict table: what is seen, and what is said of it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.gate import Gate, RatioCheck, ValueCheck
from cictl.core.gate_rules import Look, in_unit, judge, judge_ratio, judge_traffic, judge_value, requests_of, unknown
from cictl.core.telemetry import Measurement, Targets
from cictl.core.verdict import Verdict

H, U, N, I = Verdict.HEALTHY, Verdict.UNHEALTHY, Verdict.UNKNOWN, Verdict.INSUFFICIENT  # noqa: E741 - a table's words
RATIO = RatioCheck("errors", "bad", "total", 0.01)
VALUE = ValueCheck("p99", "p99", 0.3, looks=3, unit="seconds")
WHOLE = Targets(now=1000.0, count=2, scrapes={"a": 9, "b": 8})
DOWN = Targets(now=1000.0, fault="a is down")
MANY = 1000.0


def _look(
    *,
    fault: bool = False,
    requests: float | None = MANY,
    min_requests: int = 200,
    is_new: bool = True,
    alpha: float = 0.01,
) -> Look:
    return Look(DOWN if fault else WHOLE, alpha, requests, min_requests, is_new)


def _m(value: float | None, problem: str | None = None) -> Measurement:
    return Measurement("as run", value, problem)


@pytest.mark.parametrize(
    ("bad", "total", "look", "verdict", "reason"),
    [
        pytest.param(_m(0), _m(500), _look(), H, "0 of 500 (0%), at most 1%", id="no-errors"),
        pytest.param(_m(None), _m(500), _look(), H, "0 of 500", id="no-error-series-is-none-bad"),
        pytest.param(_m(4), _m(500), _look(), H, "4 of 500 (0.8%)", id="below"),
        pytest.param(_m(5), _m(500), _look(), H, "5 of 500 (1%)", id="at-the-limit"),
        pytest.param(_m(6), _m(500), _look(), I, "not certain yet", id="above-perhaps-by-chance"),
        pytest.param(_m(13), _m(500), _look(), I, "not certain yet", id="leans-to-bad"),
        pytest.param(_m(25), _m(500), _look(), U, "25 of 500 (5%), at most 1%: evidence", id="bad"),
        pytest.param(_m(25), _m(500), _look(alpha=1e-9), I, "not certain yet", id="bad-for-another-alpha"),
        pytest.param(_m(25), _m(500), _look(fault=True), U, "evidence", id="bad-though-a-target-is-down"),
        pytest.param(_m(9), _m(9), _look(requests=9), U, "evidence", id="all-bad-is-enough-however-few"),
        pytest.param(_m(0), _m(500), _look(fault=True), N, "a is down", id="good-but-a-target-is-down"),
        pytest.param(_m(0), _m(20), _look(requests=20), I, "too few requests", id="good-but-few"),
        pytest.param(_m(None), _m(None), _look(requests=0), I, "no events", id="nothing-happened"),
        pytest.param(_m(0), _m(0), _look(requests=0), I, "no events", id="zero-events"),
        pytest.param(_m(None), _m(None), _look(fault=True), N, "a is down", id="nothing-seen"),
        pytest.param(_m(3), _m(None), _look(), N, "must select a part", id="bad-without-total"),
        pytest.param(_m(30), _m(20), _look(), N, "30 bad out of 20", id="more-bad-than-total"),
        pytest.param(_m(math.nan), _m(20), _look(), N, "bad is nan", id="bad-is-nan"),
        pytest.param(_m(0), _m(math.nan), _look(), N, "total is nan", id="total-is-nan"),
        pytest.param(_m(-1), _m(20), _look(), N, "no count", id="negative"),
        pytest.param(_m(0), _m(math.inf), _look(), N, "no count", id="infinite"),
        pytest.param(_m(None, "2 series"), _m(9), _look(), N, "bad: 2 series", id="problem-of-bad"),
        pytest.param(_m(0), _m(None, "refused"), _look(), N, "total: refused", id="problem-of-total"),
    ],
)
def test_ratio(bad: Measurement, total: Measurement, look: Look, verdict: Verdict, reason: str) -> None:
    result = judge_ratio(RATIO, bad, total, look)
    assert result.verdict is verdict, result
    assert reason in result.reason


def test_ratio_evidence_is_complete() -> None:
    result = judge_ratio(RATIO, _m(25), _m(500), _look())
    assert (result.value, result.limit, result.unit) == (0.05, 0.01, "ratio")
    evidence = dict(result.evidence)
    assert isinstance(value := evidence.pop("eValue"), float)
    assert value > 1e6
    assert evidence == {
        "badQuery": "as run", "totalQuery": "as run", "at": 1000.0, "bad": 25, "total": 500, "eNeeded": 100.0,
    }  # fmt: skip


@given(st.floats(0, 50), st.floats(0, 2000))
def test_fractions_never_add_evidence(bad: float, total: float) -> None:
    counts = dict(judge_ratio(RATIO, _m(bad), _m(total), _look()).evidence)
    if isinstance(seen_bad := counts.get("bad"), int) and isinstance(seen_total := counts.get("total"), int):
        assert seen_bad <= bad
        assert seen_bad <= seen_total
        assert total <= seen_total


@pytest.mark.parametrize(
    ("found", "look", "streak", "verdict", "reason", "after"),
    [
        pytest.param(_m(0.2), _look(), 0, H, "200ms, at most 300ms", 0, id="within"),
        pytest.param(_m(0.3), _look(), 2, H, "300ms", 0, id="at-the-limit-ends-the-row"),
        pytest.param(_m(0.4), _look(), 0, I, "broken at 1 of 3", 1, id="broken-once"),
        pytest.param(_m(0.4), _look(), 1, I, "broken at 2 of 3", 2, id="broken-twice"),
        pytest.param(_m(0.4), _look(), 2, U, "broken at 3 of 3", 3, id="broken-three-times"),
        pytest.param(_m(0.4), _look(is_new=False), 2, I, "broken at 2 of 3", 2, id="the-same-scrape-is-no-new-look"),
        pytest.param(_m(0.4), _look(is_new=False), 3, U, "broken at 3 of 3", 3, id="proof-stays"),
        pytest.param(_m(0.4), _look(fault=True), 2, N, "a is down", 2, id="a-fault-neither-adds-nor-ends"),
        pytest.param(_m(0.2), _look(fault=True), 2, N, "a is down", 2, id="nor-when-good"),
        pytest.param(_m(0.4), _look(requests=3), 2, I, "too few requests", 2, id="a-quantile-of-three-requests"),
        pytest.param(_m(math.nan), _look(requests=0), 0, I, "too few requests", 0, id="nan-without-traffic"),
        pytest.param(_m(math.nan), _look(), 0, N, "NaN although there is traffic", 0, id="nan-with-traffic"),
        pytest.param(_m(math.nan), _look(fault=True), 0, N, "a is down", 0, id="nan-with-a-fault"),
        pytest.param(_m(None), _look(), 0, N, "no data although", 0, id="empty-with-traffic"),
        pytest.param(_m(None), _look(requests=0, min_requests=0), 0, I, "too few", 0, id="empty-without-traffic"),
        pytest.param(_m(math.inf), _look(), 2, N, "the query gives inf", 2, id="infinite"),
        pytest.param(_m(0.1, "warns"), _look(), 1, N, "warns", 1, id="problem"),
        pytest.param(_m(0.2), _look(requests=None), 0, H, "200ms", 0, id="traffic-is-not-asked-for"),
    ],
)
def test_value(found: Measurement, look: Look, streak: int, verdict: Verdict, reason: str, after: int) -> None:
    result, streak_after = judge_value(VALUE, found, look, streak=streak)
    assert result.verdict is verdict, result
    assert reason in result.reason
    assert streak_after == after


@pytest.mark.parametrize(("value", "verdict"), [(9.0, U), (10.0, H), (11.0, H)])
def test_minimum(value: float, verdict: Verdict) -> None:
    check = ValueCheck("hits", "hits", 10.0, is_minimum=True)
    assert judge_value(check, _m(value), _look(), streak=0)[0].verdict is verdict


@pytest.mark.parametrize(
    ("found", "look", "verdict"),
    [
        pytest.param(_m(300), _look(requests=300), H, id="enough"),
        pytest.param(_m(100), _look(requests=100), I, id="few"),
        pytest.param(_m(None), _look(requests=0), I, id="none"),
        pytest.param(_m(None), _look(requests=0, fault=True), N, id="none-seen"),
        pytest.param(_m(None, "2 series"), _look(requests=0), N, id="problem"),
    ],
)
def test_traffic(found: Measurement, look: Look, verdict: Verdict) -> None:
    assert judge_traffic(found, look).verdict is verdict


GATE = Gate("default", (RATIO, VALUE), min_requests=200, traffic="total")


@pytest.mark.parametrize(
    ("bad", "p99", "fault", "verdict", "reason"),
    [
        pytest.param(0, 0.2, False, H, "errors 0 of 1000 (0%), at most 1%; p99 200ms, at most 300ms", id="healthy"),
        pytest.param(90, 0.2, False, U, "errors: 90 of 1000", id="one-bad-check-decides"),
        pytest.param(90, 0.2, True, U, "errors: 90 of 1000", id="proof-outweighs-a-fault"),
        pytest.param(0, 0.2, True, N, "targets: a is down", id="fault"),
        pytest.param(0, 0.4, False, I, "p99: 400ms", id="not-certain"),
    ],
)
def test_gate(bad: float, p99: float, *, fault: bool, verdict: Verdict, reason: str) -> None:
    measured = {"bad": _m(bad), "total": _m(MANY), "p99": _m(p99)}
    judged = judge(GATE, _look(fault=fault), measured, {})
    assert judged.result.verdict is verdict
    assert judged.result.reason.startswith(reason)
    assert [check.name for check in judged.result.checks] == ["targets", "traffic", "errors", "p99"]
    assert judged.result.at == 1000.0


def test_streaks_go_from_look_to_look() -> None:
    measured = {"bad": _m(0), "total": _m(MANY), "p99": _m(0.4)}
    verdicts: list[Verdict] = []
    streaks: dict[str, int] = {}
    for _ in range(3):
        judged = judge(GATE, _look(), measured, streaks)
        verdicts.append(judged.result.verdict)
        streaks = dict(judged.streaks)
    assert verdicts == [I, I, U]


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        pytest.param(GATE, MANY, id="traffic"),
        pytest.param(Gate("g", (RATIO,)), MANY, id="first-total"),
        pytest.param(Gate("g", (VALUE,)), None, id="nothing-counts"),
        pytest.param(Gate("g", (VALUE,), traffic="nothing"), 0.0, id="no-data-is-none"),
    ],
)
def test_requests_of(gate: Gate, expected: float | None) -> None:
    assert requests_of(gate, {"total": _m(MANY), "p99": _m(0.1), "nothing": _m(None)}) == expected


def test_unknown() -> None:
    result = unknown(GATE, "not there", at=7.0)
    assert (result.gate, result.verdict, result.reason, result.at, result.checks) == (
        "default",
        N,
        "not there",
        7.0,
        (),
    )


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.0123456, "ratio", "1.23%"), (0.25, "seconds", "250ms"), (0.0004, "seconds", "0.4ms"),
        (90, "seconds", "1m30s"),
        (12345.678, "", "1.235e+04"), (3, "", "3"), (math.nan, "", "nan"),
    ],
)  # fmt: skip
def test_in_unit(value: float, unit: str, expected: str) -> None:
    assert in_unit(value, unit) == expected
