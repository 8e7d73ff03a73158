"""Drivers that die, are stopped, or meet each other: any process goes on, and no two ever both act."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.e2e.conftest import ClientsOf
from tests.e2e.kubernetes_proxy import Proxy
from tests.e2e.kubernetes_requests import STATE, Match, Request, writes
from tests.e2e.support.adopted import NAME, Adopted
from tests.e2e.support.cluster import Json, Namespace
from tests.e2e.support.images import Images
from tests.e2e.support.program import Running
from tests.e2e.support.project import Project

OUTCOME = "/metadata/annotations/cictl.dev~1outcome"
STEP = f"{STATE}step"


def step_write(step: int, *, is_second: bool = False) -> Match:
    """Return what matches the write of a step; of a swapped one the first, or the second."""

    def matches(request: Request) -> bool:
        if not writes("deployments", phase="stepping")(request) or request.sets(STEP) != str(step):
            return False
        return is_second == (request.tests(STEP) == str(step) and request.sets("/spec/strategy") is not None)

    return matches


def kill_at(proxy: Proxy, matches: Match, driver: Callable[[], Running], *, acted: bool) -> None:
    """Kill a driver at a write: before the API server has seen it, or after it has ACTED."""
    trap = proxy.hold(matches)
    running = driver()
    trap.wait(while_running=running)
    running.kill()
    if acted:
        assert trap.let() < 300
    else:
        trap.lose()


def test_a_driver_killed_at_every_turn_is_resumed(adopted: Adopted, proxy: Proxy, clients_of: ClientsOf) -> None:
    adopted.make(replicas=2)
    clients = clients_of()

    def start() -> Running:
        return adopted.begin(strategy="swap", through=proxy)

    def resume() -> Running:
        return adopted.begin_command("resume", "--take-over", through=proxy)

    kill_at(proxy, writes("configmaps", method="POST"), start, acted=True)
    assert adopted.namespace.phase(NAME) == ""
    kill_at(proxy, step_write(0), resume, acted=False)
    kill_at(proxy, step_write(0), resume, acted=True)
    kill_at(proxy, step_write(0, is_second=True), resume, acted=False)
    kill_at(proxy, step_write(1), resume, acted=True)
    kill_at(proxy, writes("deployments", phase="promoting"), resume, acted=True)
    kill_at(proxy, writes("deployments", phase="succeeded"), resume, acted=True)
    assert adopted.history() == [(1, "unfinished")]
    ended = adopted.command("resume", "--take-over", "-o", "json").expect(0).json
    assert (ended["phase"], ended["reason"], ended["why"]) == ("succeeded", "none", "every pod is of the new release")
    adopted.assert_ended("succeeded", version="v2", reason="none", replicas=2)
    assert adopted.history() == [(1, "succeeded")]
    assert adopted.revisions() == [1, 2]
    finished = clients.finish()
    clients.assert_no_request_lost()
    clients.assert_none_after("v1", finished)


def test_a_driver_killed_on_the_way_back_is_resumed(adopted: Adopted, proxy: Proxy) -> None:
    adopted.make(replicas=2)
    adopted.begin_held(through=proxy).kill()

    def abort() -> Running:
        return adopted.begin_command("abort", through=proxy)

    def resume() -> Running:
        return adopted.begin_command("resume", "--take-over", through=proxy)

    kill_at(proxy, writes("deployments", phase="aborting"), abort, acted=True)
    kill_at(proxy, writes("deployments", phase="rolled-back"), resume, acted=False)
    kill_at(proxy, writes("configmaps", sets=OUTCOME), resume, acted=False)
    assert adopted.history() == [(1, "unfinished")]
    done = adopted.command("resume", "--take-over").expect(6)
    assert "rolled-back: aborted by hand" in done.out
    adopted.assert_ended("rolled-back", version="v1", reason="by-user", replicas=2)
    assert "nothing needs to be done" in adopted.command("resume").expect(4).err


def test_what_a_killed_driver_left_is_finished_by_the_next_start(adopted: Adopted, proxy: Proxy) -> None:
    adopted.make(replicas=1)

    def start() -> Running:
        return adopted.begin("v2", strategy="direct", through=proxy)

    kill_at(proxy, writes("configmaps", method="POST"), start, acted=True)
    proxy.requests.clear()
    adopted.namespace.kubectl("delete", "lease", f"cictl.{NAME}")
    kill_at(proxy, writes("deployments", phase="succeeded"), start, acted=True)
    adopted.namespace.kubectl("delete", "lease", f"cictl.{NAME}")
    adopted.start("v3", strategy="direct").expect(0)
    adopted.assert_ended("succeeded", version="v3", replicas=1)
    assert adopted.history() == [(1, "superseded"), (2, "succeeded"), (3, "succeeded")]


@pytest.mark.usefixtures("prometheus_stays")
def test_a_driver_killed_while_it_watches_is_resumed(adopted: Adopted, project: Project, clients_of: ClientsOf) -> None:
    project.change_strategy("watched", gate="default", watch="10s", deadline="2m")
    adopted.make(replicas=2)
    clients = clients_of()
    driver = adopted.begin(strategy="watched")
    adopted.namespace.await_phase("watching", name=NAME)
    driver.kill()
    done = adopted.command("resume", "--take-over").expect(0)
    assert "healthy to the end of the watch" in done.err
    adopted.assert_ended("succeeded", version="v2", replicas=2)
    clients.finish()
    clients.assert_no_request_lost()


def test_ctrl_c_leaves_a_rollout_that_resume_goes_on_with(adopted: Adopted) -> None:
    adopted.make(replicas=2)
    driver = adopted.begin_held(strategy="swap-held")
    driver.send(signal.SIGINT)
    stopped = driver.wait()
    stopped.expect(130)
    assert "cictl rollout resume" in stopped.err
    assert "Traceback" not in stopped.err
    assert adopted.namespace.phase(NAME) == "stepping"
    refused = adopted.start("v3", strategy="quick").expect(6)
    assert "cictl rollout resume" in refused.err
    resumed = adopted.command("resume").expect(0)
    assert "waiting" not in resumed.err, "Ctrl-C gives the Lease back"
    adopted.assert_ended("succeeded", version="v2", replicas=2)


def test_a_second_driver_is_told_who_drives(adopted: Adopted) -> None:
    adopted.make(replicas=2)
    first = adopted.begin_held()
    who = f"pid {first.process.pid} "
    for done in (adopted.start("v3", strategy="quick"), adopted.command("resume")):
        done.expect(6)
        assert who in done.err, done.err
    assert who in adopted.command("status").expect(0).out
    second = adopted.begin_command("resume", "--take-over")
    assert "has taken over (token 2, this one has 1)" in first.wait().expect(6).err
    adopted.await_pausing(second)
    assert adopted.namespace.state(NAME)["token"] == "2"
    assert "aborted by hand" in adopted.command("abort").expect(0).out
    assert second.wait().code == 6
    adopted.assert_ended("rolled-back", version="v1", reason="by-user", replicas=2)
    assert adopted.history() == [(1, "rolled-back")]


def test_a_stopped_driver_that_wakes_up_changes_nothing(adopted: Adopted, proxy: Proxy) -> None:
    adopted.make(replicas=2)
    stale = adopted.begin_held(strategy="swap-held", through=proxy)
    stale.send(signal.SIGSTOP)
    proxy.await_answers()  # a renewal under way would say that it still runs
    resumed = adopted.command("resume").expect(0)
    assert f"pid {stale.process.pid} " in resumed.err, "it says whom it waits for"
    adopted.assert_ended("succeeded", version="v2", replicas=2)
    before, asked = adopted.namespace.written(), len(proxy.requests)
    stale.send(signal.SIGCONT)
    stale.wait().expect(6)
    proxy.await_answers()
    assert adopted.namespace.written() == before
    assert [each.status for each in proxy.requests[asked:] if each.is_write and (each.status or 0) < 300] == []


def test_what_a_driver_had_under_way_fails_after_a_take_over(adopted: Adopted, proxy: Proxy) -> None:
    adopted.make(replicas=2)
    held = proxy.hold(step_write(0))
    stale = adopted.begin(through=proxy)
    held.wait(while_running=stale)
    assert "before the first act" in adopted.command("abort").expect(0).out
    before = adopted.namespace.written()
    assert held.let() == 422
    stale.wait().expect(6)
    assert unchanged(adopted.namespace, before, "Deployment", "ReplicaSet", "ConfigMap")

    held = proxy.hold(step_write(1))
    stale = adopted.begin(strategy="quick", through=proxy)
    held.wait(while_running=stale)
    heir = adopted.begin_command("resume", "--take-over")
    adopted.namespace.await_phase("succeeded", name=NAME)
    heir.wait().expect(0)
    before = adopted.namespace.written()
    assert held.let() == 422
    stale.wait().expect(6)
    assert unchanged(adopted.namespace, before)
    adopted.assert_ended("succeeded", version="v2", replicas=2)
    assert adopted.history() == [(1, "rolled-back"), (2, "succeeded")]


def test_a_repair_under_way_fails_after_a_take_over(adopted: Adopted, proxy: Proxy) -> None:
    adopted.make(replicas=5)
    stale = adopted.begin_held(strategy="drifting", through=proxy)
    adopted.namespace.kubectl("scale", "deployment", NAME, "--replicas=6")
    adopted.await_split(v1=6, v2=2)
    held = proxy.hold(writes("replicasets"))
    adopted.namespace.kubectl("scale", "deployment", NAME, "--replicas=5")
    held.wait(while_running=stale)
    stale.send(signal.SIGSTOP)
    heir = adopted.begin_command("resume", "--take-over")
    adopted.await_split(v1=5, v2=1)
    adopted.await_pausing(heir)
    before = adopted.namespace.written()
    assert held.let() == 422
    assert unchanged(adopted.namespace, before, "Deployment", "ReplicaSet")
    stale.send(signal.SIGCONT)
    stale.wait().expect(6)
    adopted.command("abort").expect(0)
    assert heir.wait().code == 6


def test_objects_under_way_are_not_brought_after_a_take_over(
    project: Project, namespace: Namespace, images: Images, proxy: Proxy
) -> None:
    project.change_values(replicas=1)
    project.install(images["v1"])
    project.change_values(service={"annotations": {"team": "shop"}})
    held = proxy.hold(writes("services"))
    stale = project.begin(images["v2"], "--strategy", "direct", environment=proxy.environment)
    held.wait(while_running=stale)
    heir = project.rollout("abort")
    heir.expect(0)
    before = namespace.written()
    assert held.let() in {409, 422}
    stale.wait().expect(6)
    assert unchanged(namespace, before)
    assert "team" not in namespace.get("service", NAME)["metadata"].get("annotations", {})


def unchanged(namespace: Namespace, before: dict[str, Json], *kinds: str) -> bool:
    """Whether everything, or all of KINDS, is as it was BEFORE."""
    after = namespace.written()
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return not {key for key in changed if not kinds or key.partition("/")[0] in kinds}
