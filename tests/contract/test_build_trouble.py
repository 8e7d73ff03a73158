"""`cictl build start` where the queue, the connection or the server does not do as it should."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cictl.clock import SystemClock
from cictl.errors import ExitCode
from tests.contract.builds_jenkins import (
    DEPLOY,
    Cictl,
    app_of,
    is_start,
    started,
)
from tests.fake_jenkins.builds import BuildScript, by_user
from tests.fake_jenkins.server import FakeJenkins
from tests.running import Run


class QuickClock(SystemClock):
    """The machine's clock, for a server that is away for a while of real time; nobody sleeps long."""

    def sleep(self, seconds: float) -> None:
        super().sleep(min(seconds, 0.02))


def test_a_deadline_in_the_queue_and_one_while_it_runs(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.script("shop/plain", BuildScript(queue_looks=1000), BuildScript(["x\n"], is_manual=True))
    waits = cictl_one("build", "start", "--job", "shop/plain", "--timeout", "5s")
    assert (waits.status, "still waits in the queue" in waits.stderr) == (ExitCode.TIMED_OUT, True)
    assert "cictl build stop --job shop/plain --queued 3" in waits.stderr
    gone = cictl_one("build", "stop", "--job", "shop/plain", "--queued", "3")
    assert (gone.status, one_jenkins.controller.queue.items[3].cancelled) == (ExitCode.OK, True)
    runs = cictl_one("build", "start", "--job", "shop/plain", "--timeout", "5s", "--follow")
    assert (runs.status, "has not ended yet" in runs.stderr) == (ExitCode.TIMED_OUT, True)
    assert one_jenkins.build("shop/plain").building


def test_one_that_is_cancelled_in_the_queue(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.script("shop/plain", BuildScript(queue_looks=1000))

    def cancel(_: int, request: Any) -> None:  # noqa: ANN401 - the fake's
        if "/queue/item/" in request.target:
            one_jenkins.controller.queue.items[3].cancelled = True

    one_jenkins.faults.on_request = cancel
    done = cictl_one("build", "start", "--job", "shop/plain")
    assert (done.status, "was cancelled in the queue" in done.stderr) == (ExitCode.FAR_SIDE_FAILED, True)


def test_a_queue_item_that_jenkins_forgot_is_found_by_its_build(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    def forget(_: int, request: Any) -> None:  # noqa: ANN401 - as above
        if "/queue/item/" in request.target:
            one_jenkins.controller.queue.items.clear()

    one_jenkins.faults.on_request = forget
    done = cictl_one("build", "start", "--job", "shop/plain", "-o", "name")
    assert (done.status, done.stdout) == (ExitCode.OK, "build/shop/plain/1\n")
    one_jenkins.script("shop/plain", BuildScript(queue_looks=1000))
    gone = cictl_one("build", "start", "--job", "shop/plain")
    assert (gone.status, "knows nothing of queue item" in gone.stderr) == (ExitCode.NOT_FOUND, True)


@pytest.mark.parametrize("looks", [0, 3])
def test_a_start_whose_answer_is_lost_is_found_and_not_repeated(
    cictl_one: Cictl, one_jenkins: FakeJenkins, looks: int
) -> None:
    cictl_one("build", "start", "--job", DEPLOY, "-p", "VERSION=7", "--follow")
    one_jenkins.script(DEPLOY, BuildScript(queue_looks=looks))
    one_jenkins.faults.drop_after(is_start)
    done = cictl_one("build", "start", "--job", DEPLOY, "-p", "VERSION=7", "--follow")
    assert (done.status, started(one_jenkins, DEPLOY)) == (ExitCode.OK, 2), done.stderr
    assert "shop/deploy #2 ended as SUCCESS" in done.stderr


def test_a_start_that_never_arrived_is_said_and_not_repeated(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    cictl_one("build", "start", "--job", DEPLOY, "-p", "VERSION=7", "--follow")
    one_jenkins.faults.drop_before(is_start)
    done = cictl_one("build", "start", "--job", DEPLOY, "-p", "VERSION=7")
    assert (done.status, "was not started" in done.stderr) == (ExitCode.UNREACHABLE, True)
    assert (started(one_jenkins, DEPLOY), len(one_jenkins.asked("POST"))) == (1, 2)


def test_others_builds_are_not_taken_for_ones_own(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.add_user("other", permissions=["hudson.model.Hudson.Administer"])
    one_jenkins.faults.drop_before(is_start)
    seen: list[int] = []

    def other_starts(_: int, request: Any) -> None:  # noqa: ANN401 - as above
        if is_start(request) and not seen:
            seen.append(1)
            job = one_jenkins.job(DEPLOY)
            one_jenkins.controller.queue.add(job, by_user("other"), [], BuildScript())

    one_jenkins.faults.on_request = other_starts
    done = cictl_one("build", "start", "--job", DEPLOY)
    assert (done.status, "was not started" in done.stderr) == (ExitCode.UNREACHABLE, True)
    assert started(one_jenkins, DEPLOY) == 1


def test_a_log_goes_on_after_lost_connections(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.script("shop/plain", BuildScript([f"line {number}\n" for number in range(20)]))
    one_jenkins.faults.drop_before(lambda request: "progressiveText" in request.target, nth=3, times=2)
    one_jenkins.faults.drop_after(lambda request: "progressiveText" in request.target, nth=8, times=2)
    done = cictl_one("build", "start", "--job", "shop/plain", "--follow")
    assert done.status == ExitCode.OK
    lines = done.stdout.splitlines()
    assert lines == ["Started by user admin", *(f"line {number}" for number in range(20)), "Finished: SUCCESS"]
    assert "Jenkins answers again" in done.stderr


def test_a_restart_in_the_middle(run: Run, one_jenkins: FakeJenkins, tmp_path: Path) -> None:
    one_jenkins.script("shop/plain", BuildScript([f"line {number}\n" for number in range(6)]))
    restarted: list[int] = []

    def restart(_: int, request: Any) -> None:  # noqa: ANN401 - as above
        if "progressiveText?start=4" in request.target and not restarted:
            restarted.append(1)
            one_jenkins.process.begin_restart()

    one_jenkins.faults.on_request = restart
    app = app_of(one_jenkins, tmp_path)
    app.clock = QuickClock()
    done = run("build", "start", "--job", "shop/plain", "--follow", app=app)
    assert (done.status, restarted) == (ExitCode.OK, [1]), done.stderr
    lines = done.stdout.splitlines()
    assert lines == ["Started by user admin", *(f"line {number}" for number in range(6)), "Finished: SUCCESS"]
    assert "starting or restarting; what was started there goes on" in done.stderr
