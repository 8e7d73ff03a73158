"""Multibranch projects: what indexing makes of the repository's branches."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.fake_jenkins.builds import Cause
from tests.fake_jenkins.items import BranchJob, MultiBranch
from tests.fake_jenkins.xml_tree import Node

if TYPE_CHECKING:
    from tests.fake_jenkins.controller import Controller

INDEXING = Cause("jenkins.branch.BranchIndexingCause", "Branch indexing")
EVENT = Cause("jenkins.branch.BranchEventCause", "Branch event")
NOBODY = "Legacy code started this job.  No cause information is available"
_JOB_PROPERTY = "org.jenkinsci.plugins.workflow.multibranch.BranchJobProperty"


def item_name(branch: str) -> str:
    """Return the name of a branch's job: what a path can't hold is encoded, letters of any alphabet stay."""
    return "".join(each if each.isalnum() or each in "-_." else quote(each, safe="") for each in branch)


def _remote(project: MultiBranch) -> str | None:
    found = project.root.all("remote")
    return found[0].text if found else None


def index_project(controller: Controller, project: MultiBranch, cause: str) -> None:
    """Compare the jobs with the repository's branches: make, build, disable or delete."""
    remote = _remote(project)
    branches = controller.repositories.branches(remote) if remote else None
    project.index_log = f"{cause}\nStarting branch indexing...\n"
    if branches is None:
        project.index_log += f"ERROR: Could not update folder level actions from source {remote}\nFinished: FAILURE\n"
        return
    for branch in branches:
        project.index_log += f"  Checking branch {branch}\n      \u2018Jenkinsfile\u2019 found\n    Met criteria\n"
        _take(controller, project, branch, branches[branch], INDEXING)
    _drop_dead(project, set(branches), controller)
    project.index_log += f"Processed {len(branches)} branches\nFinished branch indexing.\nFinished: SUCCESS\n"


def index_branch(controller: Controller, project: MultiBranch, branch: str) -> bool:
    """Take one branch's event; say whether it made the branch's job."""
    branches = controller.repositories.branches(_remote(project) or "") or {}
    if branch not in branches:
        return False
    is_new = project.get(item_name(branch)) is None
    _take(controller, project, branch, branches[branch], EVENT)
    return is_new


def _take(controller: Controller, project: MultiBranch, branch: str, commit: str, cause: Cause) -> None:
    job = project.get(item_name(branch))
    if not isinstance(job, BranchJob):
        job = BranchJob(item_name(branch), project)
        job.load("", _configuration(branch))
        job.save(controller.plugins)
        project.add(job)
    if job.built_commit != commit:
        job.built_commit = commit
        controller.queue.add(job, cause, [], controller.script_of(job))


def _configuration(branch: str) -> Node:
    own = Node(_JOB_PROPERTY, children=[Node("branch", children=[Node("sourceId", text="app")])])
    definition = Node("definition", {"class": "org.jenkinsci.plugins.workflow.multibranch.SCMBinder"})
    definition.children = [Node("scriptPath", text="Jenkinsfile")]
    children = [Node("displayName", text=branch)] if item_name(branch) != branch else []
    return Node("flow-definition", children=[*children, Node("properties", children=[own]), definition])


def _drop_dead(project: MultiBranch, alive: set[str], controller: Controller) -> None:
    prunes = project.root.text_of("orphanedItemStrategy", "pruneDeadBranches") != "false"
    names = {item_name(branch) for branch in alive}
    for job in list(project.items()):
        if job.name in names:
            continue
        if prunes:
            project.remove(job)
        else:
            job.set_text("disabled", "true")
            job.save(controller.plugins)
