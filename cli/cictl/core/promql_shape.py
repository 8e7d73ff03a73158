"""What a PromQL expression gives: one series or several, and of which histograms; it does not evaluate."""

from __future__ import annotations

import promql_parser as ast

_KEEP_SEVERAL = {"topk", "bottomk", "count_values", "limitk", "limit_ratio"}
_ALWAYS_ONE = {"scalar", "vector", "time", "absent", "absent_over_time", "pi"}
_HISTOGRAM = "_bucket"


def gives_one_series(expr: ast.Expr) -> bool:
    """Whether EXPR cannot give more than one series."""
    if isinstance(expr, ast.NumberLiteral):
        return True
    if isinstance(expr, ast.ParenExpr | ast.UnaryExpr):
        return gives_one_series(expr.expr)
    if isinstance(expr, ast.AggregateExpr):
        return str(expr.op) not in _KEEP_SEVERAL and _is_into_one(expr, by=set())
    if isinstance(expr, ast.BinaryExpr):
        return gives_one_series(expr.lhs) and gives_one_series(expr.rhs)
    return isinstance(expr, ast.Call) and _call_gives_one(expr)


def is_range_or_string(expr: ast.Expr) -> bool:
    """Whether EXPR gives no numbers that could be compared with a limit."""
    return isinstance(expr, ast.MatrixSelector | ast.SubqueryExpr | ast.StringLiteral)


def histograms_in(expr: ast.Expr) -> list[str]:
    """Return the bucket metrics that EXPR takes quantiles of."""
    found: list[str] = []

    def note(inner: ast.Expr) -> None:
        if isinstance(inner, ast.VectorSelector) and inner.name and inner.name.endswith(_HISTOGRAM):
            found.append(inner.name)

    def note_quantile(inner: ast.Expr) -> None:
        if isinstance(inner, ast.Call) and inner.func.name == "histogram_quantile":
            ast.walk(inner.args[1], note)

    ast.walk(expr, note_quantile)
    return list(dict.fromkeys(found))


def _call_gives_one(call: ast.Call) -> bool:
    if call.func.name in _ALWAYS_ONE:
        return True
    if call.func.name == "histogram_quantile":
        inner = call.args[1]
        return isinstance(inner, ast.AggregateExpr) and _is_into_one(inner, by={"le"})
    vectors = [argument for argument in call.args if not isinstance(argument, ast.StringLiteral | ast.NumberLiteral)]
    return bool(vectors) and all(gives_one_series(argument) for argument in vectors)


def _is_into_one(expr: ast.AggregateExpr, *, by: set[str]) -> bool:
    """Whether the aggregation leaves no label but those of BY."""
    if expr.modifier is None:
        return True
    return expr.modifier.type is ast.AggModifierType.By and set(expr.modifier.labels) <= by
