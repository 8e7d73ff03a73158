"""PromQL as text: what is code in it and what is a string or comment, and counts without extrapolation.

There is a parser, and the lint uses it; but it prints strings without their escapes, so that a query which went through
it may match something else. What runs is therefore the user's own text, changed only where said here.
"""

from __future__ import annotations

import re

_STRING_OR_COMMENT = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\#[^\n]*""", re.DOTALL)
_INCREASE = re.compile(r"(?<![\w:])increase\s*\(")
_RANGE = re.compile(r"\[([^\[\]:]+)\]\s*$")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def code_only(promql: str) -> str:
    """Return PROMQL with strings and comments blanked, each character in its old place."""
    return _STRING_OR_COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), promql)


def closing_of(code: str, opening: int) -> int | None:
    """Return where the bracket at OPENING closes, None if it does not."""
    stack: list[str] = []
    for position in range(opening, len(code)):
        char = code[position]
        if char in _CLOSING:
            stack.append(_CLOSING[char])
        elif stack and char == stack[-1]:
            stack.pop()
            if not stack:
                return position
    return None


def open_brackets(code: str) -> list[int]:
    """Return where the brackets stand that nothing closes, outermost first."""
    stack: list[int] = []
    for position, char in enumerate(code):
        if char in _CLOSING:
            stack.append(position)
        elif stack and char == _CLOSING[code[stack[-1]]]:
            stack.pop()
    return stack


def exact_counts(promql: str) -> str:
    """Return PROMQL with each `increase(x[w])` as the growth between the samples that are there.

    `increase` stretches what it saw to the whole window: 3 errors become 4.5 when a series has few samples, which fakes
    evidence. Largest less smallest is whole and never more than what happened; what a restarted process counted before
    the restart may be missed. A series that was not there when the window began is of a process that was born in it,
    and so counts from zero: its first scrape is evidence already. Native histograms, which have no largest, stay as
    they are.
    """
    code = code_only(promql)
    if "histogram_" in code:
        return promql
    for match in reversed(list(_INCREASE.finditer(code))):
        end = closing_of(code, match.end() - 1)
        if end is not None:
            promql = promql[: match.start()] + _growth(promql[match.end() : end]) + promql[end + 1 :]
    return promql


def _growth(ranged: str) -> str:
    largest, smallest = f"max_over_time({ranged})", f"min_over_time({ranged})"
    window = _RANGE.search(ranged)
    if window is None:  # a subquery, or an offset behind the range: when it began is not at its end
        return f"({largest} - {smallest})"
    before = f"{ranged[: window.start()].strip()} offset {window[1].strip()}"
    return f"(({largest} - ({smallest} and {before})) or {largest})"
