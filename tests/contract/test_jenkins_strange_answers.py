"""Whatever JSON comes where a Jenkins should be, the clients end with values of theirs or an error that helps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cictl.clients import jenkins_transport
from cictl.clients.jenkins_account import JenkinsAccount
from cictl.clients.jenkins_branches import JenkinsBranches
from cictl.clients.jenkins_builds import JenkinsBuilds
from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.clients.jenkins_credentials import JenkinsCredentials
from cictl.clients.jenkins_inventory import JenkinsInventory
from cictl.clients.jenkins_jobs import JenkinsJobs
from cictl.clients.jenkins_nodes import JenkinsNodes
from cictl.clients.jenkins_plugins import JenkinsPlugins
from cictl.clients.jenkins_transport import Answer, Request
from cictl.core.jenkins_builds import BuildableJob
from cictl.errors import CictlError

_WORDS = (
    *("_class", "name", "jobs", "views", "number", "building", "result", "timestamp", "duration", "queueId"),
    *("actions", "parameters", "property", "executable", "parameterDefinitions", "defaultParameterValue", "value"),
    *("choices", "type", "executions", "id", "settled", "waitingForInput", "credentials", "plugins", "shortName"),
    *("sites", "availables", "updates", "neededDependencies", "status", "data", "tokenUuid", "tokenValue"),
    *("computer", "assignedLabels", "numExecutors", "anonymous", "useSecurity", "nextBuildNumber", "builds", "plugin"),
    *("description", "primaryView", "inQueue", "allBuilds"),
    *("causes", "shortDescription", "userId", "items", "task", "fullName", "displayName", "buildable", "cancelled"),
)
_TEXTS = st.sampled_from(["", "ok", "a/b", "InputAction"])
_LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | _TEXTS | st.floats()
_DOCUMENTS = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_WORDS), inner, max_size=6),
    max_leaves=8,
)
_CALLS: list[Callable[[JenkinsConnection], object]] = [
    lambda c: JenkinsJobs(c).item("a"),
    lambda c: JenkinsJobs(c).next_build_number("a"),
    lambda c: JenkinsBuilds(c).job("a"),
    lambda c: JenkinsBuilds(c).queue_item(1),
    lambda c: JenkinsBuilds(c).build("a", 1),
    lambda c: JenkinsBuilds(c).builds("a"),
    lambda c: JenkinsBuilds(c).queued("a"),
    lambda c: JenkinsBranches(c).branches("a"),
    lambda c: JenkinsBranches(c).builds_of_branches("a"),
    lambda c: JenkinsBuilds(c).waiting_inputs("a", 1),
    lambda c: JenkinsBuilds(c).start(BuildableJob("a", "x", is_buildable=True), {}),
    lambda c: JenkinsCredentials(c).credentials(""),
    lambda c: JenkinsPlugins(c).installed(),
    lambda c: JenkinsPlugins(c).missing({"git": "1"}),
    lambda c: JenkinsPlugins(c).offered(),
    lambda c: JenkinsPlugins(c).update_centre(),
    lambda c: JenkinsPlugins(c).generate_push_token("x"),
    lambda c: JenkinsNodes(c).nodes(),
    lambda c: JenkinsInventory(c)._listed("a"),
    lambda c: JenkinsInventory(c).activity("a"),
    lambda c: JenkinsAccount(c).who_am_i(),
    lambda c: JenkinsAccount(c).state(),
    lambda c: JenkinsAccount(c).add_token("x", "11"),
    lambda c: JenkinsAccount(c).generate_token("x"),
]


@pytest.fixture
def bodies(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Answer each request with the first of the bodies, without a network."""
    given_bodies: list[bytes] = [b""]

    def send(_: object, request: Request, *, timeout_seconds: float) -> Answer:
        assert request.path
        assert timeout_seconds > 0
        return Answer(200, {}, given_bodies[0])

    monkeypatch.setattr(jenkins_transport.Transport, "send", send)
    return given_bodies


def _errors() -> Iterator[CictlError]:
    """Make all calls, and yield the errors with which some of them end; of another kind there is none."""
    connection = JenkinsConnection("http://jenkins.invalid")
    for call in _CALLS:
        try:
            call(connection)
        except CictlError as error:
            yield error


@given(document=_DOCUMENTS)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_json(bodies: list[bytes], document: object) -> None:
    bodies[0] = json.dumps(document).encode()
    assert [error.message for error in _errors() if "Jenkins" not in error.message] == []


@given(body=st.binary(max_size=60))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes(bodies: list[bytes], body: bytes) -> None:
    bodies[0] = body
    assert [error.message for error in _errors() if "Jenkins" not in error.message] == []
