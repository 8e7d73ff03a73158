"""The way back, by hand: undo over several releases, and abort in each phase."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.load import Record
from tests.e2e.conftest import ClientsOf
from tests.e2e.support.clients import Clients
from tests.e2e.support.cluster import Namespace
from tests.e2e.support.images import Images
from tests.e2e.support.program import PATIENCE_SECONDS, Running
from tests.e2e.support.project import STEPS, Project
from tests.running import eventually

READY = 'jsonpath={.status.readyReplicas}{"\\n"}'


def test_undo_over_three_releases(
    project: Project, namespace: Namespace, images: Images, clients_of: ClientsOf
) -> None:
    greetings = {"v1": "hello", "v2": "welcome", "v3": "howdy"}
    project.change_values(replicas=2)
    project.install(images["v1"])
    clients = clients_of()
    for version in ("v2", "v3"):
        project.greet(greetings[version])
        project.install(images[version])
    runs = {}
    for revision, options in ((4, ()), (5, ()), (6, ("--to-revision", "3"))):
        outcome = project.rollout("undo", *options, "-o", "json").expect(0).json
        assert (outcome["release"], outcome["phase"]) == (revision, "succeeded")
        recent = answer_of_the_new(namespace, clients)
        runs[revision] = (namespace.image(), recent.version, recent.config)
    clients.finish()
    clients.assert_no_request_lost()
    assert runs == {
        revision: (images[version], version, greetings[version])
        for revision, version in {4: "v2", 5: "v1", 6: "v3"}.items()
    }
    newest = project.history()[0]
    assert (newest["release"], newest["undoOf"], newest["running"]) == (6, 3, True)
    assert "REVISION" in namespace.kubectl("rollout", "history", "deployment/checkout")
    missing = project.rollout("undo", "--to-revision", "77").expect(4)
    assert "no release 77" in missing.err


def answer_of_the_new(namespace: Namespace, clients: Clients) -> Record:
    """Return an answer to what was asked after the pods before were gone."""
    eventually(lambda: len(namespace.items("pods", "app.kubernetes.io/name=checkout")) == 2, seconds=PATIENCE_SECONDS)
    now = time.time()
    found = eventually(lambda: next((one for one in clients.so_far() if one.sent > now), None))
    assert found is not None
    return found


@pytest.mark.parametrize("phase", ["stepping", "promoting", "watching"])
def test_abort_in_each_phase(
    phase: str, project: Project, namespace: Namespace, images: Images, clients_of: ClientsOf
) -> None:
    project.change_values(replicas=2)
    project.install(images["v1"])
    own, clients = namespace.held(), clients_of()
    project.change_strategy("watched", gate="default", watch="10m", deadline="10m", abort_patience="5m")
    project.change_strategy("direct", deadline="10m")
    strategy = {"stepping": "endless", "promoting": "direct", "watching": "watched"}[phase]
    image = images["never-ready" if phase == "promoting" else "v2"]
    running = project.begin(image, "--strategy", strategy)
    namespace.await_phase(phase)
    aborted = project.rollout("abort", "-o", "json").expect(0).json
    ended = clients.finish()
    assert (aborted["phase"], aborted["reason"]) == ("rolled-back", "by-user")
    driver = running.wait().expect(6)
    assert "abort" in driver.out + driver.err
    assert namespace.phase() == "rolled-back"
    assert namespace.held() == own
    assert namespace.image() == images["v1"]
    clients.assert_no_request_lost()
    clients.assert_none_after("v2", ended)
    assert project.history()[0]["why"] == "aborted by hand"
    nothing = project.rollout("abort").expect(4)
    assert "no rollout of checkout is under way" in nothing.err


def test_abort_of_a_first_install_leaves_nothing(project: Project, namespace: Namespace, images: Images) -> None:
    project.change_values(replicas=1)
    project.change_strategy("direct", deadline="10m")
    running = project.begin(images["never-ready"], "--strategy", "direct")
    namespace.await_phase("promoting")
    aborted = project.rollout("abort", "-o", "json").expect(0).json
    assert aborted["phase"] == "rolled-back"
    assert running.wait().code == 6
    for kind, name in (("deployment", "checkout"), ("service", "checkout"), ("serviceaccount", "checkout")):
        assert namespace.find(kind, name) is None
    eventually(lambda: not namespace.items("pods"), seconds=PATIENCE_SECONDS)
    again = project.roll_out(images["v1"], "--strategy", "direct", "-o", "json").expect(0).json
    assert (again["release"], again["phase"]) == (2, "succeeded")


def test_a_first_install_that_fails_leaves_nothing(project: Project, namespace: Namespace, images: Images) -> None:
    project.change_values(replicas=1)
    outcome = project.roll_out(images["crashing"], "-o", "json").expect(9).json
    assert outcome["phase"] == "rolled-back"
    assert "fault_crash_at_start" in "\n".join(outcome["log"])
    assert namespace.find("deployment", "checkout") is None
    assert namespace.find("service", "checkout") is None


def test_swapped_capacity_keeps_as_many_ready_as_before(
    project: Project, namespace: Namespace, images: Images, clients_of: ClientsOf
) -> None:
    project.change_values(replicas=4)
    project.change_strategy("swapped", steps=STEPS)
    project.install(images["v1"])
    own, clients = namespace.held(), clients_of()
    with ready_over_time(namespace) as seen:
        outcome = project.roll_out(images["v2"], "--strategy", "swapped").expect(0)
    clients.finish()
    clients.assert_no_request_lost()
    assert "no slack" in outcome.out
    assert namespace.held() == own
    counts = [int(line) for line in seen.stdout.splitlines() if line]
    assert len(counts) > 5
    assert min(counts) >= 4


@contextmanager
def ready_over_time(namespace: Namespace) -> Iterator[Running]:
    """Note each number of ready pods that the Deployment's status shows."""
    watch = Running(
        ["kubectl", "-n", namespace.name, "get", "deployment", "checkout", "--watch", "-o", READY],
        Path(),
        namespace.environment,
    )
    try:
        eventually(lambda: watch.stdout, seconds=PATIENCE_SECONDS, what=lambda: watch.stderr)
        yield watch
    finally:
        watch.kill()


def test_undo_takes_over_from_who_drives_and_keeps_the_reason(
    project: Project, namespace: Namespace, images: Images
) -> None:
    project.change_values(replicas=1)
    project.install(images["v1"])
    running = project.begin(images["v2"], "--strategy", "endless")
    namespace.await_phase("stepping")
    undo = ("undo", "--take-over", "--reason", "orders fail; $(touch x)", "-o", "json")
    taken_back = project.rollout(*undo).expect(0).json
    assert (taken_back["release"], taken_back["phase"]) == (2, "rolled-back")
    running.wait().expect(6)
    assert (namespace.phase(), namespace.image()) == ("rolled-back", images["v1"])
    assert project.history()[0]["why"] == "aborted by hand: orders fail; $(touch x)"

    project.install(images["v2"])
    undone = project.rollout(*undo).expect(0).json
    assert (undone["release"], undone["phase"], namespace.image()) == (4, "succeeded", images["v1"])
    assert "orders fail; $(touch x)" in str(project.history()[0])


def test_start_goes_on_with_what_a_dead_driver_left_of_the_same_image(
    project: Project, namespace: Namespace, images: Images
) -> None:
    project.change_values(replicas=1)
    project.change_strategy("blind", steps=[{"weight": 50, "pause": "4s"}], deadline="2m")
    project.install(images["v1"])
    driver = project.begin(images["v2"], "--strategy", "blind")
    namespace.await_phase("stepping")
    driver.kill()
    other = project.roll_out(images["v3"], "--strategy", "blind", "--resume").expect(6)
    assert "cictl rollout resume" in other.err
    again = project.roll_out(images["v2"], "--strategy", "blind", "--resume", "-o", "json").expect(0)
    assert (again.json["release"], again.json["phase"]) == (2, "succeeded")
    assert "is under way; going on with it" in again.out + again.err
    assert [each["release"] for each in project.history()] == [2, 1], "nothing was begun twice"
    assert namespace.image() == images["v2"]
