"""Real pushes where a worker is killed or stopped, a disk is full or cictl gone: no push fails, no run is lost."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from cictl.clients.push_run_folder import RunFolder
from cictl.core.push_run import State
from lab.demo.processes import kill_tree, workers_on
from tests.contract.push_server import NEEDS_JAVA, WAITS, Server
from tests.files import replace_in

pytestmark = NEEDS_JAVA


@pytest.mark.parametrize("with_all", [False, True], ids=["worker", "worker-and-pipeline"])
def test_a_worker_that_is_killed(server: Server, *, with_all: bool) -> None:
    server.install()
    commit = server.commit(WAITS)
    server.push()
    server.until(lambda: server.trace("begun"))
    (worker,) = workers_on(server.bare)
    folder = RunFolder(server.bare)
    if not with_all:
        os.kill(worker, signal.SIGKILL)
    else:
        assert kill_tree(worker) > 1
        server.until(lambda: folder.seen(folder.run(1)).state is State.BROKEN_OFF)
        assert "broken-off" in server.cictl("hook", "runs", str(server.bare))
    server.push("HEAD:other")
    server.until(lambda: "other" in server.trace("begun"))
    (server.traces / "go").touch()
    server.until(server.are_over)
    begun = [line for line in server.trace("begun").splitlines() if line == f"main {commit}"]
    assert len(begun) == (2 if with_all else 1)  # what outlives its worker is not begun again
    assert [(run["branch"], run["result"]) for run in server.runs()] == [("main", "SUCCESS"), ("other", "SUCCESS")]


POST = """
pipeline {
  agent any
  stages { stage('Wait') { steps { sh 'sh ./do' } } }
  post { aborted { sh 'echo post > "$TRACES/post"' } }
}
"""


def test_a_run_that_is_stopped_runs_its_post_and_is_not_begun_again(server: Server) -> None:
    server.install()
    (server.clone / "Jenkinsfile").write_text(POST, encoding="utf-8")
    server.commit(WAITS)
    server.push()
    server.until(lambda: server.trace("begun"))
    assert "run 1: it is being stopped" in server.cictl("hook", "stop", str(server.bare), "1")
    server.until(server.are_over)
    (run,) = server.runs()
    assert (run["state"], run["result"], run["attempts"]) == ("ended", "ABORTED", 1)
    assert server.trace("post") == "post\n"
    assert "'cictl hook stop' stops it" in server.cictl("hook", "log", str(server.bare), "1")
    assert "run 1: it is over: aborted" in server.cictl("hook", "stop", str(server.bare), "1")


def test_what_a_dead_machine_left_is_worked_off_by_hand(server: Server) -> None:
    server.install()
    hook = server.bare / "hooks" / "post-receive"
    replace_in(hook, "start_worker &", ":")
    server.commit()
    server.push()
    assert [run["state"] for run in server.runs()] == ["queued"]
    server.cictl("hook", "work", str(server.bare))
    assert [run["result"] for run in server.runs()] == ["NOT_BUILT"]


def test_a_queue_that_cannot_be_written_fails_no_push(server: Server) -> None:
    server.install()
    runs = server.bare / "cictl-runs" / "runs"
    runs.rmdir()
    runs.write_text("in the way", encoding="utf-8")
    server.commit()
    assert "is NOT run" in server.push()
    runs.unlink()


def test_a_disk_that_is_full_fails_no_push(server: Server) -> None:
    server.install()
    hook = server.bare / "hooks" / "post-receive"
    replace_in(hook, 'of="$folder/request.new"', "of=/dev/full")
    server.commit()
    assert "is NOT run" in server.push("HEAD:main", "HEAD:other")
    assert list((server.bare / "cictl-runs" / "runs").iterdir()) == []


def test_a_cictl_that_is_gone_fails_no_push_and_is_caught_up_with(server: Server) -> None:
    server.install()
    hook = server.bare / "hooks" / "post-receive"
    text = replace_in(hook, f"python={sys.executable}", "python=/nowhere/python")
    server.commit()
    assert "/nowhere/python is gone" in server.push("HEAD:main", option="wait")
    hook.write_text(text, encoding="utf-8")
    server.push("HEAD:other")
    server.until(server.are_over)
    assert [run["result"] for run in server.runs()] == ["NOT_BUILT", "NOT_BUILT"]
