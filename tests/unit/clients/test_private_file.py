"""A secret in a file of its owner alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cictl.clients.private_file import PrivateFile
from cictl.errors import NotAllowed
from cictl.redaction import redacted


def test_it_is_kept_for_its_owner_alone_and_masked(tmp_path: Path) -> None:
    path = tmp_path / "state" / "cictl" / "secret"
    PrivateFile(path).keep("canary-1")
    PrivateFile(path).keep("canary-2")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["secret"]
    assert PrivateFile(path).read() == "canary-2"
    assert "canary" not in redacted("canary-1 canary-2")


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_what_is_no_secret(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    assert PrivateFile(path).read() is None


def test_others_may_not_read_it(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("canary")
    path.chmod(0o644)
    with pytest.raises(NotAllowed, match="others may read"):
        PrivateFile(path).read()


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotAllowed, match="no secret can be kept"):
        PrivateFile(tmp_path / "file" / "secret").keep("canary")
