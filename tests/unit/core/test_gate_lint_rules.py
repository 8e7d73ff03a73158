from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.core.gate import Gate, RatioCheck, ValueCheck
from cictl.core.gate_lint_rules import BucketLimit, Severity, bucket_limits, lint, lint_limit

GOOD = "sum(increase(x{$selector}[$window]))"
P99 = ValueCheck(
    "p99", "histogram_quantile(0.99, sum by (le) (rate(s_bucket{$selector}[$window])))", 0.3, unit="seconds"
)
GATE = Gate("default", (RatioCheck("errors", GOOD, GOOD, 0.01), P99), traffic=GOOD)
ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


def test_a_good_gate_has_no_findings() -> None:
    assert lint(GATE) == []


@pytest.mark.parametrize(
    ("traffic", "expected"),
    [
        pytest.param("sum(x{$selectr})", [(ERROR, 7, "did you mean '$selector'?")], id="typo"),
        pytest.param(
            "sum(increase(x{$selector}[$__rate_interval]))", [(ERROR, 27, "did you mean '$window'?")], id="grafana"
        ),
        pytest.param("sum(increase(x{$selector}[$window))", [(ERROR, 34, "unexpected character")], id="syntax"),
        pytest.param("sum(rate(x{$selector}[$window]))", [(ERROR, 5, "events per second")], id="rate"),
        pytest.param("sum(increase(x[$window]))", [(ERROR, 1, "add $selector")], id="all-releases"),
        pytest.param("sum(increase(x{$selector}[5m]))", [(WARNING, 26, "write [$window]")], id="fixed-range"),
        pytest.param("increase(x{${selector}}[${window}])", [(WARNING, 1, "several series")], id="several"),
        pytest.param("x{$selector}[$window]", [(ERROR, 1, "a range or a text")], id="range"),
    ],
)
def test_queries(traffic: str, expected: list[tuple[Severity, int, str]]) -> None:
    found = lint(replace(GATE, traffic=traffic))
    assert [(item.severity, item.column) for item in found] == [(severity, column) for severity, column, _ in expected]
    assert all(part in item.message for item, (_, _, part) in zip(found, expected, strict=True))
    assert {(item.gate, item.check, item.field) for item in found} == {("default", None, "traffic")}


def test_a_value_may_be_of_all_releases_but_it_is_said() -> None:
    found = lint(Gate("g", (ValueCheck("v", "sum(x)", 1),)))
    assert [(item.severity, item.check, item.field) for item in found] == [(WARNING, "v", "query")]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        pytest.param('version="$release",ns="$namespace"', [], id="good"),
        pytest.param('version="$releas"', [(10, "did you mean '$release'?")], id="typo"),
        pytest.param('version="$release" x', [(20, "invalid promql query")], id="syntax"),
    ],
)
def test_matcher(selector: str, expected: list[tuple[int, str]]) -> None:
    found = lint(replace(GATE, selector=selector))
    assert [item.column for item in found] == [column for column, _ in expected]
    assert all(part in item.message for item, (_, part) in zip(found, expected, strict=True))


def test_near_shows_the_text() -> None:
    assert lint(replace(GATE, traffic="sum(\n  rate(x{$selector}[$window]))"))[0].near == "rate(x{$selector}[$wi"


def test_bucket_limits() -> None:
    assert bucket_limits(GATE) == [BucketLimit("default", P99, "s_bucket", 1)]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        pytest.param((0.1, 0.3, 1.0), [], id="on-a-bound"),
        pytest.param((0.1, 0.32, 1.0), [], id="near-a-bound"),
        pytest.param((0.1, 1.0), [(WARNING, "300ms lies between the bucket bounds 100ms and 1s")], id="between"),
        pytest.param((1.0,), [(WARNING, "between the bucket bounds 0ms and 1s")], id="below-the-first"),
        pytest.param((0.1, 0.2), [(ERROR, "300ms cannot be broken")], id="above-the-highest"),
        pytest.param((0.1, 0.3), [(ERROR, "300ms cannot be broken")], id="at-the-highest"),
        pytest.param((), [(NOTE, "knows no buckets of s_bucket")], id="unknown"),
    ],
)
def test_lint_limit(bounds: tuple[float, ...], expected: list[tuple[Severity, str]]) -> None:
    found = lint_limit(bucket_limits(GATE)[0], bounds)
    assert [item.severity for item in found] == [severity for severity, _ in expected]
    assert all(part in item.message for item, (_, part) in zip(found, expected, strict=True))
