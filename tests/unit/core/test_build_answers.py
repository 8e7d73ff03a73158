from __future__ import annotations

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.build_answers import answers, asks_for_values, linked_input

_PLAIN = "[Pipeline] {\n[Pipeline] input\nPromote?\nProceed or Abort\n"
_ASKING = "[Pipeline] {\n[Pipeline] input\nInput requested\n"


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(_PLAIN, False, id="a-question"),
        pytest.param(_ASKING, True, id="parameters"),
        pytest.param(f"{_ASKING}Approved by ana\n{_PLAIN}", False, id="parameters-before"),
        pytest.param("", False, id="nothing-yet"),
    ],
)
def test_whether_values_are_asked_for(log: str, expected: bool) -> None:
    assert asks_for_values(log) is expected


def test_who_answered() -> None:
    log = f"{_ASKING}Approved by ana\n{_PLAIN}Rejected by Bob B.\r\nAborted by c\nnot Approved by d\n"
    assert answers(log) == ("Approved by ana", "Rejected by Bob B.", "Aborted by c")


def _link(url: str) -> bytes:
    """Return URL hidden as Jenkins hides it: a signature, and a Java object that is compressed."""
    packed = gzip.compress(b"\xac\xed\x00\x05sr\x00 hudson.console.ConsoleNote t\x00" + url.encode())
    return b"\x1b[8mha:" + base64.b64encode(b"\xff\xff\xff\xe0" + b"s" * 32 + b"\0\0\0\x09" + packed) + b"\x1b[0m"


def _asked(input_id: str) -> bytes:
    path = f"/job/shop/job/a%252Fb/1/input/{input_id}"
    yes, no = _link(f"{path}/proceedEmpty"), _link(f"{path}/abort")
    return b"[Pipeline] input\r\nGo?\r\n" + yes + b"Proceed or " + no + b"Abort\r\n"


_NOTES = _link("/user/admin") + b"admin\r\n"


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(_NOTES + _asked("Go"), "Go", id="one"),
        pytest.param(_asked("Go%20on"), "Go on", id="spelled-as-in-an-address"),
        pytest.param(_asked("A") + b"Approved by ana\r\n" + _asked("B"), "B", id="after-an-answer"),
        pytest.param(_asked("A") + _asked("B"), None, id="two"),
        pytest.param(_asked("A") + b"Approved by ana\r\n", None, id="answered"),
        pytest.param(_NOTES + b"Input requested\r\n", None, id="parameters"),
    ],
)
def test_the_id_in_hidden_links(log: bytes, expected: str | None) -> None:
    assert linked_input(log) == expected


@given(st.binary(max_size=200))
def test_notes_that_are_none(note: bytes) -> None:
    hidden = b"\x1b[8mha:" + base64.b64encode(b"\x1f\x8b" + note) + b"\x1b[0m"
    assert linked_input(hidden + _asked("Go")) == "Go"
