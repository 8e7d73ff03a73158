"""`cictl pipeline` from end to end: exit statuses, what goes where, and what an interruption leaves."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.contract.pipeline_cases import CACHE_HOME
from tests.running import Run, eventually

_COMMAND = [sys.executable, "-m", "cictl", "pipeline", "run"]
_LONGEST_SECONDS = 300  # of a machine with much to do


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE_HOME)
    monkeypatch.chdir(tmp_path)


def _declarative(*stages: str) -> None:
    blocks = "\n".join(f"stage('S{number}') {{ steps {{\n{steps}\n}} }}" for number, steps in enumerate(stages, 1))
    Path("Jenkinsfile").write_text(f"pipeline {{\nagent any\nstages {{\n{blocks}\n}}\n}}\n")


def test_a_good_build(run: Run) -> None:
    _declarative("echo 'hello'", "sh '#!/bin/sh\\necho out; echo err >&2'")
    done = run("pipeline", "run")
    assert done.status == 0
    lines = done.stdout.splitlines()
    assert lines[:3] == ["[S1] hello", "[S2] out", "[S2] err"]
    assert lines[3].startswith("SUCCESS in ")
    assert "stage S1: success" in done.stderr


def test_an_unstable_build_is_none_that_failed_and_says_so(run: Run) -> None:
    _declarative("unstable 'shaky'")
    done = run("pipeline", "run", "-o", "json")
    result = json.loads(done.stdout)
    assert (done.status, result["kind"], result["result"]) == (0, "PipelineRun", "UNSTABLE")
    assert [event["event"] for event in result["events"]][:2] == ["loaded", "started"]


@pytest.mark.parametrize(
    ("steps", "status", "said"),
    [
        pytest.param("error 'broken'", 9, "FAILURE: broken", id="failed"),
        pytest.param("timeout(time: 50, unit: 'MILLISECONDS') { sleep 9 }", 8, "Timeout has been exceeded", id="late"),
        pytest.param("ecko 'typo'", 3, """Jenkinsfile:5: No such DSL method 'ecko'""", id="wrong"),
        pytest.param("input 'Go?'", 9, "pass --approve or --reject", id="nobody-to-ask"),
    ],
)
def test_the_exit_status_says_how_it_ended(run: Run, steps: str, status: int, said: str) -> None:
    _declarative(steps)
    done = run("pipeline", "run")
    assert done.status == status
    assert said in done.stderr


def test_a_second_build_knows_the_first(run: Run) -> None:
    _declarative('echo "${BUILD_NUMBER} ${currentBuild.previousBuild?.result}"')
    first, second = run("pipeline", "run"), run("pipeline", "run")
    assert first.stdout.splitlines()[0] == "[S1] 1 null"
    assert second.stdout.splitlines()[0] == "[S1] 2 SUCCESS"


def test_the_working_tree_is_never_emptied(run: Run) -> None:
    _declarative("deleteDir()")
    assert run("pipeline", "run").status == 0
    assert Path("Jenkinsfile").exists()


@pytest.mark.parametrize("workspace", ["../{name}", "..", "/", "link", "inside"])
def test_a_workspace_that_could_harm_the_working_tree_is_refused(tmp_path: Path, run: Run, workspace: str) -> None:
    _declarative("deleteDir()", "dir('..') { deleteDir() }")
    Path("link").symlink_to(tmp_path)
    done = run("pipeline", "run", "--workspace", workspace.format(name=tmp_path.name))
    assert (done.status, done.stdout) == (2, "")
    assert Path("Jenkinsfile").exists()
    assert not Path("inside").exists()


def test_what_is_outside_of_the_workspace_is_never_removed(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    for folder in (tree, outside):
        folder.mkdir()
        (folder / "kept").touch()
    monkeypatch.chdir(tree)
    names = ("..", "../outside", "../tree", "link", "w/../..")
    steps = "\n".join(f"dir('{name}') {{ deleteDir() }}" for name in names)
    _declarative(f"sh 'ln -s {outside} link'\n{steps}\ndir('mine') {{ writeFile file: 'f', text: ''\ndeleteDir() }}")
    done = run("pipeline", "run", "--workspace", "../ws")
    assert done.status == 0, done.stderr
    assert done.stdout.count("left as it is") == len(names)
    assert all((folder / "kept").exists() for folder in (tree, outside))
    assert sorted(path.name for path in (tmp_path / "ws").iterdir()) == ["Jenkinsfile", "kept", "link"]
    again = run("pipeline", "run", "--workspace", "../ws", "--dry-run")
    assert again.status == 0, again.stderr


def test_what_git_knows_is_never_removed(run: Run) -> None:
    Path(".git").mkdir()
    Path(".git", "kept").touch()
    _declarative("dir('.git') { deleteDir() }")
    assert run("pipeline", "run").status == 0
    assert Path(".git", "kept").exists()


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_ends_traps_at_once_and_tells_its_end(tmp_path: Path, sent: signal.Signals, status: int) -> None:
    _declarative("sh 'trap \"echo trap >> traps; exit 1\" TERM; touch begun; sleep 600 & wait; sleep 602'")
    with subprocess.Popen([*_COMMAND, "-o", "json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        eventually((tmp_path / "begun").exists, seconds=_LONGEST_SECONDS)
        began = time.monotonic()
        process.send_signal(sent)
        assert process.stdout is not None
        told = json.loads(process.stdout.read())
        assert process.wait(_LONGEST_SECONDS) == status
    assert time.monotonic() - began < 60  # not as long as what the shell has left
    assert (told["result"], [stage["result"] for stage in told["stages"]]) == ("ABORTED", ["ABORTED"])
    assert Path("traps").read_text() == "trap\n"


def test_lint_names_what_is_wrong_and_runs_nothing(run: Run) -> None:
    _declarative("sh(scrip: 'touch ran')")
    done = run("pipeline", "lint")
    assert done.status == 3
    assert 'Invalid parameter "scrip" of sh; did you mean "script"?' in done.stdout
    assert not Path("ran").exists()
    assert "scrip" not in done.stderr  # once is enough


def test_who_approves_may_be_said(run: Run) -> None:
    _declarative("input 'Go?'", "echo 'gone'")
    assert "[S1] Approved by ann" in run("pipeline", "run", "--approve", "--approver", "ann").stdout


def test_a_jenkinsfile_that_is_no_text_is_said_in_plain_words(run: Run) -> None:
    Path("Jenkinsfile").write_bytes("echo 'grün'".encode("latin-1"))
    done = run("pipeline", "run")
    assert (done.status, "the file is no text in UTF-8" in done.stderr) == (3, True)


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_ends_all_children_and_runs_post(tmp_path: Path, sent: signal.Signals, status: int) -> None:
    Path("Jenkinsfile").write_text("""\
pipeline {
  agent any
  stages {
    stage('Long') { steps { sh 'sleep 61 & echo $! > child; touch begun; sleep 62' } }
  }
  post { aborted { sh 'touch post' } }
}
""")
    with subprocess.Popen(_COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        eventually((tmp_path / "begun").exists, seconds=_LONGEST_SECONDS)
        process.send_signal(sent)
        assert process.wait(_LONGEST_SECONDS) == status
    assert (tmp_path / "post").exists()
    child = int((tmp_path / "child").read_text())
    eventually(lambda: not Path(f"/proc/{child}").exists())


def test_a_cictl_that_is_killed_leaves_nothing_running(tmp_path: Path) -> None:
    Path("Jenkinsfile").write_text("node { sh 'echo $$ > child; touch begun; sleep 63' }")
    with subprocess.Popen(_COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        eventually((tmp_path / "begun").exists, seconds=_LONGEST_SECONDS)
        process.kill()
    child = int((tmp_path / "child").read_text())
    eventually(lambda: not Path(f"/proc/{child}").exists())


def test_artefacts_outlive_the_files_that_they_were(run: Run) -> None:
    _declarative("dir('out') {\nwriteFile file: 'a/r.txt', text: 'kept'\narchiveArtifacts '**/*.txt'\ndeleteDir()\n}")
    result = json.loads(run("pipeline", "run", "-o", "json").stdout)
    (kept,) = map(Path, result["artifacts"])
    assert (kept.name, kept.read_text(), Path("out").exists()) == ("r.txt", "kept", False)


def test_a_build_knows_the_commit_that_last_went_well(run: Run) -> None:
    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        return subprocess.run(["git", *identity, *arguments], capture_output=True, text=True, check=True).stdout.strip()

    def seen() -> str:
        return run("pipeline", "run").stdout.splitlines()[0].removeprefix("[S1] ")

    _declarative('echo "${env.GIT_PREVIOUS_SUCCESSFUL_COMMIT}"', "sh 'test ! -e broken'")
    git("init", "--quiet", "--initial-branch=main")
    git("add", "--all")
    git("commit", "--quiet", "--message", "good")
    good = git("rev-parse", "HEAD")
    assert [seen(), seen()] == ["null", good]
    Path("broken").touch()
    assert seen() == "null", "what is not committed may be all that changed"
    git("add", "--all")
    git("commit", "--quiet", "--message", "broken")
    assert [seen(), seen()] == [good, good]
