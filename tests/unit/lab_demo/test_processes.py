from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from lab.demo.processes import kill_tree, kill_worker


def test_a_tree_is_killed_with_all_that_it_started() -> None:
    command = ["sh", "-c", "(sleep 61 & sleep 62) & echo begun; wait"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        assert kill_tree(process.pid) >= 2
        assert process.stdout.read() == "", "ends when none of them holds the pipe any more"
    assert process.returncode == -signal.SIGKILL


def test_only_who_works_for_the_repository_is_killed(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo begun; read line", "hook", "work"]
    with (
        subprocess.Popen([*command, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as meant,
        subprocess.Popen([*command, f"{tmp_path}/x"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other,
    ):
        for each in (meant, other):
            assert each.stdout is not None
            assert each.stdout.readline() == b"begun\n"
        assert (kill_worker(tmp_path), meant.wait()) == (1, -signal.SIGKILL)
        other.communicate(b"\n")
    assert other.returncode == 0
    assert kill_worker(tmp_path) == 0
