"""The git plugin's push notifications: their tokens, what `notifyCommit` answers, and the builds that follow."""

from __future__ import annotations

import re
import secrets
import uuid

from tests.fake_jenkins import messages, pages
from tests.fake_jenkins.builds import Cause
from tests.fake_jenkins.controller import Root
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.items import Job, MultiBranch
from tests.fake_jenkins.messages import Response
from tests.fake_jenkins.multibranch import index_branch, index_project
from tests.fake_jenkins.repositories import same_repository
from tests.fake_jenkins.routing import route
from tests.fake_jenkins.xml_tree import Node

_CONFIGURATION = "descriptorByName/hudson.plugins.git.ApiTokenPropertyConfiguration/"
_NEEDED = (
    "An access token is required. Please refer to Git plugin documentation "
    "(https://plugins.jenkins.io/git/#plugin-content-push-notification-from-repository) for details."
)
_SHA = re.compile(r"[a-fA-F0-9]*")
SCM_CAUSE = Cause("hudson.triggers.SCMTrigger$SCMTriggerCause", "Started by an SCM change")


@route("root", "POST", _CONFIGURATION + "generate", form=("apiTokenName", "Jenkins-Crumb"))
def generate(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    value, token_uuid = secrets.token_hex(16), str(uuid.uuid4())
    name = exchange.request.parameter("apiTokenName")
    exchange.controller.push_tokens[token_uuid] = (name, value)
    named = {} if name is None else {"name": name}
    return messages.plain_json({"status": "ok", "data": {"uuid": token_uuid, **named, "value": value}})


@route("root", "POST", _CONFIGURATION + "revoke", form=("apiTokenUuid", "Jenkins-Crumb"))
def revoke(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    exchange.controller.push_tokens.pop(exchange.request.parameter("apiTokenUuid") or "", None)
    return messages.empty()


_QUERY = ("url", "branches", "sha1", "token")


@route("root", "GET", "git/notifyCommit", query=_QUERY)
@route("root", "POST", "git/notifyCommit", query=_QUERY, form=_QUERY)
def notify_commit(exchange: Exchange, _: Root) -> Response:
    request = exchange.request
    uri = exchange.path(request.path)
    token = request.parameter("token")
    if not token:
        return pages.servlet_error(401, _NEEDED, uri)
    if token not in {value for _, value in exchange.controller.push_tokens.values()}:
        return pages.servlet_error(403, "Invalid access token", uri)
    url, sha = request.parameter("url"), request.parameter("sha1")
    if url is None:
        raise pages.oops()
    if sha is not None and not _SHA.fullmatch(sha):
        raise pages.oops(400)
    return _notified(exchange, url, (request.parameter("branches") or "").strip(), sha)


def _notified(exchange: Exchange, url: str, branches: str, sha: str | None) -> Response:
    names = [name.strip() for name in branches.split(",") if name.strip()]
    lines, triggered = _tell_jobs(exchange, url, names, sha)
    more, indexed = _tell_projects(exchange, url, names)
    headers = [("Content-Type", "text/plain;charset=iso-8859-1")]
    headers += [("Triggered", item.url(exchange)) for item in [*triggered, *indexed]]
    body = "".join(f"{line}\n" for line in [*lines, *more])
    return Response(200, body.encode("iso-8859-1", "replace"), headers)


def _scms(job: Job) -> list[Node]:
    return [node for node in job.root.all("scm") if node.class_name == "hudson.plugins.git.GitSCM"]


def _trigger(job: Job) -> Node | None:
    found = job.root.all("hudson.triggers.SCMTrigger")
    return found[0] if found and found[0].text_of("ignorePostCommitHooks") != "true" else None


def _branch_fits(scm: Node, names: list[str]) -> bool:
    wanted = [each.text_of("name") or "" for each in scm.all("hudson.plugins.git.BranchSpec")]
    return not names or any(spec.removeprefix("*/").removeprefix("origin/") in names or spec == "**" for spec in wanted)


def _tell_jobs(exchange: Exchange, url: str, names: list[str], sha: str | None) -> tuple[list[str], list[Job]]:
    jobs = [(job, scm) for job in exchange.controller.jobs() if job.kinds[0] == "job" for scm in _scms(job)]
    if not jobs:
        return ["No git jobs found"], []
    told = [
        job
        for job, scm in jobs
        if any(
            same_repository(url, each.text_of("url") or "") for each in scm.all("hudson.plugins.git.UserRemoteConfig")
        )
        and _trigger(job) is not None
        and _branch_fits(scm, names)
    ]
    if not told:
        return [f"No git jobs using repository: {url} and branches: {','.join(names)}"], []
    told = [job for job in told if not job.disabled]
    for job in told:
        _build_or_poll(exchange, job, url, sha)
    says = "Scheduled {}" if sha else "Scheduled polling of {}"
    return [says.format(job.full_display_name) for job in told], told


def _build_or_poll(exchange: Exchange, job: Job, url: str, sha: str | None) -> None:
    controller = exchange.controller
    script = controller.script_of(job)
    if sha:
        cause = Cause("hudson.plugins.git.GitStatus$CommitHookCause", f"commit notification {sha}")
        controller.queue.add(job, cause, [], script)
        return
    head = controller.repositories.head_of(url, job.root)
    if not job.builds or (script.checks_out and head is not None and head != job.built_commit):
        job.built_commit = head
        controller.queue.add(job, SCM_CAUSE, [], script)


def _tell_projects(exchange: Exchange, url: str, names: list[str]) -> tuple[list[str], list[MultiBranch]]:
    """Tell the multibranch projects: all branches are indexed without `branches`, else one event each.

    An event says nothing in the answer, although it builds; for a branch that is new not even the last line comes.
    """
    projects = [item for item in exchange.controller.items() if isinstance(item, MultiBranch) and not item.disabled]
    told = [
        project for project in projects if any(same_repository(url, each.text) for each in project.root.all("remote"))
    ]
    if told and not names:
        for project in told:
            index_project(exchange.controller, project, "Branch indexing")
        return [f"Scheduled indexing of {project.full_display_name}" for project in told], told
    new = [index_branch(exchange.controller, project, name) for project in told for name in names]
    return ([] if any(new) else [f"No Git consumers using SCM API plugin for: {url}"]), []


@route("root", "GET", "git")
def git_page(exchange: Exchange, _: Root) -> Response:
    """Answer that the page itself is not there."""
    del exchange
    raise pages.not_found()
