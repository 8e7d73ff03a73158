"""Runs at the edge: what Git says of a branch, and whose the locks are."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cictl.clients.push_run_folder import RunFolder
from cictl.clients.push_run_process import PipelineProcesses
from cictl.core.push_run import RunSettings
from cictl.errors import FarSideFailed, NotAllowed


def processes(repository: Path) -> PipelineProcesses:
    return PipelineProcesses(RunFolder(repository), RunSettings(), environ=os.environ)


def test_a_branch_that_is_gone_has_no_tip(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path)], check=True)
    assert processes(tmp_path).tip("gone") is None


def test_what_git_cannot_read_is_not_gone(tmp_path: Path) -> None:
    with pytest.raises(FarSideFailed, match="git rev-parse failed: fatal: not a git repository"):
        processes(tmp_path).tip("main")


_AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@_AS_ROOT
def test_a_lock_that_root_makes_keeps_nobody_out(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    folder = RunFolder(tmp_path)
    folder.prepare()
    with folder.only_worker() as is_alone:
        assert is_alone
    assert (folder.root / "locks" / "worker").stat().st_uid == 65534


@_AS_ROOT
def test_root_follows_no_link_out_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "cictl-runs").symlink_to("elsewhere")
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(NotAllowed, match="is a link"):
        RunFolder(tmp_path).prepare()
    assert list((tmp_path / "elsewhere").iterdir()) == []
