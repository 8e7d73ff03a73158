"""Nodes as the API shows them: the built-in one and agents."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.fake_jenkins.exported import Field, Plain, plain

if TYPE_CHECKING:
    from tests.fake_jenkins.exchange import Exchange


class Computer:
    kinds = ("computer",)

    def __init__(self, name: str, labels: Sequence[str], executors: int, form: dict[str, object]) -> None:
        self.name, self.labels, self.executors, self.form = name, list(labels), executors, form
        self.online = False

    @property
    def is_built_in(self) -> bool:
        return self.name == ""

    @property
    def class_name(self) -> str:
        return "hudson.model.Hudson$MasterComputer" if self.is_built_in else "hudson.slaves.SlaveComputer"

    @property
    def secret(self) -> str:
        """The secret that an inbound agent gives: 64 hexadecimal digits."""
        return hashlib.sha256(f"agent {self.name}".encode()).hexdigest()

    def exported_fields(self) -> Sequence[Field]:
        return COMPUTER_FIELDS if self.is_built_in else AGENT_FIELDS


def _labels(computer: Computer, _: Exchange) -> list[Plain]:
    own = ["built-in"] if computer.is_built_in else [computer.name]
    return [plain(name=label) for label in sorted({*computer.labels, *own})]


COMPUTER_FIELDS = (
    Field("actions", lambda *_: []),
    Field("assignedLabels", _labels),
    Field("description", lambda c, _: "the Jenkins controller's built-in node" if c.is_built_in else c.form.get(
        "nodeDescription", "")),
    Field("displayName", lambda c, _: c.name or "Built-In Node", 2),
    Field("executors", lambda c, _: [plain() for _ in range(c.executors)]),
    Field("icon", lambda c, _: "symbol-computer" if c.online else "symbol-computer-offline"),
    Field("iconClassName", lambda c, _: "symbol-computer" if c.online else "symbol-computer-offline"),
    Field("idle", lambda *_: True),
    Field("jnlpAgent", lambda c, _: not c.is_built_in),
    Field("launchSupported", lambda c, _: c.is_built_in),
    Field("loadStatistics", lambda *_: plain("hudson.model.Label$1")),
    Field("manualLaunchAllowed", lambda *_: True),
    Field("monitorData", lambda *_: plain()),
    Field("numExecutors", lambda c, _: c.executors),
    Field("offline", lambda c, _: not c.online),
    Field("offlineCause", lambda c, _: None if c.online else plain("hudson.slaves.OfflineCause$ChannelTermination")),
    Field("offlineCauseReason", lambda *_: ""),
    Field("oneOffExecutors", lambda *_: []),
    Field("temporarilyOffline", lambda *_: False),
)  # fmt: skip
# not recorded: hudson.slaves.SlaveComputer exports this one more.
AGENT_FIELDS = (
    *COMPUTER_FIELDS,
    Field("absoluteRemotePath", lambda c, _: c.form.get("remoteFS") if c.online else None),
)
