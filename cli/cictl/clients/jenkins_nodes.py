"""Agents of one Jenkins: listed, created as inbound ones, and what they need to connect; it starts none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.clients.jenkins_documents import understood
from cictl.core.jenkins_nodes import InboundAgent, Node
from cictl.errors import Conflict, FarSideFailed
from cictl.redaction import redact

_FIELDS = "displayName,offline,temporarilyOffline,numExecutors,assignedLabels[name],jnlpAgent,offlineCauseReason"
_TREE = f"computer[{_FIELDS}]"
# The first argument of what Java Web Start would have run.
_SECRET = re.compile(r"<argument>([0-9A-Za-z]{16,})</argument>")
_CONTROLLER = "MasterComputer"
_SELF_LABELS = frozenset({"built-in", "master"})
_NOT_FOUND = 404


class JenkinsNodes:
    """The nodes that the connection's user may see."""

    def __init__(self, connection: JenkinsConnection) -> None:
        """Use CONNECTION for every request."""
        self._connection = connection

    @understood
    def nodes(self) -> tuple[Node, ...]:
        """Return the controller and all agents."""
        document = self._connection.get_json("/computer/api/json", {"tree": _TREE})
        return tuple(_node(entry) for entry in document.get("computer") or () if isinstance(entry, dict))

    def is_provisioned(self, label: str) -> bool:
        """Whether a cloud, as of the Kubernetes plugin, starts agents with LABEL when builds ask for it."""
        path = f"/label/{quote(label, safe='')}/api/json"
        answer = self._connection.get(path, {"tree": "clouds[name]"}, also={_NOT_FOUND})
        if answer.status == _NOT_FOUND:
            return False
        return bool(self._connection.decoded(answer, path).get("clouds"))

    def create_inbound(self, name: str, *, labels: str, remote_folder: str, executors: int = 1) -> None:
        """Create an agent that connects by itself; Conflict if NAME is taken.

        It takes builds that ask for LABELS, and no others; without LABELS it takes any.
        """
        import jenkins  # noqa: PLC0415 - it brings all of requests, for this form alone

        from cictl.clients.jenkins_library import JenkinsLibrary  # noqa: PLC0415 - as above

        try:
            JenkinsLibrary(self._connection).create_node(
                name,
                numExecutors=executors,
                nodeDescription="made by cictl",
                remoteFS=remote_folder,
                labels=labels,
                exclusive=bool(labels),
                launcher=jenkins.LAUNCHER_JNLP,
                launcher_params={"webSocket": True},
            )
        except jenkins.JenkinsException as error:
            if "already exists" in str(error):
                taken = f"Jenkins at {self._connection.url} has a node {name!r} already"
                raise Conflict(taken, hint="choose another name") from error
            message = f"Jenkins at {self._connection.url} did not create the node {name!r}"
            raise FarSideFailed(message, hint="look at the nodes in Jenkins: a plugin may refuse it") from error

    def inbound_agent(self, name: str) -> InboundAgent:
        """Return what the agent needs to connect; it takes Agent/Connect. NotFound if there is no such agent."""
        path = f"/computer/{quote(name, safe='')}/jenkins-agent.jnlp"
        answer = self._connection.get(path)
        return InboundAgent(name, _secret_in(answer.text, name), self._connection.url)

    def stop_controller(self, controller: Node) -> None:
        """Give the CONTROLLER no executors; its labels and mode stay, other properties of its node are lost."""
        mode = str(self._connection.get_json("/api/json", {"tree": "mode"}).get("mode") or "NORMAL")
        labels = " ".join(sorted(controller.labels - _SELF_LABELS))
        form = {"numExecutors": "0", "labelString": labels, "nodeProperties": {"stapler-class-bag": "true"}}
        # Jenkins reads the mode as a field of the form, and the rest from its JSON.
        fields = {"builtin.mode": mode, "json": json.dumps(form | {"builtin.mode": mode})}
        self._connection.post("/computer/(built-in)/configSubmit", form=fields)

    def delete(self, name: str) -> bool:
        """Delete the node; whether it was there."""
        answer = self._connection.post(f"/computer/{quote(name, safe='')}/doDelete", also={_NOT_FOUND})
        return answer.status != _NOT_FOUND


def _node(document: Mapping[str, Any]) -> Node:
    labels = document.get("assignedLabels") or ()
    return Node(
        name=str(document.get("displayName", "")),
        is_controller=_CONTROLLER in str(document.get("_class", "")),
        is_online=not document.get("offline") and not document.get("temporarilyOffline"),
        executors=int(document.get("numExecutors") or 0),
        labels=frozenset(str(label["name"]) for label in labels if isinstance(label, dict) and "name" in label),
        is_inbound=bool(document.get("jnlpAgent")),
        offline_because=str(document.get("offlineCauseReason") or ""),
    )


def _secret_in(document: str, name: str) -> str:
    found = _SECRET.search(document)
    if found is None:
        message = f"Jenkins does not tell the secret of the agent {name!r}"
        raise FarSideFailed(message, hint="it must be an inbound agent; its page in Jenkins shows the command")
    return redact(found[1])
