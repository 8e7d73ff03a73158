"""Which agents would take a build, what is created where none would, and how it is started."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from cictl.core.bootstrap_agent import agent_step, controller_step, start_commands, wish_for
from cictl.core.bootstrap_plan import Standing
from cictl.core.jenkins_nodes import Node

_CONTROLLER = Node("Built-In Node", is_controller=True, is_online=True, executors=2, labels=frozenset({"docker"}))


def _agent(name: str = "a", *labels: str, is_online: bool = True, executors: int = 1) -> Node:
    return Node(name, is_controller=False, is_online=is_online, executors=executors, labels=frozenset(labels))


@pytest.mark.parametrize(
    ("nodes", "label", "standing", "words"),
    [
        pytest.param([_CONTROLLER, _agent("a", "docker")], "docker", Standing.UNCHANGED, "online: a", id="online"),
        pytest.param([_CONTROLLER], "docker", Standing.CREATED, "docker-agent", id="the-controller-does-not-count"),
        pytest.param([_CONTROLLER], "", Standing.CREATED, "shop-agent", id="any-label"),
        pytest.param([_agent("a")], "", Standing.UNCHANGED, "online: a", id="any-agent"),
        pytest.param(
            [_agent("a", "docker", executors=0)], "docker", Standing.CREATED, "docker-agent", id="no-executor"
        ),
        pytest.param([_agent("a", "arm")], "docker", Standing.CREATED, "docker-agent", id="other-label"),
        pytest.param(
            [_agent("a", "docker", is_online=False)], "docker", Standing.REFUSED, "a is offline", id="offline"
        ),
        pytest.param([_agent("docker-agent")], "docker", Standing.REFUSED, "another kind", id="name-taken"),
        pytest.param([_agent("a")], "docker && linux", Standing.UNVERIFIED, "expression", id="expression"),
    ],
)
def test_agent_step(nodes: list[Node], label: str, standing: Standing, words: str) -> None:
    step = agent_step(nodes, wish_for(label, folder="teams/shop"))
    assert (step.standing, words in step.detail) == (standing, True)


@pytest.mark.parametrize(
    ("executors", "is_to_stop", "standing"),
    [(0, False, None), (0, True, None), (2, False, Standing.UNVERIFIED), (2, True, Standing.CHANGED)],
)
def test_controller_step(executors: int, is_to_stop: bool, standing: Standing | None) -> None:
    step = controller_step([replace(_CONTROLLER, executors=executors)], is_to_stop=is_to_stop)
    assert (step.standing if step else None) is standing


def test_the_secret_is_named_by_its_file() -> None:
    fetch, start = start_commands("a b", url="http://ci/jenkins", secret_file="/s/x y", remote_folder="/w")
    assert fetch == "curl -fsSO http://ci/jenkins/jnlpJars/agent.jar"
    words = shlex.split(start)
    assert (words[words.index("-secret") + 1], words[words.index("-name") + 1]) == ("@/s/x y", "a b")
    assert words[words.index("-url") + 1] == "http://ci/jenkins/"
