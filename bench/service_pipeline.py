"""How long the service pipeline takes from a commit to staging, beside its commands typed one after the other."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import Any

import yaml

from bench.figures import Figure, ratio_text, rotated
from bench.peers import CICTL
from bench.place import BASE_IMAGE, NAMESPACE
from bench.report import Table, Topic
from bench.run import Run
from lab.layout import REPOSITORY

TITLE = "Pipelines: from a commit to staging"
PIPELINE, COMMANDS = "cictl pipeline run", "the same commands by hand"
_PARTS = ("image build", "image test", "image push", "rollout start")
_IGNORED = shutil.ignore_patterns("__pycache__", ".*cache", "*.egg-info", "build")
_AUTHOR = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false")
_LIBRARY = f"cictl={REPOSITORY / 'shared-lib'}"


class Shop:
    """A repository with checkout and a platform whose staging is the benchmarks' namespace."""

    def __init__(self, run: Run) -> None:
        """Write and commit the files."""
        self._variables = run.place.variables
        self._folder = run.place.folder / "shop"
        examples = REPOSITORY / "examples" / "checkout"
        shutil.copytree(examples, self._folder / "checkout", ignore=_IGNORED)
        shutil.copytree(REPOSITORY / "charts", self._folder / "charts")
        self._service: dict[str, Any] = yaml.safe_load((examples / "service.yaml").read_text())
        self._service["chart"]["path"] = "../charts/service"
        self._service.pop("environments", None)
        (self._folder / "cictl.yaml").write_text(yaml.safe_dump(self._platform()))
        self._git("init", "--quiet", "--initial-branch=main")

    def _platform(self) -> dict[str, Any]:
        staging = {"context": self._variables["CICTL_LAB_CONTEXT"], "namespace": NAMESPACE, "strategy": "direct"}
        registry = {"url": self._variables["CICTL_LAB_REGISTRY"], "repository": NAMESPACE, "insecure": True}
        return {
            "version": 1,
            "registry": registry,
            "prometheus": {"url": self._variables["CICTL_LAB_PROMETHEUS"]},
            "environments": {"staging": staging},
            "strategies": {"direct": {}},
            "services": {"checkout": {"path": "checkout"}},
        }

    def commit(self, version: int) -> None:
        """Commit another VERSION, of which nothing is built."""
        self._service["image"]["args"] |= {"BASE": BASE_IMAGE, "VERSION": f"pipeline-{version}-{time.time_ns()}"}
        (self._folder / "checkout" / "service.yaml").write_text(yaml.safe_dump(self._service))
        self._git("add", "--all")
        self._git(*_AUTHOR, "commit", "--quiet", "--message", f"version {version}")

    def run_pipeline(self) -> float:
        """Return the seconds of the whole pipeline, as a service's own Jenkinsfile asks for it."""
        return self._timed("pipeline", "run", "checkout/Jenkinsfile", "--library", _LIBRARY)[0]

    def run_commands(self) -> dict[str, float]:
        """Return the seconds of each command, in order."""
        taken = {}
        taken["image build"], tag = self._timed("image", "build", "checkout", "-o", "name")
        tag = tag.rpartition(":")[2]
        taken["image test"], _ = self._timed("image", "test", "checkout", "--tag", tag)
        taken["image push"], image = self._timed("image", "push", "checkout", "--tag", tag, "-o", "name")
        words = ("rollout", "start", "checkout", "--env", "staging", "--image", image)
        taken["rollout start"], _ = self._timed(*words)
        return taken

    def _timed(self, *words: str) -> tuple[float, str]:
        """Return seconds, and the last line on stdout."""
        path = f"{CICTL.parent}:{self._variables['PATH']}"
        environ = {**os.environ, **self._variables, "PATH": path, "XDG_STATE_HOME": str(self._folder.parent / "state")}
        began = time.perf_counter()
        done = subprocess.run(
            [CICTL, *words], cwd=self._folder, env=environ, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - began
        if done.returncode:
            raise RuntimeError(f"cictl {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return seconds, (done.stdout.splitlines() or [""])[-1]

    def _git(self, *words: str) -> None:
        subprocess.run(["git", "-C", str(self._folder), *words], check=True, capture_output=True)


def measure(run: Run) -> Topic:
    """Bring new commits into staging by both in turn; the first turn fills caches, and counts for nothing."""
    shop = Shop(run)
    whole: list[float] = []
    parts: dict[str, list[float]] = {name: [] for name in _PARTS}
    for turn in range(run.repeats + 1):
        run.machine.await_quiet()
        for name in rotated([PIPELINE, COMMANDS], turn):
            shop.commit(turn)
            found = {PIPELINE: shop.run_pipeline()} if name == PIPELINE else shop.run_commands()
            if turn:
                for part, seconds in found.items():
                    (whole if part == PIPELINE else parts[part]).append(seconds)
    return _topic(run, Figure.of(whole), parts)


def _topic(run: Run, whole: Figure, parts: dict[str, list[float]]) -> Topic:
    total = Figure.of([sum(each) for each in zip(*parts.values(), strict=True)])
    rows = [[PIPELINE, whole.text(), ratio_text(whole, total)], [COMMANDS, total.text(), "1.00"]]
    method = (
        f"{run.repeats} commits by each in turn, each an image of its own: build, test, push, rollout without steps. "
        "The pipeline's time is that of the whole command: start, checkout, library, reports and artefacts besides."
    )
    return Topic(
        TITLE,
        [],
        method,
        [
            Table(("", "seconds", "ratio"), rows),
            Table(("of which by hand", "seconds"), [[name, Figure.of(taken).text()] for name, taken in parts.items()]),
        ],
        run.machine.stamp(),
    )
