from __future__ import annotations

from pathlib import Path

import pytest

from cictl.crash import write_traceback
from cictl.redaction import redact


def test_the_file_tells_what_was_run(tmp_path: Path) -> None:
    redact("s3cret")
    path = write_traceback(ValueError("x"), argv=["a", "--token", "s3cret"], environ={"XDG_STATE_HOME": str(tmp_path)})
    assert path is not None
    assert path.parent == tmp_path / "cictl"
    assert "command: cictl a --token [redacted]" in path.read_text()


def test_where_nothing_can_be_written_it_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.touch()
    assert write_traceback(ValueError("x"), argv=[], environ={"XDG_STATE_HOME": str(file)}) is None
    assert "ValueError: x" in capsys.readouterr().err
