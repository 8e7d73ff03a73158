"""Part eight: a tiny pipeline that loads the library and runs on the agent; its result decides how bootstrap ends.

The job stays: its last build is the proof that a later check reads, and the retention keeps five.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from cictl.core.bootstrap_agent import online_agents
from cictl.core.bootstrap_folders import OWNER
from cictl.core.bootstrap_plan import Part, Standing, Step, refused
from cictl.core.bootstrap_smoke import is_same_smoke
from cictl.core.jenkins_builds import Build
from cictl.core.jenkins_nodes import Node
from cictl.core.job_marks import owner_of
from cictl.core.job_xml import parse_config
from cictl.errors import AnswerLost, Conflict, ExitCode, FarSideFailed

_SUCCESS = "SUCCESS"


class Items(Protocol):
    """The items of one Jenkins."""

    def config_xml(self, full_name: str) -> str | None:
        """Return an item's document."""

    def create(self, full_name: str, xml: str) -> None:
        """Create an item."""

    def update(self, full_name: str, xml: str) -> None:
        """Replace an item's document."""


class Builds(Protocol):
    """The builds of one Jenkins."""

    def builds(self, full_name: str, *, limit: int = 20) -> tuple[Build, ...]:
        """Return the newest builds, the newest first."""


class Nodes(Protocol):
    """The nodes of one Jenkins."""

    def nodes(self) -> tuple[Node, ...]:
        """Return the controller and all agents."""

    def is_provisioned(self, label: str) -> bool:
        """Whether a cloud starts agents with LABEL."""


@dataclass(frozen=True, slots=True)
class Smoke:
    """The part; RUN builds a job, follows its log and returns the build.

    IS_ASKED: the user wants a build even though the last one went well.
    """

    items: Items
    builds: Builds
    nodes: Nodes
    run: Callable[[str], Build]
    full_name: str
    xml: str
    label: str
    is_asked: bool = False
    part = Part.SMOKE

    def plan(self) -> tuple[Step, ...]:
        """Look at the job and its last build, which need not be made anew if it went well."""
        live = self.items.config_xml(self.full_name)
        if live is None:
            return (self._to_build(Standing.CREATED),)
        if owner_of(parse_config(live).text_of("description")) != OWNER:
            why = "a job of this name is there, and bootstrap did not make it"
            return (refused(Part.SMOKE, self.full_name, why, "rename it in Jenkins", exit_code=ExitCode.CONFLICT),)
        last = next(iter(self.builds.builds(self.full_name, limit=1)), None)
        if last is None or last.result != _SUCCESS or self.is_asked or not is_same_smoke(live, self.xml):
            return (self._to_build(Standing.CHANGED, f"{_words(last)}; "),)
        detail = f"{_words(last)}; '--only smoke' builds it anew"
        return (Step(Part.SMOKE, self.full_name, Standing.UNCHANGED, detail),)

    def apply(self, step: Step) -> Step:
        """Write the job if needed, and build it."""
        if not self._has_agent():
            where = f"with the label {self.label}" if self.label else "at all"
            why = f"no agent {where} is online, so a build would wait for ever"
            return refused(Part.SMOKE, self.full_name, why, "start one, then run this again with --only smoke")
        self._write()
        build = self.run(self.full_name)
        if build.result != _SUCCESS:
            why = f"build {build.number} ended as {build.result}"
            return refused(Part.SMOKE, self.full_name, why, f"read its log: {self.full_name} #{build.number}")
        return replace(step, detail=f"build {build.number} ended as {build.result}; the job stays as proof")

    def _has_agent(self) -> bool:
        if online_agents(self.nodes.nodes(), self.label):
            return True
        return bool(self.label) and self.nodes.is_provisioned(self.label)

    def _to_build(self, standing: Standing, last: str = "") -> Step:
        detail = f"{last}a build on the agent, with the library; the job stays, its last build is the proof"
        return Step(Part.SMOKE, self.full_name, standing, detail)

    def _write(self) -> None:
        live = self.items.config_xml(self.full_name)
        try:
            if live is None:
                self.items.create(self.full_name, self.xml)
            elif not is_same_smoke(live, self.xml):
                self.items.update(self.full_name, self.xml)
        except (AnswerLost, Conflict):
            if self.items.config_xml(self.full_name) is None:
                raise
        if not is_same_smoke(self.items.config_xml(self.full_name) or "<none/>", self.xml):
            hint = "install the plugins workflow-job and workflow-cps"
            raise FarSideFailed(f"Jenkins did not take the job {self.full_name} as sent", hint=hint)


def _words(last: Build | None) -> str:
    if last is None:
        return "it was never built"
    return f"its last build, {last.number}, {f'ended as {last.result}' if last.result else 'is still running'}"
