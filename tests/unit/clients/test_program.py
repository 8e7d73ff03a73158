from __future__ import annotations

from pathlib import Path

import pytest

from cictl.clients.program import Program
from cictl.errors import FarSideFailed, NotFound


def _program(folder: Path, script: str) -> Program:
    path = folder / "git"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return Program("git", environ={"PATH": str(folder)}, hint="install it")


def test_its_version(tmp_path: Path) -> None:
    assert _program(tmp_path, "echo git version 2.39.5 of Debian").version() == "2.39.5"


def test_it_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no git on PATH"):
        Program("git", environ={"PATH": str(tmp_path)}, hint="install it").version()


def test_it_fails(tmp_path: Path) -> None:
    with pytest.raises(FarSideFailed, match="exit status 3"):
        _program(tmp_path, "exit 3").version()
