"""Runs at the edge: what Git says of a branch, what cannot be written, and what does not end."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from cictl.clients.push_run_folder import RunFolder
from cictl.clients.push_run_process import PipelineProcesses
from cictl.clock import SystemClock
from cictl.core.push_run import PushRun, RunSettings, State
from cictl.errors import CictlError, FarSideFailed
from cictl.output import Document
from cictl.services.push_runs import PushRuns
from tests.running import eventually


def processes(repository: Path) -> PipelineProcesses:
    return PipelineProcesses(RunFolder(repository), RunSettings(), environ=os.environ)


def test_a_branch_that_is_gone_has_no_tip(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path)], check=True)
    assert processes(tmp_path).tip("gone") is None


def test_what_git_cannot_read_is_not_gone(tmp_path: Path) -> None:
    with pytest.raises(FarSideFailed, match="git rev-parse failed: fatal: not a git repository"):
        processes(tmp_path).tip("main")


def queued(tmp_path: Path, *branches: str) -> RunFolder:
    """Return the folder of a repository with one commit on BRANCHES, each with a run that waits."""
    git = ("git", "-C", str(tmp_path), "-c", "user.name=dev", "-c", "user.email=dev@localhost")
    subprocess.run(["git", "init", "--quiet", "--initial-branch=first", str(tmp_path)], check=True)
    (tmp_path / "Jenkinsfile").touch()
    subprocess.run([*git, "add", "Jenkinsfile"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "begin"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    folder = RunFolder(tmp_path)
    folder.prepare()
    for number, branch in enumerate(branches, start=1):
        subprocess.run([*git, "update-ref", f"refs/heads/{branch}", commit], check=True)
        folder.path(number).mkdir()
        (folder.path(number) / "request").write_text(f"{'0' * 40} {commit} refs/heads/{branch}\n1\n", encoding="utf-8")
    return folder


@pytest.fixture
def cictl(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the shell script that runs in place of `cictl pipeline run`."""
    program = tmp_path_factory.mktemp("program") / "python"
    program.write_text('#!/bin/sh\necho \'{"result": "SUCCESS"}\'\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr("cictl.clients.push_run_process.sys.executable", str(program))
    return program


def worked(folder: RunFolder, settings: RunSettings, **patience: float) -> tuple[PushRun, ...]:
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    pipelines = PipelineProcesses(folder, settings, environ=environ, **patience)
    try:
        PushRuns(folder, pipelines, settings, clock=SystemClock()).work()
    except CictlError as error:
        folder.say(1, f"worker: {error.message}")
    return folder.runs()


@pytest.mark.usefixtures("cictl")
def test_what_one_branch_cannot_write_stops_no_other(tmp_path: Path) -> None:
    folder = queued(tmp_path, "first", "other", "third")
    (folder.root / "work" / "first").touch()  # where no folder can be
    (folder.path(2) / "events.json").mkdir()
    found = [(run.result, run.why) for run in worked(folder, RunSettings(at_once=1))]
    assert found[0] == ("FAILURE", f"{folder.root / 'work' / 'first'} cannot be deleted")
    assert found[1] == ("FAILURE", f"{folder.path(2)} cannot be written: Is a directory")
    assert found[2] == ("SUCCESS", None)


@pytest.mark.usefixtures("cictl")
def test_a_run_that_cannot_be_kept_waits_and_stops_no_other(tmp_path: Path) -> None:
    folder = queued(tmp_path, "first", "other")
    (folder.path(1) / "run.json").mkdir()  # as a disk that is full for this one
    assert [run.state for run in worked(folder, RunSettings(at_once=1))] == [State.QUEUED, State.ENDED]
    assert "run.json cannot be written: Is a directory" in folder.log_from(1, 0).decode()


_TRAPS = """#!/bin/sh
trap '{trap}' TERM
echo begun >&2
: > "$0.begun"
for _ in $(seq 120); do sleep 1 & wait; done
"""


@pytest.fixture
def awaited(cictl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the time that a run may take begin when its script listens to signals."""
    wait = subprocess.Popen.wait

    def wait_once_begun(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        if isinstance(process.args, list) and process.args[0] == str(cictl):
            eventually(cictl.with_name(f"{cictl.name}.begun").exists)
        return wait(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", wait_once_begun)


@pytest.mark.parametrize(
    ("trap", "result", "why"),
    [
        pytest.param("echo post >&2; exit 143", "ABORTED", "it took longer than 500ms and was stopped", id="post-runs"),
        pytest.param(
            ":", "ABORTED", "it took longer than 500ms and was killed: post took longer than 100ms", id="deaf"
        ),
        pytest.param('echo "{\\"result\\": \\"UNSTABLE\\"}"; exit 0', "UNSTABLE", None, id="it-just-ended"),
    ],
)
@pytest.mark.usefixtures("awaited")
def test_what_does_not_end_is_stopped_and_gives_its_place_to_the_next(
    tmp_path: Path, cictl: Path, trap: str, result: str, why: str | None
) -> None:
    folder = queued(tmp_path, "first")
    cictl.write_text(_TRAPS.replace("{trap}", trap), encoding="utf-8")
    settings = RunSettings(at_once=1, timeout_seconds=0.5)
    (run,) = worked(folder, settings, post_seconds=0.1 if trap == ":" else 60.0)
    log = folder.log_from(1, 0).decode()
    assert (run.state, run.result, run.why) == (State.ENDED, result, why)
    assert "it takes longer than 500ms and is stopped; post runs" in log
    assert ("\npost\n" in log) is ("post >" in trap)


def test_of_a_huge_result_the_head_is_read(tmp_path: Path) -> None:
    folder = queued(tmp_path, "first")
    events = folder.path(1) / "events.json"
    document = Document("PipelineRun", {"jenkinsfile": "Jenkinsfile", "result": "FAILURE", "stages": [], "events": []})
    head, _, tail = json.dumps(document.envelope(), indent=2).rpartition("[]")
    events.write_text(head, encoding="utf-8")
    os.truncate(events, 2**40)  # a hole, of which reading all would take hours
    assert folder.result(1) is None  # its end is missing
    with events.open("ab") as file:
        file.write(f"[]{tail}\n".encode())
    assert folder.result(1) == {"result": "FAILURE"}
