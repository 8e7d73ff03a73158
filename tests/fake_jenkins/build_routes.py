"""Builds over HTTP: start, look, follow the log, stop, answer an input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from urllib.parse import quote

from tests.fake_jenkins import messages, pages, security
from tests.fake_jenkins.builds import Build, Input, by_user
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.exported import Plain, deep, export, pruner
from tests.fake_jenkins.item_routes import API_QUERY
from tests.fake_jenkins.items import Job
from tests.fake_jenkins.messages import NotModelledError, Response
from tests.fake_jenkins.parameters import Parameter, declared
from tests.fake_jenkins.queue import Queue, QueueItem
from tests.fake_jenkins.routing import route

_NOT_PARAMETERS = {"delay", "token", "cause", "json", "Submit", "Jenkins-Crumb"}
PERMALINKS: dict[str, Callable[[Build], bool]] = {
    "lastBuild": lambda _: True,
    "lastCompletedBuild": lambda build: not build.building,
    "lastSuccessfulBuild": lambda build: build.result in {"SUCCESS", "UNSTABLE"},
    "lastStableBuild": lambda build: build.result == "SUCCESS",
    "lastFailedBuild": lambda build: build.result == "FAILURE",
    "lastUnsuccessfulBuild": lambda build: build.result not in {None, "SUCCESS"},
}


def find_build(job: Job, name: str) -> Build | None:
    """Return a build by its number or by a permalink."""
    if name in PERMALINKS:
        return next((build for build in reversed(job.builds) if PERMALINKS[name](build)), None)
    return next((build for build in job.builds if str(build.number) == name), None)


# -- starting


@route("job", "POST", "build", query=("delay",))
def build_now(exchange: Exchange, job: Job) -> Response:
    exchange.require(security.ITEM_BUILD, job)
    if declared(job.root):
        uri = exchange.path(exchange.request.path)
        return pages.servlet_error(400, "Nothing is submitted", uri)
    return _schedule(exchange, job, [])


@route("job", "POST", "buildWithParameters", form=None)
def build_with_parameters(exchange: Exchange, job: Job) -> Response:
    exchange.require(security.ITEM_BUILD, job)
    wanted = declared(job.root)
    if not wanted:
        raise pages.oops()  # not recorded: "This build is not parameterized!"
    if job.disabled:
        raise _conflict()
    if exchange.request.content_type.startswith("multipart/"):
        raise NotModelledError("buildWithParameters with a file")
    return _schedule(exchange, job, [_value(exchange, parameter) for parameter in wanted])


def _value(exchange: Exchange, parameter: Parameter) -> Plain:
    given = exchange.request.parameter(parameter.name)
    text = parameter.default if given is None else given
    if parameter.choices and text not in parameter.choices:
        raise pages.oops()
    return deep(parameter.value_class, name=parameter.name, value=parameter.value(text))


def _schedule(exchange: Exchange, job: Job, values: Sequence[Plain]) -> Response:
    if job.disabled:
        raise _conflict()
    script = exchange.controller.script_of(job)
    item = exchange.controller.queue.add(job, by_user(exchange.user), values, script)
    return messages.redirect(f"{exchange.root_url}queue/item/{item.number}/", 201)


def _conflict() -> Exception:
    return pages.failure("is not buildable", 409, with_header=False)


# -- the queue


@route("queue", "GET", "api/json", query=API_QUERY)
def queue_api(exchange: Exchange, queue: Queue) -> Response:
    response = messages.api_json(export(queue, pruner(exchange), exchange))
    for item in queue.waiting():
        queue.look(item)
    return response


@route("queue-item", "GET", "api/json", query=API_QUERY)
def queue_item_api(exchange: Exchange, item: QueueItem) -> Response:
    if not exchange.sees(item.task):
        raise pages.not_found()
    response = messages.api_json(export(item, pruner(exchange), exchange))
    exchange.controller.queue.look(item)
    return response


@route("queue", "POST", "cancelItem", query=("id",))
def cancel_item(exchange: Exchange, queue: Queue) -> Response:
    """Not recorded: Queue.doCancelItem answers 204, or 404 for what isn't there."""
    item = queue.items.get(int(exchange.request.parameter("id") or "0"))
    if item is None or not item.waits:
        raise pages.not_found()
    exchange.require(security.ITEM_CANCEL, item.task)
    item.cancelled = True
    return messages.empty(204)


# -- looking


@route("build", "GET", "api/json", query=API_QUERY)
def build_api(exchange: Exchange, build: Build) -> Response:
    response = messages.api_json(export(build, pruner(exchange), exchange))
    build.advance()
    return response


@route("build", "GET", "consoleText")
def console_text(exchange: Exchange, build: Build) -> Response:
    del exchange
    response = messages.text(build.plain_log)
    build.advance()
    return response


@route("build", "GET", "logText/progressiveText", query=("start",))
def progressive_text(exchange: Exchange, build: Build) -> Response:
    response = log_from(exchange, build.log, more=build.building)
    build.advance()
    return response


def log_from(exchange: Exchange, log: str, *, more: bool) -> Response:
    """Return a log's rest; who asks past its end gets it from the start."""
    start = exchange.request.parameter("start") or "0"
    if not start.lstrip("-").isdigit():
        raise pages.oops()
    data = log.encode()
    rest = data[int(start) :] if 0 <= int(start) <= len(data) else data
    rest = re.sub(rb"(?<!\r)\n", b"\r\n", rest)  # sizes count the log's own bytes, and the answer has others
    headers = [("Content-Type", "text/plain;charset=utf-8"), ("X-Text-Size", str(len(data)))]
    if more:
        headers.append(("X-More-Data", "true"))
    return Response(200, rest, headers)


@route("artifact", "GET", "")
def artifact(exchange: Exchange, found: Artifact) -> Response:
    del exchange
    content_type = "text/plain" if found.name.endswith(".txt") else "application/octet-stream"
    return Response(200, found.content, [("Content-Type", content_type)])


class Artifact:
    kinds = ("artifact",)

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content = name, content


# -- stopping and answering


@route("build", "POST", "stop", "term", "kill")
def stop(exchange: Exchange, build: Build) -> Response:
    exchange.require(security.ITEM_CANCEL, build.job)
    build.stop(exchange.user)
    above = "/".join(quote(each, safe="") for each in exchange.request.segments[:-1])
    return messages.redirect(exchange.path(f"/{above}/"))


class Question:
    """An input of a build."""

    kinds = ("input",)

    def __init__(self, build: Build, asked: Input) -> None:
        self.build, self.asked = build, asked


@route("input", "POST", "submit", form=("proceed", "json", "Jenkins-Crumb"))
def submit(exchange: Exchange, question: Question) -> Response:
    _require_submitter(exchange, question)
    given = json.loads(exchange.request.parameter("json") or "{}").get("parameter", [])
    given = given if isinstance(given, list) else [given]
    question.build.answer(question.asked, exchange.user, {each["name"]: str(each["value"]) for each in given})
    return messages.redirect(exchange.path(question.build.path + "console"))


@route("input", "POST", "proceedEmpty", form=("Jenkins-Crumb",))
def proceed_empty(exchange: Exchange, question: Question) -> Response:
    _require_submitter(exchange, question)
    question.build.answer(question.asked, exchange.user, {})
    return messages.empty()


@route("input", "POST", "abort", form=("Jenkins-Crumb",))
def abort(exchange: Exchange, question: Question) -> Response:
    if not _is_submitter(exchange, question) and not exchange.may(security.ITEM_CANCEL, question.build.job):
        who = question.asked.submitter or ""
        raise pages.failure(f"You need to be '{who}' (or have Job/Cancel permissions) to cancel this.")
    question.build.reject(question.asked, exchange.user)
    return messages.empty()


def _is_submitter(exchange: Exchange, question: Question) -> bool:
    if exchange.may(security.ADMINISTER):
        return True
    if question.asked.submitter is None:
        return exchange.may(security.ITEM_BUILD, question.build.job)
    return exchange.user in question.asked.submitters


def _require_submitter(exchange: Exchange, question: Question) -> None:
    if _is_submitter(exchange, question):
        return
    if question.asked.submitter is None:
        raise pages.failure("You need to have Job/Build permissions to submit this.")
    raise pages.failure(f"You need to be {question.asked.submitter} to submit this.")


@route("build", "GET", "input")
def input_page(exchange: Exchange, build: Build) -> Response:
    del exchange
    if not build.inputs:
        raise pages.not_found()
    forms = "".join(f'<form method="post" name="{each.id}" action="{each.id}/submit"></form>' for each in build.inputs)
    return pages.page(f"Paused for Input : {build.job.full_name} #{build.number} - Jenkins", forms)


@route("build", "GET", "input/api/json", query=API_QUERY)
def input_api(exchange: Exchange, build: Build) -> Response:
    """No API lists waiting inputs."""
    del exchange, build
    raise pages.not_found()


@route("build", "GET", "wfapi/pendingInputActions", "wfapi", "wfapi/describe")
def pending_inputs(exchange: Exchange, build: Build) -> Response:
    """Answer as without the plugin, which is not modelled."""
    del build
    if "pipeline-rest-api" in exchange.controller.plugins:
        raise NotModelledError("pipeline-rest-api")
    raise pages.redirecting_missing()
