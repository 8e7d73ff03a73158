"""Pushes that come faster than their pipelines, on the lab: in the end the newest commit runs, and nothing is mixed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.demo import shop
from lab.demo.processes import kill_worker
from lab.demo.runner import Runner
from lab.demo.screen import Screen
from tests.e2e.support.cluster import Namespace

_LONGEST_SECONDS = 900.0


@dataclass
class Shop:
    """The demo's repository, whose hook deploys into a namespace of its own."""

    folder: Path
    runner: Runner

    def push(self, version: str) -> str:
        shop.commit(self.folder, self.runner, shop.Change(version, f"checkout {version}"))
        self.runner.ask("git", "push", "--quiet", "origin", "main")
        return self.runner.ask("git", "rev-parse", "HEAD").strip()

    def runs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.runner.ask("cictl", "hook", "runs", shop.SERVER, "-o", "json"))[
            "runs"
        ]
        return found[::-1]

    def until(self, holds: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        deadline = time.monotonic() + _LONGEST_SECONDS
        while not holds(runs := self.runs()):
            assert time.monotonic() < deadline, runs
            time.sleep(0.5)
        return runs

    def deployed(self) -> str:
        """Return the commit that runs in staging."""
        listed = json.loads(self.runner.ask("cictl", "releases", "checkout", "-o", "json"))["items"]
        return next(str(each["commit"]) for each in listed if each["environment"] == "staging")


@pytest.fixture
def made(lab: dict[str, str], namespace: Namespace, tmp_path: Path) -> Shop:
    folder = tmp_path / "shop"
    shop.create(folder, {**os.environ, **lab}, shop.FAST)
    config = yaml.safe_load((folder / "cictl.yaml").read_text())
    config["registry"]["repository"] = namespace.name
    for environment in config["environments"].values():
        environment["namespace"] = namespace.name
    (folder / "cictl.yaml").write_text(yaml.safe_dump(config))
    runner = Runner(Screen(), folder, {**os.environ, **lab})
    shop.begin(runner)
    words = ("--jenkinsfile", shop.PIPELINE, "--variable", "KUBECONFIG", "--variable", "DOCKER_HOST")
    runner.ask("cictl", "hook", "install", "--run", shop.SERVER, *words)
    return Shop(folder, runner)


def _are_over(runs: list[dict[str, Any]]) -> bool:
    return all(run["state"] not in {"queued", "running", "broken-off"} for run in runs)


def test_pushes_that_overtake_each_other_and_a_worker_that_is_killed(made: Shop) -> None:
    made.push("2")
    made.until(lambda runs: runs[0]["state"] == "running")
    made.push("3")
    newest = made.push("4")
    runs = made.until(_are_over)
    ends = [("SUCCESS", None), (None, 3), ("SUCCESS", None)]
    assert [(run["result"], run["supersededBy"]) for run in runs] == ends, runs
    assert made.deployed() == newest

    last = made.push("5")
    made.until(lambda runs: runs[-1]["state"] == "running")
    time.sleep(2)
    assert kill_worker(made.folder.parent / "shop.git") > 0
    assert made.until(lambda runs: runs[-1]["state"] == "broken-off")[-1]["attempts"] == 1
    made.runner.ask("git", "push", "--quiet", "origin", "main:other")
    runs = made.until(_are_over)
    assert [(run["branch"], run["result"]) for run in runs[3:]] == [("main", "SUCCESS"), ("other", "SUCCESS")], runs
    assert runs[3]["attempts"] == 2
    assert made.deployed() == last
