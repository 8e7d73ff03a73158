from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

import pytest

from cictl.clients.pipeline_scratch import scratch_folder

_LONG_AGO = 1_000_000


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _left(temporary: Path, name: str, *, at: float = _LONG_AGO) -> Path:
    folder = temporary / name
    (folder / "stash").mkdir(parents=True)
    (folder / "stash" / "file").touch()
    os.utime(folder, (at, at))
    return folder


def test_it_goes_with_the_run() -> None:
    with scratch_folder() as (folder, _):
        Path(folder, "file").touch()
    assert not Path(folder).exists()


def test_what_killed_runs_left_goes_with_the_next(temporary: Path) -> None:
    left = _left(temporary, "cictl-run-left")
    with scratch_folder() as (folder, _):
        assert list(temporary.iterdir()) == [Path(folder)]
    assert not left.exists()


def test_what_a_run_holds_stays() -> None:
    with scratch_folder() as (first, _):
        os.utime(first, (_LONG_AGO, _LONG_AGO))
        with scratch_folder():
            assert Path(first).exists()


def test_what_the_child_of_a_killed_run_holds_stays_until_that_ends(temporary: Path) -> None:
    left = _left(temporary, "cictl-run-left")
    inherited = os.open(left, os.O_RDONLY)
    fcntl.flock(inherited, fcntl.LOCK_EX)
    with scratch_folder():
        assert left.exists()
    os.close(inherited)
    with scratch_folder():
        assert not left.exists()


def test_what_is_just_being_made_and_what_is_not_a_runs_stays(temporary: Path) -> None:
    young = temporary / "cictl-run-young"
    young.mkdir()
    theirs = _left(temporary, "theirs")
    (temporary / "cictl-run-link").symlink_to(theirs)
    with scratch_folder():
        assert young.exists()
        assert (theirs / "stash" / "file").exists()


def test_what_other_users_left_stays(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = _left(temporary, "cictl-run-left")
    monkeypatch.setattr(os, "geteuid", lambda: left.stat().st_uid + 1)
    with scratch_folder():
        assert left.exists()
