"""What Git says of a branch is told apart: that it is gone, and that Git cannot say."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cictl.clients.push_run_folder import RunFolder
from cictl.clients.push_run_process import PipelineProcesses
from cictl.core.push_run import RunSettings
from cictl.errors import FarSideFailed


def processes(repository: Path) -> PipelineProcesses:
    return PipelineProcesses(RunFolder(repository), RunSettings(), environ=os.environ)


def test_a_branch_that_is_gone_has_no_tip(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path)], check=True)
    assert processes(tmp_path).tip("gone") is None


def test_what_git_cannot_read_is_not_gone(tmp_path: Path) -> None:
    with pytest.raises(FarSideFailed, match="git rev-parse failed: fatal: not a git repository"):
        processes(tmp_path).tip("main")
