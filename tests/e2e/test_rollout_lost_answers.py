"""Answers that never come, and an API server that is away: everything is done once, and the rollout ends right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.kubernetes_proxy import Proxy
from tests.e2e.kubernetes_requests import STATE, Match, Request, Trap, writes
from tests.e2e.support.adopted import NAME, Adopted
from tests.e2e.support.program import PATIENCE_SECONDS
from tests.e2e.support.project import Project
from tests.running import eventually

STEP = f"{STATE}step"
OUTCOME = "/metadata/annotations/cictl.dev~1outcome"
Lose = Callable[[Match], Trap]


def is_second_write_of_a_step(request: Request) -> bool:
    step = request.sets(STEP)
    return writes("deployments", phase="stepping")(request) and step is not None and request.tests(STEP) == step


def is_step(number: int) -> Match:
    return lambda request: writes("deployments", phase="stepping")(request) and request.sets(STEP) == str(number)


def is_forgetting(request: Request) -> bool:
    return request.kind == "deployments" and any("managedFields" in each["path"] for each in request.operations)


EVERY_WRITE: dict[str, Match] = {
    "lease": writes("leases", method="POST"),
    "renewal": writes("leases", method="PUT"),
    "release": writes("configmaps", method="POST"),
    "hold": is_step(0),
    "swap": is_second_write_of_a_step,
    "step": is_step(1),
    "promote": writes("deployments", phase="promoting"),
    "end": writes("deployments", phase="succeeded"),
    "record": writes("configmaps", name=f"cictl.{NAME}.v1.record"),
    "forget": is_forgetting,
    "outcome": writes("configmaps", sets=OUTCOME),
}


def losing(proxy: Proxy, *, acted: bool) -> Lose:
    """Return what loses a request's answer, after the API server has ACTED or before it has heard of it."""
    return proxy.lose_answer if acted else proxy.lose_request


both = pytest.mark.parametrize("acted", [pytest.param(True, id="after"), pytest.param(False, id="before")])


@both
def test_each_write_of_a_rollout(adopted: Adopted, proxy: Proxy, *, acted: bool) -> None:
    adopted.make(replicas=2)
    traps = {name: losing(proxy, acted=acted)(matches) for name, matches in EVERY_WRITE.items()}
    adopted.start("v2", strategy="swap-slow", through=proxy).expect(0)
    assert [name for name, trap in traps.items() if not trap.caught] == [], "not sent"
    adopted.assert_ended("succeeded", version="v2", reason="none", replicas=2)
    assert adopted.history() == [(1, "succeeded")]
    assert adopted.revisions() == [1, 2]
    assert "cictl" not in adopted.namespace.managers("deployment", NAME)
    assert "nobody" in adopted.command("status").expect(0).out, "the Lease was given back"


@both
def test_each_write_of_a_take_over_a_repair_and_an_abort(adopted: Adopted, proxy: Proxy, *, acted: bool) -> None:
    adopted.make(replicas=5)
    adopted.begin_held(strategy="drifting").kill()
    lose = losing(proxy, acted=acted)
    claims = [lose(writes(kind)) for kind in ("leases", "deployments", "replicasets")]
    driver = adopted.begin_command("resume", "--take-over", through=proxy)
    adopted.await_pausing(driver)
    assert all(trap.caught for trap in claims)
    assert int(adopted.namespace.state(NAME)["token"]) > 1

    adopted.namespace.kubectl("scale", "deployment", NAME, "--replicas=6")
    adopted.await_split(v1=6, v2=2)
    repair = lose(writes("replicasets"))
    adopted.namespace.kubectl("scale", "deployment", NAME, "--replicas=5")
    adopted.await_split(v1=5, v2=1)
    assert repair.caught

    ends = [lose(writes("deployments", phase=phase)) for phase in ("aborting", "rolled-back")]
    adopted.command("abort", through=proxy).expect(0)
    assert all(trap.caught for trap in ends)
    assert driver.wait().code == 6
    adopted.assert_ended("rolled-back", version="v1", reason="by-user", replicas=5)
    assert adopted.history() == [(1, "rolled-back")]


def test_an_api_server_that_is_away_for_some_seconds(adopted: Adopted, proxy: Proxy) -> None:
    adopted.make(replicas=2)
    driver = adopted.begin_held(strategy="swap-held", through=proxy)
    with proxy.away():
        due = "the pause is over"  # said before the write, and again each time that it is tried
        eventually(lambda: driver.stderr.count(due) > 1 or not driver.is_running, seconds=PATIENCE_SECONDS)
        assert driver.is_running, driver.stderr
    driver.wait().expect(0)
    adopted.assert_ended("succeeded", version="v2", replicas=2)


def test_an_api_server_that_stays_away(adopted: Adopted, project: Project, proxy: Proxy) -> None:
    project.change_strategy("hasty", steps=[{"weight": 50, "pause": "20s"}], deadline="30s")
    adopted.make(replicas=2)
    driver = adopted.begin_held(strategy="hasty", through=proxy)
    with proxy.away():
        done = driver.wait().expect(7)
        assert "does not answer" in done.err
        assert "cictl rollout resume" in done.err
        assert adopted.namespace.phase(NAME) == "stepping"
    adopted.command("resume", through=proxy).expect(0)
    adopted.assert_ended("succeeded", version="v2", replicas=2)
