"""What plans a pull request: the runner plays it on a repository with changes of ours and of a fork."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from cictl.clients.pipeline_workspaces import PipelineWorkspaces
from cictl.wiring.app import App
from tests.contract.pipeline_cases import CACHE_HOME
from tests.running import Run

ROOT = Path(__file__).parents[2]
FACTS = ROOT / "shared-lib/resources/dev/cictl/platform.json"
VERSION = json.loads(FACTS.read_text())["version"]
CICTL = f"""#!/bin/sh
if [ "$1" = --version ]; then echo 'cictl {VERSION}'; exit; fi
if [ "$1 $2" = 'config library' ]; then exec cat '{FACTS}'; fi
printf '%s\\n' "$JENKINS_USER_ID" "$@" >> "$ARGUMENTS"
echo '# Plan'
"""


class Workspace:
    """A checkout as Jenkins makes it: branches below origin, heads of pull requests below change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "cictl.yaml").write_text("version: 1\n")
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", ".")
        main = self._commit("begin")
        self.topic = self._commit("ours")
        self.git("update-ref", "refs/remotes/origin/topic", self.topic)
        self.git("update-ref", "refs/remotes/change/7", self.topic)
        self.git("reset", "--quiet", "--hard", main)
        self.git("update-ref", "refs/remotes/change/8", self._commit("a fork's"))
        self.git("reset", "--quiet", "--hard", main)
        self.git("update-ref", "refs/remotes/origin/main", main)

    def git(self, *words: str) -> str:
        """Run Git there."""
        git = ["git", "-c", "user.name=ann", "-c", "user.email=ann@example.com"]
        return subprocess.run([*git, *words], cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def _commit(self, subject: str) -> str:
        self.git("commit", "--quiet", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD").strip()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("review") / "workspace")


def _planned(run: Run, tmp_path: Path, workspace: Workspace, change: str) -> tuple[int, str, list[str]]:
    program, login, arguments = tmp_path / "bin" / "cictl", tmp_path / "login", tmp_path / "arguments"
    program.parent.mkdir()
    program.write_text(CICTL)
    program.chmod(0o755)
    login.write_text("reader:token")
    environment = {
        **os.environ,
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "ARGUMENTS": str(arguments),
        "XDG_CACHE_HOME": CACHE_HOME,
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    words = ["--workspace", str(workspace.folder), "--branch", "main", "-p", f"CHANGE={change}"]
    given = ["--credential", f"cictl-jenkins-read={login}", "--library", f"cictl={ROOT / 'shared-lib'}"]
    app = App(environ=environment, directory=workspace.folder)
    with PipelineWorkspaces(tmp_path / "state/cictl/pipeline-workspaces").used(workspace.folder):
        pass  # as if a run had brought all that here
    result = run("pipeline", "run", *words, *given, str(ROOT / "pipelines/plan.Jenkinsfile"), app=app)
    said = arguments.read_text().splitlines() if arguments.exists() else []
    return result.status, result.stdout + result.stderr, said


@pytest.mark.parametrize("change", ["7", "topic"])
def test_what_is_in_a_branch_here_is_planned(run: Run, tmp_path: Path, workspace: Workspace, change: str) -> None:
    status, told, arguments = _planned(run, tmp_path, workspace, change)
    assert status == 0, told
    assert arguments == ["reader", "jobs", "plan", "--commit", workspace.topic, "-o", "markdown"]
    assert (workspace.folder / "plan.md").read_text() == "# Plan\n"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param("8", "changes of forks are not planned", id="fork"),
        pytest.param("99", "there is no refs/remotes/change/99", id="no-such-number"),
        pytest.param("nowhere", "there is no refs/remotes/origin/nowhere", id="no-such-branch"),
        pytest.param("$(touch mark)", "there is no refs/remotes/origin/$(touch mark)", id="code"),
        pytest.param("", "there is no refs/remotes/origin/", id="nothing"),
        pytest.param("../change/8", "there is no refs/remotes/origin/../change/8", id="way-round"),
    ],
)
def test_nothing_else_is(run: Run, tmp_path: Path, workspace: Workspace, change: str, words: str) -> None:
    status, told, arguments = _planned(run, tmp_path, workspace, change)
    assert (status, arguments) == (9, [])
    assert words in told
    assert not (workspace.folder / "plan.md").exists(), "an earlier build's plan would be taken for this one's"
    assert not (workspace.folder / "mark").exists()
