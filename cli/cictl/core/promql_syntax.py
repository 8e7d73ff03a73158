"""Parsing PromQL, with the column that the parser itself does not tell."""

from __future__ import annotations

import re
from dataclasses import dataclass

import promql_parser

from cictl.core.promql_text import code_only, open_brackets

_TOKEN = re.compile(
    r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\#[^\n]*|[\w:.]+|[=!<>]=|[=!]~|\S""", re.DOTALL | re.UNICODE
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
# What may follow the beginning of a correct query, before and after the innermost bracket that is still open.
_ENDINGS = (
    "",
    " x",
    "x",
    "(x)",
    " (x) (x)",
    "x[1m]",
    '"x"',
    '="x"',
    'x="x"',
    "1m",
    " 1m",
    "1m:1m",
    ":1m",
    "()",
    " by (x) (x)",
    "(x[1m])",
)
_ARGUMENTS = (
    ",x",
    ",x[1m]",
    ',"x"',
    "1,x",
    "1,x[1m]",
    '(x,"x")',
    ',"x","x"',
    ',"x","x","x"',
    "(1,x)",
    "(1,x[1m])",
    "1",
)
_AFTER_BRACKET = ("", " (x)", " x")


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """What is wrong, and its column from 1."""

    column: int
    message: str


def parsed(promql: str) -> promql_parser.Expr | SyntaxProblem:
    """Return the expression that PROMQL is, or where it is wrong."""
    try:
        return promql_parser.parse(promql)
    except ValueError as error:
        return SyntaxProblem(_column(promql, str(error)) + 1, str(error))


def _column(promql: str, message: str) -> int:
    """Return where MESSAGE applies, from 0: at an unclosed bracket, a function's name, or the first wrong token."""
    code = code_only(promql)
    if (named := re.search(r"(?:function with name|call to function) '(\w+)'", message)) and (
        call := re.search(rf"(?<![\w:]){named[1]}\s*\(", code)
    ):
        return call.start()
    unclosed = open_brackets(code)
    if unclosed and ("unclosed" in message or "end of input" in message):
        return unclosed[-1]
    return _first_wrong_token(promql)


def _first_wrong_token(promql: str) -> int:
    """Return where the token begins that no correct query can have there."""
    for token in _TOKEN.finditer(promql):
        if not _can_begin(promql[: token.end()]):
            return token.start()
    return len(promql.rstrip())


def _can_begin(prefix: str) -> bool:
    code = code_only(prefix)
    closers = "".join(_CLOSING[code[position]] for position in reversed(open_brackets(code)))
    return any(
        _is_valid(f"{prefix}{ending}{closers[:1]}{after}{closers[1:]}")
        for ending in (*_ENDINGS, *_ARGUMENTS)
        for after in _AFTER_BRACKET
    )


def _is_valid(promql: str) -> bool:
    try:
        promql_parser.parse(promql)
    except ValueError as error:
        # Types and arguments are judged when all of it is there.
        return "argument(s)" in str(error) or "expected type" in str(error)
    return True
