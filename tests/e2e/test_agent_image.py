"""The agent's image, built by the lab's engine and used as its own user: what the shared library asks of an agent."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support.cluster import Namespace
from tests.e2e.support.images import Images
from tests.e2e.support.locks import lock
from tests.e2e.support.project import ENVIRONMENT, Project
from tests.running import eventually

ROOT = Path(__file__).parents[2]
TAG = "e2e-agent/agent:1"
RESOURCES = ROOT / "shared-lib" / "resources" / "dev" / "cictl"
VERSION = json.loads((RESOURCES / "platform.json").read_text())["version"]


class Agent:
    """A container of the image that waits for commands, as an agent between builds does."""

    def __init__(self, environment: Mapping[str, str], mounts: Mapping[Path, str]) -> None:
        """Start it with the engine's socket, whose group it is given, and MOUNTS to read."""
        self._environment = environment
        engine = environment["DOCKER_HOST"].removeprefix("unix://")
        shared = [f"--volume={path}:{place}:ro" for path, place in mounts.items()]
        shared += [f"--volume={engine}:/var/run/docker.sock", f"--group-add={Path(engine).stat().st_gid}"]
        self._name = _docker(environment, "run", "--detach", "--rm", *shared, TAG, "sleep", "3600").strip()

    def run(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run COMMAND by the shell there, as the `sh` step does."""
        given = [f"--env={key}={value}" for key, value in variables.items()]
        words = ["docker", "exec", *given, self._name, "sh", "-c", command]
        return subprocess.run(words, env=self._environment, capture_output=True, text=True, check=False, timeout=300)

    def said(self, command: str, **variables: str) -> str:
        """Return what COMMAND prints; it succeeds."""
        done = self.run(command, **variables)
        assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def stop(self) -> None:
        """Remove it."""
        _docker(self._environment, "rm", "--force", self._name)


def _docker(environment: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(
        ["docker", *words], env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(lab: dict[str, str]) -> dict[str, str]:
    made = {**os.environ, **lab}
    with lock("agent-image"):
        base = subprocess.run([sys.executable, "-m", "lab", "agent-base"], capture_output=True, text=True, check=True)
        arguments = [f"--build-arg={name}={base.stdout.strip()}" for name in ("BASE", "TOOLS")]
        _docker(made, "build", "--quiet", *arguments, "--file", "pipelines/agent/Dockerfile", "--tag", TAG, ".")
    return made


@pytest.fixture(scope="module")
def agent(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    shared = tmp_path_factory.mktemp("agent")
    for folder in (shared, *shared.parents[:2]):
        folder.chmod(0o755)  # the agent is another user
    shutil.copy(environment["KUBECONFIG"], shared / "kubeconfig")
    (shared / "kubeconfig").chmod(0o644)
    made = Agent(environment, {shared / "kubeconfig": "/credentials/kubeconfig", RESOURCES: "/library"})
    yield made
    made.stop()


@pytest.fixture
def address(project: Project, lab: dict[str, str]) -> Iterator[str]:
    """Serve a platform's repository by Git, where a container reaches this machine."""
    shutil.copytree(ROOT / "charts" / "service", project.directory / "chart")
    project.service["chart"]["path"] = "../chart"
    project.change_strategy("direct", deadline="90s")
    git = ["git", "-c", "user.name=ann", "-c", "user.email=ann@example.com"]
    for words in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "begin"]):
        subprocess.run([*git, *words], cwd=project.directory, check=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((lab["CICTL_LAB_REGISTRY"].partition(":")[0], 9))
        host = probe.getsockname()[0]
    with socket.socket() as unused:
        unused.bind((host, 0))
        port = unused.getsockname()[1]
    served = ["--export-all", f"--listen={host}", f"--port={port}", f"--base-path={project.directory.parent}"]
    daemon = subprocess.Popen(["git", "daemon", *served], stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _is_listening(host, port), what=f"nobody listens at {host}:{port}")
        yield f"git://{host}:{port}/{project.directory.name}"
    finally:
        daemon.terminate()
        daemon.wait(10)


def _is_listening(host: str, port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((host, port)) == 0


def test_what_is_in_it(agent: Agent) -> None:
    assert agent.said("id -u; id -un") == "1000\njenkins"
    assert agent.said("cictl --version") == f"cictl {VERSION}"
    versions: dict[str, Any] = json.loads(agent.said("docker version --format '{{json .}}'"))
    assert versions["Server"]["Version"], "the engine does not answer the agent's user"
    assert agent.said("helm version --short").startswith("v3.")
    for program in ("git", "curl", "ssh", "java", "python3"):
        assert agent.said(f"command -v {program}")
    assert agent.run("test -w /opt/cictl").returncode == 1, "a build could change the cictl of the next one"


def test_the_library_takes_the_cictl_that_is_there(agent: Agent) -> None:
    provide = "sh /library/provide.sh"
    assert agent.said(provide, STEP_VERSION=VERSION, STEP_SOURCE="/nowhere") == "/usr/local/bin"
    assert agent.run("test -e ~/.cache/cictl/agent").returncode == 1, "it was installed anew"
    other = agent.run(provide, STEP_VERSION="9.9.9", STEP_SOURCE="/nowhere")
    assert other.returncode == 3
    assert "no cictl 9.9.9 on PATH (/usr/local/bin/cictl)" in other.stderr


@pytest.mark.usefixtures("prometheus_stays")
def test_it_rolls_out(agent: Agent, address: str, images: Images, namespace: Namespace) -> None:
    agent.said(f"git clone --quiet {address} ~/platform")

    def cictl(words: str) -> dict[str, Any]:
        command = f"cd ~/platform && cictl {words} -o json"
        document: dict[str, Any] = json.loads(agent.said(command, KUBECONFIG="/credentials/kubeconfig"))
        return document

    findings = {each["system"]: each for each in cictl("doctor")["findings"]}
    assert {"git", "helm", "docker", "registry", "prometheus", f"environment {ENVIRONMENT}"} <= set(findings)
    assert {each["status"] for each in findings.values()} == {"ok"}
    done = cictl(f"rollout start checkout --env {ENVIRONMENT} --strategy direct --image {images['v1']}")
    assert done["phase"] == "succeeded"
    assert cictl(f"rollout status checkout --env {ENVIRONMENT}")["phase"] == "succeeded"
    assert namespace.image() == images["v1"]
