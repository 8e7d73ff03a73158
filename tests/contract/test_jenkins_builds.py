"""Builds, logs and inputs, against what a Jenkins 2.516.2 was recorded to answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from cictl.clients.jenkins_builds import JenkinsBuilds
from cictl.clients.jenkins_connection import JenkinsConnection, SignIn
from cictl.clients.jenkins_errors import ServerFailed
from cictl.core.console_notes import ConsoleText
from cictl.core.jenkins_builds import BuildableJob, LogPosition, Parameter, QueueState, WaitingInput, queue_id_of
from cictl.errors import CictlError, Conflict, FarSideFailed, NotAllowed, NotFound
from tests.contract.jenkins_replay import Replay, replayed, said, served

_ADMIN = SignIn("admin", "11" + "0" * 32, "the token of a test")
_JOB_PATH = (
    "/job/run/api/json?tree=fullName,buildable,nextBuildNumber,"
    "property[parameterDefinitions[name,type,description,choices,defaultParameterValue[value]]]"
)
_BUILD_TREE = (
    "number,building,result,timestamp,duration,queueId,actions[parameters[name,value],causes[shortDescription,userId]]"
)
_INPUTS = "/job/ask/1/api/json?tree=building,actions[waitingForInput,executions[id,displayName,settled]]"
_LOG = "/job/run/1/logText/progressiveText?start="
_MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"


def _builds(replay: Replay) -> JenkinsBuilds:
    return JenkinsBuilds(JenkinsConnection(replay.url, _ADMIN, timeout_seconds=5.0))


@pytest.fixture
def recorded() -> Iterator[Replay]:
    with replayed("builds") as replay:
        yield replay


def _answered(replay: Replay, path: str, why: str) -> None:
    """Let the recording answer PATH, a tree of ours, with what it answered WHY."""
    found = next(each for each in replay.exchanges if each["why"] == why)
    replay.exchanges.append({**found, "request": {**found["request"], "path": path}})


def test_what_a_job_asks_for(recorded: Replay) -> None:
    _answered(recorded, _JOB_PATH, "parameters as the API shows them")
    job = _builds(recorded).job("run")
    assert job.is_buildable
    assert job.parameters == (
        Parameter("VERSION", "String", "1"),
        Parameter("TO", "Choice", "staging", ("staging", "production")),
    )


def test_what_tells_no_builds_is_no_job_without_builds() -> None:
    newest = f"/job/run/api/json?tree=builds[{_BUILD_TREE}]{{0,20}}"
    with served([said("GET", path, 200, "{}") for path in (_JOB_PATH, newest)]) as replay:
        builds = _builds(replay)
        for ask in (builds.job, builds.builds):
            with pytest.raises(FarSideFailed, match="no Jenkins does: a document without _class"):
                ask("run")


def test_the_life_of_a_build(recorded: Replay) -> None:
    with_parameters = "/job/run/buildWithParameters?delay=0sec"
    builds = _builds(recorded)
    job = BuildableJob("run", "x", is_buildable=True, parameters=(Parameter("VERSION", "String"),))
    queue_id = builds.start(job, {"VERSION": "7", "TO": "production"})
    assert queue_id == 1
    assert recorded.asked[-1] == ("POST", with_parameters)
    item = builds.queue_item(1)
    assert item is not None
    assert (item.state, item.number) == (QueueState.LEFT, 1)
    _answered(recorded, f"/job/run/1/api/json?tree={_BUILD_TREE}", "done")
    build = builds.build("run", 1)
    assert build is not None
    assert (build.result, build.queue_id, build.parameters) == ("SUCCESS", 1, {"VERSION": "7", "TO": "production"})
    assert build.duration_seconds == 7.38
    assert (build.causes, build.users) == (("Started by user admin",), ("admin",))
    assert recorded.unknown == []


def test_a_log_arrives_once_and_without_notes(recorded: Replay) -> None:
    builds, console, text = _builds(recorded), ConsoleText(), []
    position = LogPosition(0, has_more=True)
    while position.has_more:
        position = builds.read_log("run", 1, position.next_start, lambda data: text.append(console.feed(data)))
    whole = "".join([*text, console.end()])
    console_text = next(each for each in recorded.exchanges if each["why"] == "console")["response"]["body"]
    assert position == LogPosition(6212, has_more=False)
    assert whole == console_text


def test_a_log_that_begins_anew_is_not_told_twice() -> None:
    with served([said("GET", f"{_LOG}601", 200, "all of it again", X_Text_Size="15")]) as replay:
        told: list[bytes] = []
        assert _builds(replay).read_log("run", 1, 601, told.append) == LogPosition(601, has_more=False)
        assert told == []


_STARTS = [
    pytest.param(400, {}, "Nothing is submitted", CictlError, id="without-parameters"),
    pytest.param(500, {}, "", ServerFailed, id="no-such-choice"),
    pytest.param(409, {}, "", Conflict, id="disabled"),
    pytest.param(302, {"Location": "."}, "", FarSideFailed, id="not-queued"),
]


@pytest.mark.parametrize(("status", "headers", "body", "kind"), _STARTS)
def test_builds_that_do_not_start(status: int, headers: dict[str, str], body: str, kind: type[CictlError]) -> None:
    job = BuildableJob("run", "x", is_buildable=True)
    with served([said("POST", "/job/run/build?delay=0sec", status, body, **headers)]) as replay, pytest.raises(kind):
        _builds(replay).start(job, {})


def test_a_multibranch_project_is_indexed_and_queues_nothing() -> None:
    job = BuildableJob("mb", _MULTIBRANCH, is_buildable=True)
    with served([said("POST", "/job/mb/build?delay=0sec", 302, Location="/job/mb/")]) as replay:
        assert _builds(replay).start(job, {}) is None


_WAITING = '{"_class":"hudson.model.Queue$BuildableItem","why":"no agent","stuck":true,"id":9}'
_QUEUED = [
    pytest.param(200, _WAITING, QueueState.WAITING, id="waiting"),
    pytest.param(200, '{"cancelled":true,"id":9}', QueueState.CANCELLED, id="cancelled"),
    pytest.param(404, "", None, id="forgotten"),
]


@pytest.mark.parametrize(("status", "body", "state"), _QUEUED)
def test_queue_items(status: int, body: str, state: QueueState | None) -> None:
    with served([said("GET", "/queue/item/9/api/json", status, body)]) as replay:
        item = _builds(replay).queue_item(9)
        assert (None if item is None else item.state) == state


def test_a_build_is_found_by_its_queue_item() -> None:
    body = json.dumps({"builds": [{"number": 8, "queueId": 40}, {"number": 7, "queueId": 31}]})
    with served([said("GET", f"/job/run/api/json?tree=builds[{_BUILD_TREE}]{{0,50}}", 200, body)]) as replay:
        build = _builds(replay).build_of_queue_item("run", 31)
        assert build is not None
        assert build.number == 7
        assert _builds(replay).build_of_queue_item("run", 99) is None


_LOCATIONS = [
    ("http://wrong.example/queue/item/156/", 156),
    ("/jenkins/queue/item/7", 7),
    ("/job/mb/", None),
    ("", None),
]


@pytest.mark.parametrize(("location", "expected"), _LOCATIONS)
def test_queue_id_of(location: str, expected: int | None) -> None:
    assert queue_id_of(location) == expected


def _waiting(**action: object) -> str:
    return json.dumps({"building": True, "actions": [{"_class": "a.InputAction", **action}, {}]})


def test_inputs_that_wait_are_found_without_a_plugin() -> None:
    with replayed("input-approval") as replay:
        _answered(replay, _INPUTS, "waiting: actions")
        assert _builds(replay).waiting_inputs("ask", 1) == (WaitingInput("Promote", "Promote to production?"),)


def test_inputs_of_an_older_plugin_are_found_by_the_stage_view() -> None:
    told = json.dumps([{"id": "Go", "message": "Go?", "inputs": [{"name": "REASON"}]}])
    exchanges = [
        said("GET", _INPUTS, 200, _waiting()),
        said("GET", "/job/ask/1/wfapi/pendingInputActions", 200, told),
    ]
    with served(exchanges) as replay:
        assert _builds(replay).waiting_inputs("ask", 1) == (WaitingInput("Go", "Go?", ("REASON",)),)


def test_an_input_that_jenkins_does_not_name_is_an_error_that_helps() -> None:
    exchanges = [said("GET", _INPUTS, 200, _waiting()), said("GET", "/job/ask/1/wfapi/pendingInputActions", 404)]
    with served(exchanges) as replay, pytest.raises(FarSideFailed, match="does not tell the input's id"):
        _builds(replay).waiting_inputs("ask", 1)


_NONE_WAITS = [
    pytest.param({"building": False, "actions": [{"_class": "a.InputAction"}]}, id="over"),
    pytest.param({"building": True, "actions": [{}]}, id="no-input-yet"),
    pytest.param({"building": True, "actions": [{"_class": "a.InputAction", "waitingForInput": False}]}, id="answered"),
]


@pytest.mark.parametrize("document", _NONE_WAITS)
def test_no_input_waits(document: dict[str, object]) -> None:
    with served([said("GET", _INPUTS, 200, json.dumps(document))]) as replay:
        assert _builds(replay).waiting_inputs("ask", 1) == ()


def test_answers() -> None:
    base = "/job/ask/1/input/Promote"
    exchanges = [
        said("POST", f"{base}/submit", 302, Location="/job/ask/1/console"),
        said("POST", f"{base}/proceedEmpty", 200),
        said("POST", f"{base}/abort", 400, X_Error="You need to be approver to submit this."),
        said("POST", "/job/ask/1/input/Nope/abort", 404),
    ]
    with served(exchanges) as replay:
        builds = _builds(replay)
        builds.proceed("ask", 1, "Promote", {"REASON": "green & 둘"})
        assert b"green%20%26%20%5Cub458" in replay.bodies[-1]
        builds.proceed("ask", 1, "Promote")
        with pytest.raises(NotAllowed, match="You need to be approver"):
            builds.abort("ask", 1, "Promote")
        with pytest.raises(NotFound):
            builds.abort("ask", 1, "Nope")
        assert replay.unknown == []


@pytest.mark.parametrize("how", ["stop", "term", "kill"])
def test_ends(how: str) -> None:
    with served([said("POST", f"/job/run/1/{how}", 302, Location="/job/run/1/")]) as replay:
        getattr(_builds(replay), how)("run", 1)
        assert replay.unknown == []
