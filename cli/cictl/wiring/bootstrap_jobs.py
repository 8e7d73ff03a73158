"""Lets bootstrap plan and apply the platform's jobs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cictl.core.bootstrap_jobs import JobsDone, JobsSeen
from cictl.core.job_plan import Action, ItemKey, JobPlan, Plan, plan_all
from cictl.core.job_write import CannotSend, text_to_send
from cictl.core.job_xml import parse_config, serialise
from cictl.errors import AnswerLost, CictlError, Conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cictl.clients.jenkins_jobs import JenkinsJobs
    from cictl.core.rendered_job import RenderedJob

JOB_OWNER = "cictl"


class PlatformJobs:
    """What is not there is created; what differs is left to `cictl jobs apply`, which knows who moved it."""

    def __init__(self, jobs: JenkinsJobs, render: Callable[[], Sequence[RenderedJob]]) -> None:
        """RENDER returns the platform's jobs and views."""
        self._jobs, self._render = jobs, render

    def look(self) -> JobsSeen:
        """Plan them all."""
        plan = self._plan()
        stuck = [each for each in plan.jobs if each.refusal or each.action not in {Action.CREATE, Action.UNCHANGED}]
        return JobsSeen(
            created=sum(each.action is Action.CREATE and not each.refusal for each in plan.jobs),
            unchanged=plan.count(Action.UNCHANGED),
            stuck=tuple(f"{each.key.full_name}: {each.refusal or each.action.value}" for each in stuck),
        )

    def apply(self) -> JobsDone:
        """Create what is not there, the outermost first."""
        created, failed = 0, []
        for each in self._plan().jobs:
            if each.action is not Action.CREATE or each.refusal:
                continue
            try:
                self._create(each)
                created += 1
            except CictlError as error:
                failed.append(f"{each.key.full_name}: {error.message}")
        return JobsDone(created=created, failed=tuple(failed))

    def _plan(self) -> Plan:
        desired = [_named_as_there(each) for each in self._render()]
        live = {ItemKey(each.full_name, each.is_view): self._live(each.full_name, each.is_view) for each in desired}
        there = {key: xml for key, xml in live.items() if xml is not None}
        return plan_all(desired, {}, there, owner=JOB_OWNER)

    def _live(self, full_name: str, is_view: bool) -> str | None:  # noqa: FBT001 - both of one key
        return self._jobs.view_xml(full_name) if is_view else self._jobs.config_xml(full_name)

    def _create(self, plan: JobPlan) -> None:
        text = text_to_send(plan, base=None, live=None, owner=JOB_OWNER)
        if isinstance(text, CannotSend):
            raise Conflict(text.reason)
        name, is_view = plan.key.full_name, plan.key.is_view
        try:
            (self._jobs.create_view if is_view else self._jobs.create)(name, text)
        except (AnswerLost, Conflict):
            if self._live(name, is_view) is None:
                raise


def _named_as_there(job: RenderedJob) -> RenderedJob:
    """Return JOB; a view without the folders that Job Builder leaves in its name, which Jenkins does not keep."""
    if not job.is_view:
        return job
    root = parse_config(job.xml)
    name = job.full_name.rpartition("/")[2]
    children = tuple(each._replace(text=name) if each.tag == "name" else each for each in root.children)
    return replace(job, xml=serialise(root.with_children(children)))
