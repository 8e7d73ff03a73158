"""The Jenkinsfiles that the documentation shows can be run, and so can the step that it writes."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.pipeline_cases import CACHE_HOME
from tests.docs_pages import DOCS, PAGES, ROOT, Block, blocks, name
from tests.docs_shell import Shell
from tests.running import Run

_OWN_STEP = DOCS / "how-to" / "own-step.md"
_RUN_A_PIPELINE = DOCS / "how-to" / "run-a-pipeline.md"
_PIPELINE = """\
pipeline {
  agent any
  stages {
    stage('Test') { steps { sh 'echo Test >> ran' } }
    stage('Deploy') {
      steps {
        withCredentials([usernamePassword(credentialsId: 'registry', usernameVariable: 'U', passwordVariable: 'P'),
                         file(credentialsId: 'kubeconfig', variable: 'KUBECONFIG')]) {
          sh 'test "$U/$P" = robot/a-password && grep -q a-cluster "$KUBECONFIG" && echo Deploy >> ran'
        }
      }
    }
  }
}
"""
_PROMOTE = """\
pipeline {
  agent any
  parameters { string(name: 'SERVICE') }
  stages { stage('Promote') { steps {
    input 'Promote?'
    sh 'echo "$SERVICE" >> ran'
  } } }
}
"""
_LIBRARY = f"cictl={ROOT / 'shared-lib'}"


def _is_pipeline(block: Block) -> bool:
    return block.language == "groovy" and "Map call(" not in block.text


_SHOWN = [(page, block) for page in PAGES for block in blocks(page) if _is_pipeline(block)]


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE_HOME)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("page", "block"), _SHOWN, ids=[name(page) for page, _ in _SHOWN])
def test_shown_pipelines_are_accepted(run: Run, page: Path, block: Block) -> None:
    is_part = block.text.startswith("stage(")
    text = f"pipeline {{ agent any\nstages {{\n{block.text}}}\n}}\n" if is_part else block.text
    Path("Jenkinsfile").write_text(text)
    done = run("pipeline", "lint", "--library", _LIBRARY)
    assert done.status == 0, f"{name(page)}\n{done.stdout}{done.stderr}"


def test_run_a_pipeline(tmp_path: Path) -> None:
    (tmp_path / "Jenkinsfile").write_text(_PIPELINE)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "kube.yaml").write_text("a-cluster\n")
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "promote.Jenkinsfile").write_text(_PROMOTE)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    shell = Shell(tmp_path / "shell", {**os.environ, "PATH": path, "REGISTRY_LOGIN": "robot:a-password"})
    shell.state.write_text(f"cd {shlex.quote(str(tmp_path))}\n")
    shell.read(_RUN_A_PIPELINE, blocks(_RUN_A_PIPELINE))
    assert (tmp_path / "ran").read_text().split() == ["Test", "Deploy", "checkout", "Test", "Deploy"]


def test_the_step_of_the_page_calls_what_it_says(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "library"
    for folder in ("vars", "src", "resources"):
        shutil.copytree(ROOT / "shared-lib" / folder, library / folder)
    step = next(block.text for block in blocks(_OWN_STEP) if "Map call(" in block.text)
    (library / "vars" / "listReleases.groovy").write_text(step)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "cictl").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/argv\necho "{{}}"\n')
    (programs / "cictl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    Path("Jenkinsfile").write_text("@Library('cictl') _; node { listReleases(service: 'checkout') }\n")
    done = run("pipeline", "run", "--library", f"cictl={library}")
    assert done.status == 0, done.stdout + done.stderr
    assert (tmp_path / "argv").read_text().split() == ["releases", "-o", "json", "--", "checkout"]
