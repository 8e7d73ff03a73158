"""Real pods that fail, each in its way, are found with the reason that the cluster gives."""

from __future__ import annotations

import json
import os
import re
import subprocess
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from cictl.core.pod_diagnosis import diagnose
from cictl.core.pods import FindingKind, PodFinding, log_request
from tests.e2e.broken_pods import broken_pods, deployment, refused_pods
from tests.e2e.support.cluster import is_ready
from tests.running import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECONDS = 300.0  # for what the cluster brings about, however busy the machine is


class Cluster:
    """kubectl in one namespace of the lab."""

    def __init__(self, environment: Mapping[str, str], namespace: str) -> None:
        self._environment = {**os.environ, **environment}
        self.namespace = namespace

    def run(self, *arguments: str, given: object = None) -> str:
        result = self.try_run(*arguments, given=given)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def try_run(self, *arguments: str, given: object = None) -> subprocess.CompletedProcess[str]:
        command = ["kubectl", "--namespace", self.namespace, *arguments]
        text = None if given is None else json.dumps(given)
        return subprocess.run(
            command, input=text, env=self._environment, capture_output=True, text=True, check=False, timeout=_SECONDS
        )

    def items(self, kind: str, *options: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = json.loads(self.run("get", kind, "--output", "json", *options))["items"]
        return items

    def apply(self, pods: Mapping[str, dict[str, Any]]) -> None:
        objects = [deployment(name, pod) for name, pod in pods.items()]
        self.run("apply", "--filename", "-", given={"apiVersion": "v1", "kind": "List", "items": objects})

    def findings(self, name: str) -> tuple[PodFinding, ...]:
        own = ("--selector", f"app={name}")
        return diagnose(self.items("pods", *own), self.items("events"), self.items("replicasets", *own))


@pytest.fixture(scope="module")
def image(lab: Mapping[str, str]) -> str:
    """Return an image with python3, pushed to the lab's registry."""
    reference = f"{lab['CICTL_LAB_REGISTRY']}/e2e-pods/python:3"
    for command in (("tag", "cictl-lab/python:3", reference), ("push", "--quiet", reference)):
        subprocess.run(
            ["docker", *command], env={**os.environ, **lab}, check=True, capture_output=True, timeout=_SECONDS
        )
    return reference


def _namespace(lab: Mapping[str, str], name: str) -> Cluster:
    cluster = Cluster(lab, f"{name}-{uuid.uuid4().hex[:6]}")
    cluster.run("create", "namespace", cluster.namespace)
    return cluster


@pytest.fixture(scope="module")
def broken(lab: Mapping[str, str], image: str) -> Iterator[Cluster]:
    cluster = _namespace(lab, "e2e-pods")
    cluster.apply(broken_pods(lab["CICTL_LAB_REGISTRY"], image))
    yield cluster
    cluster.run("delete", "namespace", cluster.namespace, "--wait=false")


@pytest.fixture(scope="module")
def refused(lab: Mapping[str, str], image: str) -> Iterator[Cluster]:
    cluster = _namespace(lab, "e2e-quota")
    cluster.run("label", "namespace", cluster.namespace, "pod-security.kubernetes.io/enforce=restricted")
    cluster.run("create", "quota", "small", "--hard=pods=0,requests.cpu=200m")
    _await_refusal(cluster, image)
    cluster.apply(refused_pods(image))
    yield cluster
    cluster.run("delete", "namespace", cluster.namespace, "--wait=false")


def _await_refusal(cluster: Cluster, image: str) -> None:
    """Wait until the quota is counted and pods have an account: a ReplicaSet keeps the first refusal that it met."""
    spec = refused_pods(image)["over-quota"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "try"}, "spec": spec}

    def is_over_quota() -> bool:
        tried = cluster.try_run("create", "--dry-run=server", "--filename", "-", given=pod)
        return "exceeded quota" in tried.stderr

    eventually(is_over_quota, seconds=_SECONDS, every=0.5, what="the quota refuses no pod")


def _await(cluster: Cluster, name: str, kind: FindingKind, pattern: str) -> PodFinding:
    seen: list[PodFinding] = []

    def look() -> PodFinding | None:
        seen[:] = cluster.findings(name)
        return next((each for each in seen if each.kind is kind and re.search(pattern, each.reason)), None)

    found = eventually(look, seconds=_SECONDS, every=0.5, what=lambda: f"saw only {seen}")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "kind", "pattern"),
    [
        ("invalid-image", FindingKind.INVALID_IMAGE, r"'UPPER//bad'"),
        ("missing-tag", FindingKind.PULL_ERROR, r"python:3-nope .*: not found$"),
        ("missing-repository", FindingKind.PULL_ERROR, r"nothing:1 .*: not found$"),
        ("no-registry", FindingKind.PULL_ERROR, r"198\.18\.255\.3:5000"),
        ("crash", FindingKind.CRASH_LOOP, r"exited with code 3: no DATABASE_URL; restarted [2-9]"),
        ("oom", FindingKind.OOM, r"more memory than 32Mi"),
        ("no-binary", FindingKind.START_ERROR, r"/no/such/binary"),
        ("unschedulable", FindingKind.UNSCHEDULABLE, r"Insufficient cpu"),
        ("no-config-in-environment", FindingKind.CONFIG_ERROR, r'configmap "nope" not found'),
        ("no-config-to-mount", FindingKind.CONFIG_ERROR, r'volume "v" : configmap "nope" not found'),
        ("never-ready", FindingKind.NOT_READY, r"Readiness probe failed: .*404"),
        ("dies-alive", FindingKind.CRASH_LOOP, r"failed liveness probe"),
        ("runs-as-root", FindingKind.CONFIG_ERROR, r"runAsNonRoot"),
        ("fills-disk", FindingKind.EVICTED, r"ephemeral local storage usage exceeds"),
    ],
)
def test_broken_pod_is_found(broken: Cluster, name: str, kind: FindingKind, pattern: str) -> None:
    found = _await(broken, name, kind, pattern)
    assert found.pod.startswith(name)
    assert found.grace_seconds <= 0 or found.since is not None


def test_healthy_pod_has_no_finding(broken: Cluster) -> None:
    def serves() -> bool:
        return any(is_ready(pod) for pod in broken.items("pods", "--selector", "app=healthy"))

    eventually(serves, seconds=_SECONDS, every=0.5)
    assert broken.findings("healthy") == ()


def test_log_of_the_crash_is_there(broken: Cluster) -> None:
    told = ""

    def shows_why() -> bool:
        """Look anew each time: the container may have been started again since it was found."""
        nonlocal told
        request = log_request(_await(broken, "crash", FindingKind.CRASH_LOOP, ""))
        assert request is not None
        options = [f"--previous={str(request.previous).lower()}", f"--tail={request.tail_lines}"]
        done = broken.try_run("logs", request.pod, "--container", request.container, *options)
        told = done.stdout + done.stderr
        return "no DATABASE_URL" in done.stdout

    eventually(shows_why, seconds=_SECONDS, every=0.5, what=lambda: told)


@pytest.mark.parametrize(
    ("name", "kind", "pattern"),
    [
        ("not-restricted", FindingKind.REFUSED, r"violates PodSecurity"),
        ("no-request", FindingKind.REFUSED, r"must specify requests\.cpu"),
        ("no-account", FindingKind.REFUSED, r'serviceaccount "nope" not found'),
        ("over-quota", FindingKind.QUOTA, r"exceeded quota: small"),
    ],
)
def test_refused_pod_is_found(refused: Cluster, name: str, kind: FindingKind, pattern: str) -> None:
    found = _await(refused, name, kind, pattern)
    assert found.pod == ""
    assert found.since is not None
