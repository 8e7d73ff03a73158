"""`cictl pipeline run` on a terminal: stages with times below the log, and questions that are answered there."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from tests.contract.pipeline_cases import CACHE_HOME, built_runner

_PIPELINE = """\
pipeline {
  agent any
  stages {
    stage('Build') { steps { sh '#!/bin/sh\\nuntil [ -e seen ]; do sleep 0.1; done; echo built' } }
    stage('Ask') {
      input { message 'Deploy?'
        parameters { string(name: 'WHERE', defaultValue: 'staging') } }
      steps { echo "to ${WHERE}" }
    }
    stage('Never') { when { branch 'none' }
      steps { echo 'never' } }
  }
}
"""
_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

Start = Callable[[], "pexpect.spawn[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    built_runner()
    (tmp_path / "Jenkinsfile").write_text(_PIPELINE)
    environ = {**os.environ, "XDG_CACHE_HOME": CACHE_HOME, "XDG_STATE_HOME": str(tmp_path), "TERM": "xterm"}
    environ = {name: value for name, value in environ.items() if name not in {"CI", "NO_COLOR"}}
    arguments = ["-m", "cictl", "pipeline", "run"]
    return lambda: pexpect.spawn(
        sys.executable, arguments, cwd=str(tmp_path), env=environ, timeout=300, encoding="utf-8", dimensions=(30, 100)
    )


def test_stages_stand_below_the_log_and_questions_are_asked(start: Start, tmp_path: Path) -> None:
    child = start()
    child.expect("… Build")
    (tmp_path / "seen").touch()
    child.expect(r"\[Build\] built")
    child.expect(r"Deploy\? \(Proceed\) \[y/N\]")
    child.sendline("y")
    child.expect(r"WHERE \[staging\]")
    child.sendline("production")
    child.expect(r"\[Ask\] to production")
    child.expect(pexpect.EOF)
    child.wait()
    child.close()
    assert child.exitstatus == 0
    last = _CODES.sub("", child.before or "")
    assert re.search(r"✓ Build +\d", last)
    assert re.search(r"- Never +\d", last)
    assert "SUCCESS in" in last


def test_a_question_that_is_refused_aborts(start: Start, tmp_path: Path) -> None:
    (tmp_path / "seen").touch()
    child = start()
    child.expect(r"\[y/N\]")
    child.sendline("n")
    child.expect("Rejected by")
    child.expect(pexpect.EOF)
    child.wait()
    child.close()
    assert child.exitstatus == 9
