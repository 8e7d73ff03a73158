"""The lab itself: up in any state, parts that can be killed and started, and what it gives to a shell.

Each test leaves the lab running, for whatever else uses it.
"""

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from lab import requirements
from lab.layout import PROMETHEUS, REGISTRY, REPOSITORY
from tests.running import eventually

BUSY_SECONDS = 180.0  # for what takes some seconds on a machine that does nothing else


def lab(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "lab", *arguments]
    return subprocess.run(argv, cwd=REPOSITORY, text=True, capture_output=True, check=False)


def status() -> dict[str, dict[str, Any]]:
    return {part["name"]: part for part in json.loads(lab("status", "-o", "json").stdout)["parts"]}


def env() -> dict[str, str]:
    variables: dict[str, str] = json.loads(lab("env", "-o", "json").stdout)
    return {**os.environ, **variables}


def kubectl(*arguments: str, stdin: str = "") -> str:
    argv = ["kubectl", "--context", "lab", *arguments]
    return subprocess.run(argv, env=env(), input=stdin, text=True, capture_output=True, check=True).stdout


@pytest.fixture(scope="module", autouse=True)
def _lab_is_up() -> None:
    if lacks := requirements.missing(requirements.gather()):
        pytest.skip("; ".join(lacks))
    done = lab("up")
    assert done.returncode == 0, done.stderr


def test_up_again_changes_nothing() -> None:
    before = {name: part["pid"] for name, part in status().items()}
    began = time.monotonic()
    done = lab("up")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < BUSY_SECONDS
    assert {name: part["pid"] for name, part in status().items()} == before


def parts_when_up() -> list[dict[str, Any]]:
    """Return the parts as one `lab status` saw them that called the lab up; no part where it did not."""
    done = lab("status", "-o", "json")
    return list(json.loads(done.stdout)["parts"]) if done.returncode == 0 else []


def test_status_shows_every_part() -> None:
    shown = lab("status").stdout
    for part in eventually(parts_when_up, seconds=BUSY_SECONDS, what=lambda: lab("status").stdout):
        assert part["name"] in shown
        assert part["state"] == "running"
        assert part["ready"]
        assert part["pid"]
        assert part["memory_bytes"] > 2**20


def test_two_at_once_wait_for_each_other() -> None:
    argv = [sys.executable, "-m", "lab", "up"]
    both = [subprocess.Popen(argv, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=BUSY_SECONDS)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said


def test_env_is_what_a_shell_needs() -> None:
    exports = lab("env").stdout
    script = """
echo "$CICTL_LAB_REGISTRY $CICTL_LAB_PROMETHEUS"
for name in docker kubectl helm; do command -v $name; done
docker version --format ok
"""
    done = subprocess.run(["sh", "-euc", exports + script], text=True, capture_output=True, check=True)
    addresses, *programs, docker = done.stdout.splitlines()
    directory = shlex.split(exports)[-1].removeprefix("PATH=").split(":")[0]
    assert addresses == f"{REGISTRY} {PROMETHEUS}"
    assert programs == [f"{directory}/{name}" for name in ("docker", "kubectl", "helm")]
    assert docker == "ok"


@pytest.fixture
def _prometheus_is_left_running() -> Iterator[None]:
    yield
    lab("start", "prometheus")


@pytest.mark.usefixtures("_prometheus_is_left_running")
def test_a_killed_part_stays_dead_until_it_is_started() -> None:
    before = status()["prometheus"]["pid"]
    assert lab("kill", "prometheus").returncode == 0
    dead = status()["prometheus"]
    assert (dead["state"], dead["pid"], dead["ready"]) == ("stopped", None, False)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{PROMETHEUS}/-/ready", timeout=2)
    assert lab("kill", "prometheus").returncode == 4
    assert lab("start", "prometheus").returncode == 0
    after = status()["prometheus"]
    assert after["ready"]
    assert after["pid"] != before


def test_logs() -> None:
    done = lab("logs", "prometheus", "-n", "3")
    assert done.returncode == 0
    assert 0 < len(done.stdout.splitlines()) <= 3


NAMESPACE = "lab-itself"
SERVER = """
import http.server, prometheus_client
prometheus_client.start_http_server(9100)
http.server.ThreadingHTTPServer(("", 8000), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
def image() -> str:
    """Build and push an image on the base image, without any network."""
    name = f"{REGISTRY}/lab-itself/server:1"
    dockerfile = f"FROM cictl-lab/python:3\nUSER 10001\nENTRYPOINT {json.dumps(['python3', '-c', SERVER])}\n"
    for argv, stdin in ((["docker", "build", "-q", "-t", name, "-"], dockerfile), (["docker", "push", "-q", name], "")):
        subprocess.run(argv, env=env(), input=stdin, text=True, check=True)
    return name


@pytest.fixture
def _namespace() -> Iterator[None]:
    kubectl("create", "namespace", NAMESPACE)
    yield
    kubectl("delete", "namespace", NAMESPACE)


def manifests(image: str) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": "server", "cictl.dev/metrics": "true"}
    ports = [{"name": "http", "containerPort": 8000}, {"name": "metrics", "containerPort": 9100}]
    probe = {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 1}
    container = {"name": "server", "image": image, "ports": ports, "readinessProbe": probe}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 1},
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "server"},
        "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": template},
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "server"},
        "spec": {"selector": labels, "ports": [{"port": 80, "targetPort": "http"}]},
    }
    return {"apiVersion": "v1", "kind": "List", "items": [deployment, service]}


def scraped() -> dict[str, str]:
    """Return the labels and the value of the series that counts the service's pods."""
    query = f'count by (namespace, service, container) (up{{namespace="{NAMESPACE}"}} == 1)'
    answer = requests.get(f"{PROMETHEUS}/api/v1/query", params={"query": query}, timeout=5)
    found = answer.json()["data"]["result"]
    return {**found[0]["metric"], "count": found[0]["value"][1]} if found else {}


def answers_here(url: str) -> bool:
    """Whether URL is served here; kube-proxy hears of a ready pod later than who waits for the rollout."""
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def answers_by_name() -> bool:
    """Whether pods reach the service by its name; the lab's DNS hears of it a while later, too."""
    ask = "from urllib.request import urlopen; print(urlopen('http://server/', timeout=5).status)"
    try:
        said = kubectl("--namespace", NAMESPACE, "exec", "deployment/server", "--", "python3", "-c", ask)
    except subprocess.CalledProcessError:
        return False
    return said == "200\n"


@pytest.mark.usefixtures("_namespace")
def test_a_service_is_built_run_reached_and_scraped(image: str) -> None:
    kubectl("--namespace", NAMESPACE, "apply", "--filename=-", stdin=json.dumps(manifests(image)))
    kubectl("--namespace", NAMESPACE, "rollout", "status", "deployment/server", f"--timeout={BUSY_SECONDS:.0f}s")
    address = kubectl("--namespace", NAMESPACE, "get", "service", "server", "-o", "jsonpath={.spec.clusterIP}")
    eventually(lambda: answers_here(f"http://{address}/"), seconds=BUSY_SECONDS)
    eventually(answers_by_name, seconds=BUSY_SECONDS)
    wanted = {"namespace": NAMESPACE, "service": "server", "container": "server", "count": "2"}
    eventually(lambda: scraped() == wanted, seconds=BUSY_SECONDS, what=scraped)
