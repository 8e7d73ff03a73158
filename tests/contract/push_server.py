"""A bare repository whose hook runs pipelines, a clone to push from, and the folder in which runs leave traces."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cictl.clients.push_run_folder import RunFolder
from lab.demo.processes import kill_worker
from tests.contract.pipeline_cases import CACHE_HOME
from tests.running import eventually

NEEDS_JAVA = pytest.mark.skipif(not shutil.which("java"), reason="needs Java")
PROGRAMS = Path(sys.executable).parent
JENKINSFILE = "node { sh 'sh ./do' }\n"
WAITS = 'echo "$BRANCH_NAME $GIT_COMMIT" >> "$TRACES/begun"; until [ -e "$TRACES/go" ]; do sleep 0.05; done\n'


@dataclass
class Server:
    """A bare repository, a clone to push from, and a folder in which runs leave traces."""

    bare: Path
    clone: Path
    traces: Path
    environ: dict[str, str]

    def git(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["git", "-C", str(self.clone), *words],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done

    def cictl(self, *words: str, check: bool = True) -> str:
        command = [str(PROGRAMS / "cictl"), *words]
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout if check else done.stdout + done.stderr

    def install(self, *words: str) -> str:
        return self.cictl("hook", "install", "--run", str(self.bare), "--variable", "TRACES", *words, "-o", "name")

    def commit(self, script: str | None = None) -> str:
        """Commit a pipeline that does SCRIPT; without one no pipeline, which is run as nothing, and at once."""
        if script is None:
            (self.clone / "Jenkinsfile").unlink(missing_ok=True)
        (self.clone / "do").write_text(script or "", encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "more")
        return self.git("rev-parse", "HEAD").stdout.strip()

    def push(self, *refs: str, option: str | None = None) -> str:
        options = [] if option is None else ["--push-option", option]
        return self.git("push", *options, str(self.bare), *(refs or ("HEAD:main",))).stderr

    def runs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.cictl("hook", "runs", str(self.bare), "-o", "json"))["runs"]
        return found[::-1]

    def are_over(self) -> bool:
        return all(run.is_over for run in RunFolder(self.bare).runs())

    def until(self, holds: Callable[[], object]) -> None:
        """Wait patiently: there may be many runs before the one that is meant, on a machine with much to do."""
        eventually(holds, seconds=300)

    def trace(self, name: str) -> str:
        with suppress(FileNotFoundError):
            return (self.traces / name).read_text(encoding="utf-8")
        return ""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environ |= {"PATH": f"{PROGRAMS}:{environ['PATH']}", "XDG_STATE_HOME": str(tmp_path / "state")}
    environ["XDG_CACHE_HOME"] = CACHE_HOME  # the runner is built once for all tests
    environ |= {"TRACES": str(tmp_path / "traces"), "GIT_CONFIG_GLOBAL": os.devnull}
    for who in ("AUTHOR", "COMMITTER"):
        environ |= {f"GIT_{who}_NAME": "dev", f"GIT_{who}_EMAIL": "dev@localhost"}
    made = Server(tmp_path / "it's a shop.git", tmp_path / "clone", tmp_path / "traces", environ)
    made.traces.mkdir()
    subprocess.run(["git", "init", "--quiet", "--bare", str(made.bare)], check=True)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(made.clone)], check=True)
    (made.clone / "Jenkinsfile").write_text(JENKINSFILE, encoding="utf-8")
    yield made
    (made.traces / "go").touch()
    kill_worker(made.bare)
