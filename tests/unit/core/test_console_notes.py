from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.console_notes import ConsoleText, without_notes

_NOTE = "\x1b[8mha:////4F3QIZQZ+g=\x1b[0m"
_CASES = [
    pytest.param("plain", "plain", id="plain"),
    pytest.param(f"by {_NOTE}admin\r\n{_NOTE}[Pipeline] node\r\n", "by admin\n[Pipeline] node\n", id="as-recorded"),
    pytest.param(_NOTE * 3, "", id="notes-alone"),
    pytest.param("\x1b[8mha:AAAA never ends", "\x1b[8mha:AAAA never ends", id="begun-and-broken-off"),
    pytest.param("\x1b[8mha:AA", "\x1b[8mha:AA", id="begun-at-the-end"),
    pytest.param(f"\x1b[8mha:AA{_NOTE}x", "\x1b[8mha:AAx", id="a-note-in-what-began-like-one"),
    pytest.param("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m", id="colour-stays"),
    pytest.param("10%\r20%\r\n", "10%\r20%\n", id="carriage-returns-within-a-line-stay"),
    pytest.param(f"a\r{_NOTE}\nb", "a\nb", id="a-note-within-a-line-end"),
    pytest.param("결제 ✓\n", "결제 ✓\n", id="utf-8"),
]
_PIECES = st.sampled_from(
    [_NOTE, "\x1b", "\x1b[", "\x1b[8mha:", "\x1b[0m", "ha:", "QUJD", "\r", "\n", "\r\n", "텍스트", "a", "[8m", "0m"]
)


def _in_pieces(data: bytes, sizes: list[int]) -> str:
    console, parts, position = ConsoleText(), [], 0
    for size in sizes:
        parts.append(console.feed(data[position : position + size]))
        position += size
    parts.append(console.feed(data[position:]))
    return "".join([*parts, console.end()])


@pytest.mark.parametrize(("text", "expected"), _CASES)
def test_text_without_notes(text: str, expected: str) -> None:
    assert _in_pieces(text.encode(), []) == expected
    assert _in_pieces(text.encode(), [1] * len(text.encode())) == expected


@given(st.lists(_PIECES, max_size=12).map("".join), st.lists(st.integers(0, 9), max_size=30))
def test_pieces_make_no_difference(text: str, sizes: list[int]) -> None:
    assert _in_pieces(text.encode(), sizes) == without_notes(text).replace("\r\n", "\n")


def test_what_is_certain_does_not_wait() -> None:
    console = ConsoleText()
    assert console.feed(b"line\n\x1b[8mha:AAAA") == "line\n"
    assert console.feed(b"\x1b[0mnext") == "next"


def test_what_is_too_long_for_a_note_does_not_wait() -> None:
    console = ConsoleText()
    text = "\x1b[8mha:" + "A" * (1 << 20)
    assert console.feed(text.encode()) == text
