from __future__ import annotations

import pytest

from cictl.core.gate import Gate, ValueCheck
from cictl.core.gate_lint_rules import Finding, Severity
from cictl.errors import Unreachable
from cictl.services.gate_lint import GateLint, Place

P99 = ValueCheck("p99", "histogram_quantile(0.99, sum by (le) (rate(s_bucket{$selector}[$window])))", 0.3)
GOOD, TYPO = Gate("good", (P99,)), Gate("typo", (), traffic="sum(x{$selectr})")


class Buckets:
    def __init__(self, *bounds: float) -> None:
        self.bounds = bounds

    def bucket_bounds(self, metric: str) -> tuple[float, ...]:
        assert metric == "s_bucket"
        return self.bounds


class Nobody:
    def bucket_bounds(self, metric: str) -> tuple[float, ...]:
        raise Unreachable(f"nobody knows {metric}")


def _on_line_7(_: Finding) -> Place:
    return Place("cictl.yaml", 7, 11)


@pytest.mark.parametrize(
    ("buckets", "severity", "message"),
    [
        pytest.param(Buckets(0.1, 1.0), Severity.WARNING, "between the bucket bounds 0.1 and 1", id="between"),
        pytest.param(Nobody(), Severity.NOTE, "nobody knows s_bucket", id="unreachable"),
        pytest.param(None, Severity.NOTE, "Prometheus was not asked", id="offline"),
    ],
)
def test_limits(buckets: Buckets | Nobody | None, severity: Severity, message: str) -> None:
    found = GateLint(buckets, _on_line_7).lint([GOOD])
    assert [item.finding.severity for item in found] == [severity]
    assert message in found[0].finding.message


def test_a_limit_on_a_bound_is_no_finding() -> None:
    assert GateLint(Buckets(0.3, 1.0), _on_line_7).lint([GOOD]) == []


def test_the_column_is_that_of_the_file() -> None:
    assert str(GateLint(None, _on_line_7).lint([TYPO])[0].place) == "cictl.yaml:7:17"


def test_without_a_column_the_line_must_do() -> None:
    assert str(GateLint(None, lambda _: Place("cictl.yaml", 7)).lint([TYPO])[0].place) == "cictl.yaml:7"
