from __future__ import annotations

import promql_parser
import pytest

from cictl.core.promql_text import closing_of, code_only, exact_counts, open_brackets


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(
            'sum(increase(a{b="c"}[5s]))',
            'sum(((max_over_time(a{b="c"}[5s]) - (min_over_time(a{b="c"}[5s]) and a{b="c"} offset 5s))'
            ' or max_over_time(a{b="c"}[5s])))',
            id="one",
        ),
        pytest.param(
            'sum by (x) (increase (a{b=~"\\\\d)"}[5s] offset 1m))',
            'sum by (x) ((max_over_time(a{b=~"\\\\d)"}[5s] offset 1m) - min_over_time(a{b=~"\\\\d)"}[5s] offset 1m)))',
            id="escapes-and-offset-stay",
        ),
        pytest.param(
            "increase(a[1s]) + increase(b[2s])",
            "((max_over_time(a[1s]) - (min_over_time(a[1s]) and a offset 1s)) or max_over_time(a[1s])) + "
            "((max_over_time(b[2s]) - (min_over_time(b[2s]) and b offset 2s)) or max_over_time(b[2s]))",
            id="two",
        ),
        pytest.param(
            "increase(rate(a[5m])[1h:1m])",
            "(max_over_time(rate(a[5m])[1h:1m]) - min_over_time(rate(a[5m])[1h:1m]))",
            id="a-subquery",
        ),
        pytest.param('sum(x{a="increase(b[1s])"})', 'sum(x{a="increase(b[1s])"})', id="in-a-string"),
        pytest.param("sum(rate(a[1s])) # increase(", "sum(rate(a[1s])) # increase(", id="in-a-comment"),
        pytest.param("my_increase(a[1s])", "my_increase(a[1s])", id="another-name"),
        pytest.param("increase(a[1s]", "increase(a[1s]", id="not-closed"),
        pytest.param(
            "histogram_count(sum(increase(a[1s])))", "histogram_count(sum(increase(a[1s])))", id="native-histogram"
        ),
    ],
)
def test_exact_counts(query: str, expected: str) -> None:
    assert exact_counts(query) == expected


def test_exact_counts_are_still_promql() -> None:
    query = exact_counts('sum(increase(http_requests_total{pod=~"a\\\\.b",code=~"5.."}[57s]))')
    assert isinstance(promql_parser.parse(query), promql_parser.AggregateExpr)


def test_code_only_keeps_places() -> None:
    assert code_only('a{b="c)"} # (\n+ `(`') == "a{b=    }    \n+    "


@pytest.mark.parametrize(("code", "expected"), [("(a[b]{c})d", 8), ("(a", None), ("(a[)", None)])
def test_closing_of(code: str, expected: int | None) -> None:
    assert closing_of(code, 0) == expected


def test_open_brackets_are_outermost_first() -> None:
    assert open_brackets("a(b{c}[d") == [1, 6]
