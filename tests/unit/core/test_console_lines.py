from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.console_lines import ConsoleLines, safe

_TEXTS = [
    pytest.param("\x1b[31mred\x1b[0m\n", "\x1b[31mred\x1b[0m\n", id="colours-stay"),
    pytest.param("a\tb\n", "a\tb\n", id="tabs-stay"),
    pytest.param("\x1b]0;title\x07x\n", "x\n", id="title"),
    pytest.param("\x1b]52;c;cHduZWQ=\x1b\\x\n", "x\n", id="clipboard"),
    pytest.param("\x1b[2J\x1b[1;1Hx\x1b[?25l\n", "x\n", id="cursor"),
    pytest.param("a\x08\x07\x00b\x9b2J\n", "ab2J\n", id="controls"),
    pytest.param("\x1bc\x1b(Bx\n", "x\n", id="resets"),
    pytest.param("\x1b]0;open\nnext\n", "\nnext\n", id="an-open-title-ends-with-its-line"),
    pytest.param("\uae30\ub2a5 \u20ac\n", "\uae30\ub2a5 \u20ac\n", id="other-scripts"),
]


@pytest.mark.parametrize(("text", "expected"), _TEXTS)
def test_safe(text: str, expected: str) -> None:
    assert safe(text) == expected


def test_lines_are_whole_and_the_last_is_not_lost() -> None:
    lines = ConsoleLines()
    assert [lines.feed(text) for text in ("a", "b\n\nc", "", "d")] == ["", "ab\n\n", "", ""]
    assert (lines.end(), lines.end()) == ("cd\n", "")


def test_a_progress_bar_is_lines() -> None:
    assert ConsoleLines().feed("10%\r20%\rdone\n") == "10%\n20%\ndone\n"


@given(st.lists(st.text(alphabet="ab\n\r\t\x1b[]m;07\x07\\", max_size=12)))
def test_pieces_do_not_matter(pieces: list[str]) -> None:
    one, many = ConsoleLines(), ConsoleLines()
    whole = one.feed("".join(pieces)) + one.end()
    told = "".join(map(many.feed, pieces)) + many.end()
    assert told == whole
    assert "\x07" not in whole
