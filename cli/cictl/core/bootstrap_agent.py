"""Where builds would run: whether an agent is online for the label that jobs ask for, and how one is started."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from cictl.core.bootstrap_plan import Part, Standing, Step, refused
from cictl.core.jenkins_nodes import Node

CONTROLLER = "controller"
_ANY = "any"
_WORD = re.compile(r"[A-Za-z0-9._-]+")
_NO_PLAIN_LABEL = re.compile(r"[&|!()<>\"'\s]")


@dataclass(frozen=True, slots=True)
class AgentWish:
    """What jobs ask for: LABEL, "" for any agent; NAME is of the agent that bootstrap would create."""

    label: str
    name: str
    remote_folder: str = "/var/lib/jenkins-agent"


def wish_for(label: str, *, folder: str) -> AgentWish:
    """Return what jobs with LABEL in FOLDER ask for."""
    stem = label if _WORD.fullmatch(label) else folder.rpartition("/")[2] or "cictl"
    return AgentWish(label, f"{stem}-agent" if not stem.endswith("agent") else stem)


def serves(node: Node, label: str) -> bool:
    """Whether builds that ask for LABEL run on NODE once it is online; the controller is never meant."""
    return not node.is_controller and node.executors > 0 and (not label or label in node.labels)


def online_agents(nodes: Iterable[Node], label: str) -> tuple[str, ...]:
    """Return the names of the agents that would take a build now."""
    return tuple(node.name for node in nodes if serves(node, label) and node.is_online)


def agent_step(nodes: Iterable[Node], wish: AgentWish, *, is_provisioned: bool = False) -> Step:
    """Return what becomes of the agent; IS_PROVISIONED: a cloud starts one when a build asks for the label."""
    nodes = tuple(nodes)
    subject = f"label {wish.label}" if wish.label else "any label"
    if _NO_PLAIN_LABEL.search(wish.label):
        why = f"{wish.label!r} is an expression, for which no agent can be made"
        return Step(Part.AGENT, subject, Standing.UNVERIFIED, why, "see in Jenkins which agents match it")
    if names := online_agents(nodes, wish.label):
        return Step(Part.AGENT, subject, Standing.UNCHANGED, f"online: {', '.join(names)}")
    if is_provisioned:
        return Step(Part.AGENT, subject, Standing.UNCHANGED, "a cloud starts agents when builds ask for it")
    offline = [node for node in nodes if serves(node, wish.label)]
    if not offline:
        if any(node.name == wish.name for node in nodes):
            why = f"no agent has it, and {wish.name} is an agent of another kind"
            return refused(Part.AGENT, subject, why, f"give {wish.name} the label {wish.label or _ANY} in Jenkins")
        return Step(Part.AGENT, subject, Standing.CREATED, f"the inbound agent {wish.name}, which you then start")
    why = "; ".join(f"{node.name} is offline{_because(node)}" for node in offline)
    return refused(Part.AGENT, subject, why, f"start {offline[0].name}")


def controller_step(nodes: Iterable[Node], *, is_to_stop: bool) -> Step | None:
    """Return what becomes of builds on the controller; None where it has no executors, or is not shown."""
    executors = sum(node.executors for node in nodes if node.is_controller)
    if not executors:
        return None
    if is_to_stop:
        detail = f"its {executors} executors become 0; labels stay, the built-in node's own properties do not"
        return Step(Part.AGENT, CONTROLLER, Standing.CHANGED, detail)
    why = f"it runs up to {executors} builds, which can read all of Jenkins' secrets"
    todo = "pass --no-controller-builds, or set numExecutors: 0 in JCasC"
    return Step(Part.AGENT, CONTROLLER, Standing.UNVERIFIED, why, todo)


def start_commands(name: str, *, url: str, secret_file: str, remote_folder: str) -> tuple[str, ...]:
    """Return what starts the agent NAME; its secret is read from a file, so that no process list shows it."""
    words = ["java", "-jar", "agent.jar", "-url", f"{url}/", "-secret", f"@{secret_file}", "-name", name]
    words += ["-webSocket", "-workDir", remote_folder]
    return (f"curl -fsSO {shlex.quote(f'{url}/jnlpJars/agent.jar')}", shlex.join(words))


def _because(node: Node) -> str:
    return f" ({node.offline_because})" if node.offline_because else ""
