"""Items and views, against what a Jenkins 2.516.2 was recorded to answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cictl.clients.jenkins_connection import JenkinsConnection, SignIn
from cictl.clients.jenkins_errors import PermissionMissing, Refused, ServerFailed
from cictl.clients.jenkins_jobs import JenkinsJobs, item_path, view_path
from cictl.core.jenkins_items import Item
from cictl.errors import CictlError, Conflict, NotFound
from tests.contract.jenkins_replay import Replay, replayed, said, served

_ADMIN = SignIn("admin", "11" + "0" * 32, "the token of a test")
_FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
_PIPELINE = "org.jenkinsci.plugins.workflow.job.WorkflowJob"
_MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"


def _jobs(replay: Replay) -> JenkinsJobs:
    return JenkinsJobs(JenkinsConnection(replay.url, _ADMIN, timeout_seconds=5.0))


def test_the_life_of_a_job() -> None:
    with replayed("job-lifecycle") as replay:
        jobs = _jobs(replay)
        assert jobs.config_xml("app") is None
        jobs.create("app", "<flow-definition/>")
        with pytest.raises(Conflict, match="already exists with the name"):
            jobs.create("app", "<flow-definition/>")
        first = jobs.config_xml("app")
        jobs.update("app", "<flow-definition/>")
        assert "둘" in (jobs.config_xml("app") or "")
        assert first is not None
        assert "둘" not in first
        assert jobs.delete("app2")
        assert not jobs.delete("app2")
        assert replay.unknown == []


def test_xml_goes_out_as_utf8_and_says_so() -> None:
    with replayed("job-lifecycle") as replay:
        _jobs(replay).update("app", "<a>둘</a>")
        assert replay.headers[-1]["Content-Type"] == "text/xml; charset=utf-8"
        assert replay.bodies[-1] == "<a>둘</a>".encode()


_REFUSALS = [
    pytest.param("a/b", NotFound, "has nothing for", id="slash-is-a-folder"),
    pytest.param("..", Refused, "is not an allowed name", id="dots"),
    pytest.param("a*b", Refused, "is an unsafe character", id="star"),
    pytest.param("a.", Refused, "cannot end with", id="trailing-dot"),
    pytest.param("a%b", Refused, "is an unsafe character", id="percent"),
    pytest.param("x1", ServerFailed, "failed at POST /createItem", id="xml-that-jenkins-cannot-load"),
]


@pytest.mark.parametrize(("name", "kind", "words"), _REFUSALS)
def test_what_jenkins_does_not_create(name: str, kind: type[CictlError], words: str) -> None:
    missing = said("POST", "/job/a/createItem?name=b", 404, "<html></html>")
    with replayed("create-refused") as replay:
        replay.exchanges.append(missing)
        with pytest.raises(kind, match=words):
            _jobs(replay).create(name, "<project/>")


def test_folders_and_views() -> None:
    with replayed("folders-and-views") as replay:
        jobs = _jobs(replay)
        jobs.create("team", "<folder/>")
        jobs.create("team/web", "<folder/>")
        jobs.create("team/web/build", "<flow-definition/>")
        with pytest.raises(NotFound):
            jobs.create("none/build", "<project/>")
        jobs.create_view("deploys", "<hudson.model.ListView/>")
        with pytest.raises(Conflict):
            jobs.create_view("deploys", "<hudson.model.ListView/>")
        assert (jobs.view_xml("deploys") or "").startswith('<?xml version="1.1"')
        assert jobs.view_xml("none") is None
        jobs.update_view("deploys", "<hudson.model.ListView/>")
        jobs.create_view("team/deploys", "<hudson.model.ListView/>")
        assert jobs.delete_view("deploys")
        assert jobs.delete("team")
        assert replay.unknown == []


def test_what_an_item_is() -> None:
    with served([said("GET", "/job/mb/api/json?tree=fullName", 200, f'{{"_class":"{_MULTIBRANCH}"}}')]) as replay:
        item = _jobs(replay).item("mb")
        assert item == Item("mb", _MULTIBRANCH)
        assert item.is_computed


def test_numbers_of_builds_need_a_plugin_to_be_set() -> None:
    exchanges = [
        said("GET", "/job/a/api/json?tree=nextBuildNumber", 200, '{"nextBuildNumber":7}'),
        said("POST", "/job/a/nextbuildnumber/submit", 404),
    ]
    with served(exchanges) as replay:
        assert _jobs(replay).next_build_number("a") == 7
        with pytest.raises(NotFound) as caught:
            _jobs(replay).set_next_build_number("a", 12)
        assert "plugin next-build-number" in (caught.value.hint or "")


_NAMES: list[tuple[Callable[[str], str], str, str]] = [
    (item_path, "", ""),
    (item_path, "shop/ci/checkout", "/job/shop/job/ci/job/checkout"),
    (item_path, "mb/feature%2Fx", "/job/mb/job/feature%252Fx"),
    (item_path, "mb/기능 1", "/job/mb/job/%EA%B8%B0%EB%8A%A5%201"),
    (view_path, "deploys", "/view/deploys"),
    (view_path, "shop/my view", "/job/shop/view/my%20view"),
]


@pytest.mark.parametrize(("path_of", "name", "expected"), _NAMES)
def test_paths(path_of: Callable[[str], str], name: str, expected: str) -> None:
    assert path_of(name) == expected


def test_a_missing_right_is_named_with_the_item() -> None:
    refused = said("POST", "/job/team/job/app/doDelete", 403, X_Required_Permission="hudson.model.Item.Delete")
    with served([refused]) as replay:
        with pytest.raises(PermissionMissing, match="POST doDelete of team/app") as caught:
            _jobs(replay).delete("team/app")
        assert "it needs Job/Delete" in caught.value.message
        assert "'admin' with the token of a test" in caught.value.message
        assert caught.value.permission == "hudson.model.Item.Delete"
