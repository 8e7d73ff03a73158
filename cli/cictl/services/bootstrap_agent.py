"""Part five: an agent for the label that jobs ask for; it is described in Jenkins here, and started by people."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from cictl.clock import Clock, sleep_until
from cictl.core.bootstrap_agent import (
    CONTROLLER,
    AgentWish,
    agent_step,
    controller_step,
    online_agents,
    start_commands,
)
from cictl.core.bootstrap_plan import Part, Standing, Step
from cictl.core.jenkins_nodes import InboundAgent, Node
from cictl.core.quantities import format_duration
from cictl.errors import AnswerLost, CictlError, Conflict, FarSideFailed, NotAllowed, NotFound

_EVERY_SECONDS = 1.0


class Nodes(Protocol):
    """The nodes of one Jenkins."""

    def nodes(self) -> tuple[Node, ...]:
        """Return the controller and all agents."""

    def is_provisioned(self, label: str) -> bool:
        """Whether a cloud starts agents with LABEL."""

    def create_inbound(self, name: str, *, labels: str, remote_folder: str, executors: int = 1) -> None:
        """Create an agent that connects by itself."""

    def inbound_agent(self, name: str) -> InboundAgent:
        """Return what it needs to connect."""

    def stop_controller(self, controller: Node) -> None:
        """Take the CONTROLLER's executors."""


@dataclass(frozen=True, slots=True)
class AgentWait:
    """Waits for people to start an agent, for SECONDS at most; SAY tells them what to run."""

    clock: Clock
    say: Callable[[str], None]
    seconds: float

    def is_online(self, nodes: Nodes, wish: AgentWish, commands: Sequence[str]) -> bool:
        """Return whether an agent for WISH came online in time."""
        self.say(f"waiting {format_duration(self.seconds)} for {wish.name}; start it:")
        for command in commands:
            self.say(f"  {command}")
        deadline = self.clock.monotonic() + self.seconds
        while not online_agents(nodes.nodes(), wish.label):
            if self.clock.monotonic() >= deadline:
                return False
            sleep_until(deadline, self.clock, at_most=_EVERY_SECONDS)
        return True


@dataclass(frozen=True, slots=True)
class Agent:
    """The part; KEEP puts an agent's secret into a file for the user alone, and returns its path."""

    nodes: Nodes
    wish: AgentWish
    keep: Callable[[InboundAgent], str]
    stops_controller: bool = False
    wait: AgentWait | None = None
    part = Part.AGENT

    def plan(self) -> tuple[Step, ...]:
        """Look which agents are online for the label, and whether the controller builds."""
        nodes = self.nodes.nodes()
        is_provisioned = bool(self.wish.label) and self.nodes.is_provisioned(self.wish.label)
        step = agent_step(nodes, self.wish, is_provisioned=is_provisioned)
        if step.standing is Standing.REFUSED and any(node.name == self.wish.name for node in nodes):
            step = self._with_start(step)
        controller = controller_step(nodes, is_to_stop=self.stops_controller)
        return (step, controller) if controller else (step,)

    def apply(self, step: Step) -> Step:
        """Create the agent, which is offline until somebody starts it; or take the controller's executors."""
        if step.subject == CONTROLLER:
            return self._stop_controller(step)
        try:
            self.nodes.create_inbound(
                self.wish.name, labels=self.wish.label, remote_folder=self.wish.remote_folder, executors=1
            )
        except (AnswerLost, Conflict):
            if not self._is_there():
                raise
        if not self._is_there():
            message = f"Jenkins took the agent {self.wish.name}, and it is not there"
            raise FarSideFailed(message, hint="look at the nodes in Jenkins")
        detail = f"the inbound agent {self.wish.name}; it is offline until started"
        return self._awaited(self._with_start(replace(step, detail=detail)))

    def _awaited(self, step: Step) -> Step:
        """Return STEP once somebody started the agent, if the user wants to wait for that."""
        if self.wait is None or not self.wait.is_online(self.nodes, self.wish, step.lines):
            return step
        return replace(step, detail=f"the inbound agent {self.wish.name}, which is online", todo="", lines=())

    def _stop_controller(self, step: Step) -> Step:
        controller = next(node for node in self.nodes.nodes() if node.is_controller)
        with contextlib.suppress(AnswerLost):  # what is read back decides
            self.nodes.stop_controller(controller)
        if any(node.is_controller and node.executors for node in self.nodes.nodes()):
            hint = "set them to 0 under Manage Jenkins > Nodes > Built-In Node"
            raise FarSideFailed("the controller keeps its executors", hint=hint)
        return replace(step, detail="it has no executors any more")

    def _is_there(self) -> bool:
        return any(node.name == self.wish.name for node in self.nodes.nodes())

    def _with_start(self, step: Step) -> Step:
        """Return STEP with what starts the agent, as far as the user may know its secret."""
        try:
            agent = self.nodes.inbound_agent(self.wish.name)
        except (NotAllowed, NotFound, FarSideFailed) as error:
            return replace(step, todo=_ask(self.wish.name, error))
        commands = start_commands(
            agent.name, url=agent.url, secret_file=self.keep(agent), remote_folder=self.wish.remote_folder
        )
        todo = "start it on a machine with Java, the file of its secret beside it, then run this again"
        return replace(step, todo=todo, lines=commands)


def _ask(name: str, error: CictlError) -> str:
    return f"have an administrator start {name}, as its page in Jenkins says ({error.message})"
