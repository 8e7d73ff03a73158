from __future__ import annotations

from typing import Any

import pytest

from cictl.core.container_diagnosis import ContainerCase, describe_end, diagnose_container, shorten
from cictl.core.pod_events import PodEvents
from cictl.core.pods import FindingKind, Graces

Status = dict[str, Any]


def a_case(status: Status, *, is_init: bool = False) -> ContainerCase:
    pod = {"metadata": {"name": "checkout-1", "creationTimestamp": "2027-01-15T08:00:00Z"}}
    spec = {"name": "app", "image": "shop/checkout"}
    return ContainerCase(pod, spec, {"name": "app", **status}, PodEvents(()), Graces(), is_init)


def waiting(reason: str, message: str = "") -> Status:
    return {"state": {"waiting": {"reason": reason, "message": message}}}


def ended(code: int = 1, reason: str = "Error") -> Status:
    return {"terminated": {"exitCode": code, "reason": reason, "finishedAt": "2027-01-15T08:00:05Z"}}


NO_IMAGE = 'Back-off pulling image "x": ErrImagePull: rpc error: code = NotFound desc = manifest unknown'
REFUSED = 'rpc error: code = Unknown desc = failed to resolve reference "shop/checkout": connection refused'


@pytest.mark.parametrize(
    ("status", "kind", "grace"),
    [
        pytest.param(waiting("InvalidImageName"), FindingKind.INVALID_IMAGE, 0, id="invalid-image"),
        pytest.param(waiting("ErrImagePull", REFUSED), FindingKind.PULL_ERROR, 20, id="registry-hiccup"),
        pytest.param(waiting("ImagePullBackOff", NO_IMAGE), FindingKind.PULL_ERROR, 0, id="manifest-unknown"),
        pytest.param(waiting("ErrImageNeverPull"), FindingKind.PULL_ERROR, 20, id="never-pull"),
        pytest.param(waiting("CreateContainerConfigError"), FindingKind.CONFIG_ERROR, 10, id="configuration"),
        pytest.param(waiting("CreateContainerError"), FindingKind.START_ERROR, 10, id="create"),
        pytest.param(waiting("PostStartHookError"), FindingKind.START_ERROR, 10, id="hook"),
        pytest.param({"state": ended(reason="StartError")}, FindingKind.START_ERROR, 10, id="start"),
        pytest.param({"state": ended(137, "OOMKilled")}, FindingKind.OOM, 0, id="oom-now"),
        pytest.param(
            {"state": {"running": {}}, "lastState": ended(137, "OOMKilled")}, FindingKind.OOM, 0, id="oom-before"
        ),
        pytest.param(
            {**waiting("CrashLoopBackOff"), "restartCount": 1, "lastState": ended()},
            FindingKind.CRASH_LOOP,
            0,
            id="backs-off",
        ),
        pytest.param(
            {"state": {"running": {}}, "restartCount": 2, "lastState": ended(0)}, FindingKind.CRASH_LOOP, 0, id="twice"
        ),
    ],
)
def test_diagnose_container(status: Status, kind: FindingKind, grace: float) -> None:
    found = diagnose_container(a_case(status))
    assert found is not None
    assert (found.kind, found.grace_seconds, found.container) == (kind, grace, "app")


@pytest.mark.parametrize(
    "status",
    [
        pytest.param({"state": {"running": {}}}, id="runs"),
        pytest.param({"state": ended(), "restartCount": 0}, id="first-end"),
        pytest.param({"state": {"running": {}}, "restartCount": 1, "lastState": ended()}, id="one-restart"),
        pytest.param({"state": {"running": {}}, "restartCount": 9}, id="node-restarted"),
        pytest.param(waiting("ContainerCreating"), id="being-made"),
    ],
)
def test_container_that_may_yet_come_up(status: Status) -> None:
    assert diagnose_container(a_case(status)) is None


def test_init_container_that_is_done_is_fine_however_often_it_failed() -> None:
    done = {"state": ended(0, "Completed"), "restartCount": 5, "lastState": ended()}
    assert diagnose_container(a_case(done, is_init=True)) is None
    assert diagnose_container(a_case(done)) is not None


@pytest.mark.parametrize(
    ("status", "previous"),
    [
        pytest.param({"state": ended(137, "OOMKilled")}, False, id="ended-now"),
        pytest.param({"state": {"running": {}}, "lastState": ended(137, "OOMKilled")}, True, id="runs-again"),
        pytest.param({**waiting("CrashLoopBackOff"), "lastState": ended()}, True, id="waits"),
    ],
)
def test_which_log_tells_more(status: Status, previous: bool) -> None:
    found = diagnose_container(a_case(status))
    assert found is not None
    assert found.log_of_previous is previous


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (1, "exited with code 1"),
        (143, "exited with code 143 (SIGTERM)"),
        (255, "exited with code 255"),
        (128, "exited with code 128"),
    ],
)
def test_describe_end(code: int, expected: str) -> None:
    assert describe_end(a_case({"state": ended(code)})) == expected


def test_shorten_keeps_both_ends() -> None:
    text = shorten(f"it began\n{'x' * 1000}\tand so it ended")
    assert text.startswith("it began xxx")
    assert text.endswith("xxx and so it ended")
    assert len(text) < 350
    assert shorten(" a\n b ") == "a b"
