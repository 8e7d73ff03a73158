"""What users keep in files and name on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cictl.errors import NotFound
from cictl.redaction import redacted
from cictl.wiring.given_files import checked_password, given_password, given_text


def test_a_password_keeps_its_blanks_and_no_log_shows_it(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text(" given in a file \r\n")
    assert given_password(path, hint="?") == " given in a file "
    assert "given in a file" not in redacted("it is ' given in a file '")


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file or directory"), (b"\xff", "it is no UTF-8"), (b"\n", "nothing is in it")],
)
def test_what_is_no_password(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NotFound, match=said) as raised:
        given_password(path, hint="write it")
    assert (str(path) in raised.value.message, raised.value.hint) == (True, "write it")


def test_an_empty_text_is_none_either(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="the password in stdin is missing"):
        checked_password("\r\n", "stdin", hint="?")
    (tmp_path / "value").write_text("x")
    assert given_text(tmp_path / "value", "a value", hint="?") == "x"
