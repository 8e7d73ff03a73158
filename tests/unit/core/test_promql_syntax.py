from __future__ import annotations

import pytest

from cictl.core.promql_syntax import _TOKEN, SyntaxProblem, _can_begin, parsed

VALID = [
    'sum(increase(http_requests_total{pod=~"xx",code=~"5.."}[123456s]))',
    'histogram_quantile(0.99, sum by (le) (rate(seconds_bucket{pod=~"xx"}[123456s])))',
    "sum(rate(a[5m])) / sum(rate(b[5m])) > bool 0.1",
    'label_replace(up, "a", "$1", "b", "(.*)")',
    "max by (x, y) (a offset 5m) and on (x) b",
    "sum(a) by (le) unless ignoring(x) b",
    "max_over_time(rate(a[5m])[1h:5m])",
    'a{b!~"x",c!="d",} @ 160',
    "-a ^ 2 % 3",
    "quantile_over_time(0.9, a[5m])",
    "topk(3, a)",
    'count_values("x", a)',
    "vector(1) or absent(a)",
    "clamp(a, 0, 1)",
    'a{b="c"} @ end() offset -1m',
    "sum(a) / on (x) group_left (z) b",
    "sum by (a) (rate(x[1m])) / sum by (a) (rate(y[1m]))",
]


@pytest.mark.parametrize("query", VALID)
def test_valid_queries_have_no_wrong_token(query: str) -> None:
    assert not isinstance(parsed(query), SyntaxProblem)
    for token in _TOKEN.finditer(query):
        assert _can_begin(query[: token.end()]), query[: token.end()]


@pytest.mark.parametrize(
    ("query", "marker"),
    [
        ('sum(rate(a{b="c"[5m]))', "                ^"),
        ("sum(rate(a[5m]) > 1", "   ^"),
        ("a b", "  ^"),
        ("sum(a))", "      ^"),
        ("sum(a) foo(b)", "       ^"),
        ("a{b c}", "    ^"),
        ("1 + rat(a[5m])", "    ^"),
        ("sum(a +)", "       ^"),
        ('a{b="c",,}', "        ^"),
        ("sum by le (a)", "       ^"),
        ("a[5x]", "  ^"),
        ("sum(rate(a))", "    ^"),
        ("", "^"),
        ("a ==", "    ^"),
        ('a{b=~"["}', "     ^"),
        ('a{b="', "    ^"),
    ],
)
def test_column(query: str, marker: str) -> None:
    found = parsed(query)
    assert isinstance(found, SyntaxProblem)
    assert found.column == len(marker), f"{query}\n{' ' * (found.column - 1)}^ {found.message}"
