from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cictl.core.objects import KubernetesObject, with_value
from cictl.core.pod_diagnosis import diagnose, diagnose_pod, diagnose_replica_set
from cictl.core.pods import FindingKind, Graces, PodFinding

RECORDINGS = Path(__file__).parent / "recordings" / "pods"  # written by a Kubernetes 1.34 from tests/e2e/broken_pods.py
START = 1_800_000_000.0
STARTED_AT = "2027-01-15T08:00:00Z"
Objects = list[dict[str, Any]]


def recorded(name: str) -> tuple[PodFinding, ...]:
    recording: dict[str, Objects] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return diagnose(recording["pods"], recording["events"], recording["replicaSets"])


@pytest.mark.parametrize(
    ("name", "kind", "grace", "pattern"),
    [
        (
            "invalid-image",
            FindingKind.INVALID_IMAGE,
            0,
            r"^image 'UPPER//bad' of container app is not a valid reference$",
        ),
        ("missing-tag", FindingKind.PULL_ERROR, 0, r"python:3-nope of container app cannot be pulled: not found$"),
        ("missing-repository", FindingKind.PULL_ERROR, 0, r"nothing:1 of container app cannot be pulled: not found$"),
        ("no-registry", FindingKind.PULL_ERROR, 20, r"cannot be pulled: failed to do request: .*no route to host$"),
        ("crash", FindingKind.CRASH_LOOP, 0, r"^container app exited with code 3: no DATABASE_URL; restarted 3 times$"),
        ("oom", FindingKind.OOM, 0, r"^container app was killed for using more memory than 32Mi$"),
        ("no-binary", FindingKind.START_ERROR, 10, r"cannot be started: .*/no/such/binary: no such file or directory"),
        ("unschedulable", FindingKind.UNSCHEDULABLE, 120, r"^no node takes the pod: 0/1 nodes .*Insufficient cpu"),
        (
            "no-config-in-environment",
            FindingKind.CONFIG_ERROR,
            10,
            r'cannot be configured: configmap "nope" not found$',
        ),
        ("no-config-to-mount", FindingKind.CONFIG_ERROR, 10, r'source is missing: .*configmap "nope" not found$'),
        ("runs-as-root", FindingKind.CONFIG_ERROR, 10, r"runAsNonRoot and image will run as root$"),
        ("never-ready", FindingKind.NOT_READY, 60, r"^container app is not ready: Readiness probe failed: .*404$"),
        ("dies-alive", FindingKind.CRASH_LOOP, 0, r"137 \(SIGKILL\); restarted \d times \(.*failed liveness probe"),
        ("fills-disk", FindingKind.EVICTED, 0, r"^the pod was evicted: .*storage usage exceeds the total limit"),
        ("not-restricted", FindingKind.REFUSED, 0, r'cannot create pods: .*violates PodSecurity "restricted'),
        ("no-request", FindingKind.REFUSED, 0, r"must specify requests\.cpu for: app$"),
        ("no-account", FindingKind.REFUSED, 10, r'serviceaccount "nope" not found$'),
        (
            "over-quota",
            FindingKind.QUOTA,
            30,
            r"exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0$",
        ),
    ],
)
def test_recorded_pods(name: str, kind: FindingKind, grace: float, pattern: str) -> None:
    (found,) = recorded(name)
    assert (found.kind, found.grace_seconds) == (kind, grace)
    assert re.search(pattern, found.reason), found.reason
    assert found.since is not None or found.grace_seconds == 0


def test_healthy_pod_has_no_finding() -> None:
    assert recorded("healthy") == ()


def test_since_is_the_first_event_that_tells() -> None:
    recording = json.loads((RECORDINGS / "no-registry.json").read_text())
    (found,) = diagnose_pod(recording["pods"][0], recording["events"])
    (blind,) = diagnose_pod(recording["pods"][0])
    assert found.since is not None
    assert blind.since is not None
    assert 0 < found.since - blind.since < 60


def a_pod(status: dict[str, Any], **spec: object) -> dict[str, Any]:
    """Return a running pod that was started at START and is not ready since."""
    conditions = [{"type": "Ready", "status": "False", "lastTransitionTime": STARTED_AT, "message": "not now"}]
    return {
        "metadata": {"name": "checkout-1", "uid": "1"},
        "spec": {"containers": [{"name": "app", "image": "shop/checkout"}], **spec},
        "status": {"phase": "Running", "startTime": STARTED_AT, "conditions": conditions, **status},
    }


def container(**status: object) -> dict[str, Any]:
    return {"containerStatuses": [{"name": "app", "ready": False, "restartCount": 0, **status}]}


def an_event(reason: str, message: str, **times: object) -> dict[str, Any]:
    about = {"kind": "Pod", "name": "checkout-1", "uid": "1"}
    return {"involvedObject": about, "reason": reason, "message": message, **(times or {"firstTimestamp": STARTED_AT})}


def test_ending_pod_is_left_out() -> None:
    broken = a_pod(container(state={"waiting": {"reason": "CrashLoopBackOff"}}))
    assert diagnose([broken])
    assert diagnose([with_value(broken, ("metadata", "deletionTimestamp"), STARTED_AT)]) == ()


@pytest.mark.parametrize(
    ("reason", "message", "kind", "grace"),
    [
        pytest.param("FailedMount", "timed out waiting for the volume", FindingKind.MOUNT_ERROR, 60, id="volume"),
        pytest.param("FailedAttachVolume", "Multi-Attach error for volume", FindingKind.MOUNT_ERROR, 60, id="attach"),
        pytest.param("FailedMount", 'secret "tls" not found', FindingKind.CONFIG_ERROR, 10, id="missing-secret"),
        pytest.param("FailedCreatePodSandBox", "no address left", FindingKind.SANDBOX_ERROR, 60, id="sandbox"),
        pytest.param("Pulling", 'Pulling image "big"', FindingKind.NOT_STARTED, 300, id="still-pulling"),
    ],
)
def test_pod_that_is_still_being_made(reason: str, message: str, kind: FindingKind, grace: float) -> None:
    pod = a_pod(container(state={"waiting": {"reason": "ContainerCreating"}}), volumes=[])
    (found,) = diagnose_pod(pod, [an_event(reason, message)])
    assert (found.kind, found.grace_seconds) == (kind, grace)
    assert message[1:] in found.reason


def test_trouble_with_a_volume_is_over_once_the_container_runs() -> None:
    pod = a_pod(container(ready=True, state={"running": {"startedAt": STARTED_AT}}))
    ready = with_value(pod, ("status", "conditions"), [{"type": "Ready", "status": "True"}])
    assert diagnose_pod(ready, [an_event("FailedMount", "timed out")]) == ()


def test_readiness_grace_begins_when_the_container_starts() -> None:
    pod = a_pod(container(state={"running": {"startedAt": "2027-01-15T08:00:30Z"}}))
    (found,) = diagnose_pod(pod)
    assert (found.kind, found.since, found.container) == (FindingKind.NOT_READY, START + 30, "app")


def test_probes_that_allow_more_time_are_waited_for() -> None:
    probes = {
        "startupProbe": {"failureThreshold": 30, "periodSeconds": 5, "initialDelaySeconds": 7},
        "readinessProbe": {},
    }
    pod = a_pod(container(state={"running": {}}), containers=[{"name": "app", **probes}])
    (found,) = diagnose_pod(pod)
    assert found.grace_seconds == 157


def test_pod_whose_containers_are_ready_waits_for_a_gate() -> None:
    (found,) = diagnose_pod(a_pod(container(ready=True)))
    assert (found.kind, found.container) == (FindingKind.NOT_READY, None)
    assert found.reason == "the pod is not ready: not now"


def test_container_that_ended_once_says_how() -> None:
    ended = {"terminated": {"exitCode": 1, "message": "no route", "finishedAt": STARTED_AT}}
    (found,) = diagnose_pod(a_pod(container(restartCount=1, state={"running": {}}, lastState=ended)))
    assert found.kind is FindingKind.NOT_READY
    assert found.reason == "container app is not ready: it exited with code 1: no route"


@pytest.mark.parametrize("message", ["The node was low on resource: memory.", "Usage of EmptyDir is high"])
def test_eviction_from_a_full_node_is_not_the_releases_doing(message: str) -> None:
    evicted = a_pod({"phase": "Failed", "reason": "Evicted", "message": message})
    assert diagnose_pod(evicted) == ()


def test_graces_can_be_set() -> None:
    pod = a_pod(container(state={"running": {}}))
    (found,) = diagnose_pod(pod, graces=Graces(not_ready=600))
    assert found.grace_seconds == 600


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param({"type": "ReplicaFailure", "status": "False", "reason": "FailedCreate"}, id="over"),
        pytest.param({"type": "ReplicaFailure", "status": "True", "reason": "FailedDelete"}, id="another"),
        pytest.param({"type": "Other", "status": "True", "reason": "FailedCreate"}, id="other-condition"),
    ],
)
def test_replica_set_that_can_make_pods(failure: dict[str, str]) -> None:
    assert diagnose_replica_set({"metadata": {"name": "a"}, "status": {"conditions": [failure]}}) == ()


@pytest.mark.parametrize("nothing", [{}, {"status": None}, {"status": {"containerStatuses": "?", "conditions": [1]}}])
def test_no_field_is_trusted_to_be_there(nothing: KubernetesObject) -> None:
    assert diagnose([nothing], [{}, {"involvedObject": None}], [nothing]) == ()
