"""Releases whose pods do not come up, and a Prometheus that goes away: told why, and never promoted."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.e2e.conftest import ClientsOf
from tests.e2e.support.cluster import Namespace
from tests.e2e.support.images import Images
from tests.e2e.support.program import PATIENCE_SECONDS
from tests.e2e.support.project import Project
from tests.running import eventually


@dataclass(frozen=True)
class Failure:
    """How a rollout of pods that do not come up ends; `log` is one of the last lines that are shown."""

    code: int
    why: str
    log: str
    deadline: str = "10m"


FAILURES = {
    "missing": Failure(9, "cannot be pulled", ""),
    "crashing": Failure(9, "exited with code 1", "checkout: fault_crash_at_start"),
    "never-ready": Failure(8, "is not ready", "listens on 8080", deadline="30s"),  # pods come up before it
}


@pytest.mark.parametrize("version", FAILURES)
def test_pods_that_do_not_come_up(
    version: str,
    project: Project,
    namespace: Namespace,
    images: Images,
    clients_of: ClientsOf,
) -> None:
    """In a canary and then in a direct rollout; stable serves throughout."""
    failure = FAILURES[version]
    image = images.missing if version == "missing" else images[version]
    project.change_values(replicas=2)
    project.install(images["v1"])
    for strategy in ("blind", "direct"):
        project.change_strategy(strategy, deadline=failure.deadline)
    own, clients = namespace.held(), clients_of()
    for strategy in ("blind", "direct"):
        outcome = project.roll_out(image, "--strategy", strategy, "-o", "json").expect(failure.code)
        assert outcome.json["phase"] == "rolled-back"
        assert failure.why in outcome.json["why"]
        assert failure.log in "\n".join(outcome.json["log"])
        assert outcome.seconds < 200, "long before a deadline of ten minutes"
        assert namespace.held() == own
        assert namespace.image() == images["v1"]
        assert failure.why in project.history()[0]["why"]
    clients.finish()
    clients.assert_no_request_lost()
    assert {one.version for one in clients.records} == {"v1"}


def test_a_namespace_that_is_missing(project: Project, images: Images) -> None:
    project.platform["environments"]["test"]["namespace"] = "e2e-nowhere"
    project.write()
    done = project.roll_out(images["v1"]).expect(4)
    assert "namespace" in done.err
    assert "e2e-nowhere" in done.err


@pytest.mark.usefixtures("prometheus_is_mine")
def test_prometheus_goes_away_and_comes_back(
    project: Project, namespace: Namespace, images: Images, clients_of: ClientsOf
) -> None:
    project.install(images["v1"])
    project.change_strategy("canary", steps=[{"weight": 25, "pause": "20s"}, {"weight": 50, "pause": "3s"}])
    clients = clients_of()
    running = project.begin(images["v2"])
    namespace.await_phase("stepping")
    eventually(lambda: namespace.ready(images["v2"]) == 1, seconds=PATIENCE_SECONDS)
    _lab("kill", "prometheus")
    try:
        eventually(  # said when the pause is over
            lambda: "gate is unknown" in running.stderr, seconds=PATIENCE_SECONDS, what=lambda: running.stderr
        )
        assert namespace.state()["step"] == "0"
    finally:
        _lab("start", "prometheus")
    running.wait().expect(0)
    clients.finish()
    clients.assert_no_request_lost()
    assert namespace.phase() == "succeeded"


@pytest.mark.usefixtures("prometheus_is_mine")
def test_prometheus_stays_away(project: Project, namespace: Namespace, images: Images, clients_of: ClientsOf) -> None:
    project.install(images["v1"])
    project.change_strategy("canary", deadline="30s")
    own, clients = namespace.held(), clients_of()
    _lab("kill", "prometheus")
    try:
        outcome = project.roll_out(images["v2"], "-o", "json").expect(11).json
    finally:
        _lab("start", "prometheus")
    ended = clients.finish()
    assert (outcome["phase"], outcome["reason"]) == ("rolled-back", "gate-unknown")
    assert "Prometheus" in outcome["why"]
    assert namespace.held() == own
    clients.assert_no_request_lost()
    clients.assert_none_after("v2", ended)


def _lab(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "lab", *arguments], capture_output=True, check=True)
