from __future__ import annotations

import promql_parser
import pytest

from cictl.core.promql_shape import gives_one_series, histograms_in, is_range_or_string


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sum(a)", True),
        ("(sum(a) + max(b)) / 2", True),
        ("-sum(a)", True),
        ("scalar(a)", True),
        ("clamp_max(sum(a), 1)", True),
        ("histogram_quantile(0.9, sum by (le) (rate(a_bucket[1m])))", True),
        ("histogram_quantile(0.9, sum(rate(a[1m])))", True),
        ("a", False),
        ("rate(a[1m])", False),
        ("sum by (pod) (a)", False),
        ("sum without (pod) (a)", False),
        ("topk(1, a)", False),
        ("sum(a) / b", False),
        ("abs(a)", False),
        ("histogram_quantile(0.9, rate(a_bucket[1m]))", False),
        ("histogram_quantile(0.9, sum by (le, pod) (rate(a_bucket[1m])))", False),
    ],
)
def test_gives_one_series(query: str, *, expected: bool) -> None:
    assert gives_one_series(promql_parser.parse(query)) is expected


@pytest.mark.parametrize(("query", "expected"), [("a[1m]", True), ("a[1h:1m]", True), ('"x"', True), ("a", False)])
def test_is_range_or_string(query: str, *, expected: bool) -> None:
    assert is_range_or_string(promql_parser.parse(query)) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("histogram_quantile(0.9, sum by (le) (rate(a_bucket[1m])))", ["a_bucket"]),
        ("max(histogram_quantile(0.9, a_bucket) - histogram_quantile(0.5, a_bucket))", ["a_bucket"]),
        ("sum(rate(a_bucket[1m]))", []),
        ("histogram_quantile(0.9, sum(native))", []),
    ],
)
def test_histograms_in(query: str, expected: list[str]) -> None:
    assert histograms_in(promql_parser.parse(query)) == expected
