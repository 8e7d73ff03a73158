"""What is in Jenkins and whose, and what runs there, by as few requests as can be."""

from __future__ import annotations

import pytest

from cictl.clients.jenkins_connection import JenkinsConnection, SignIn
from cictl.clients.jenkins_inventory import _ACTIVITY, JenkinsInventory
from cictl.core.job_activity import Activity
from cictl.core.job_plan import ItemKey
from cictl.core.job_prune import Found
from cictl.errors import NotFound
from tests.contract.jenkins_replay import said, served
from tests.contract.jobs_shop import FOLDER, FREESTYLE, MULTIBRANCH, PIPELINE, REPO, VIEW, config
from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.builds import BuildScript


def _inventory(fake: FakeJenkins) -> JenkinsInventory:
    return JenkinsInventory(JenkinsConnection(fake.url, SignIn("admin", fake.token, "the token of a test")))


def test_everything_with_its_owner_by_one_request_for_each_folder(fake_jenkins: FakeJenkins) -> None:
    fake_jenkins.put("shop", config(FOLDER, owner="cictl bootstrap"))
    fake_jenkins.put("shop/mb", config(MULTIBRANCH, owner="shop"))
    fake_jenkins.put("shop/결제 1", config(PIPELINE, owner="shop"))
    fake_jenkins.put("shop/theirs", config(FREESTYLE, owner=None))
    inventory = _inventory(fake_jenkins)
    inventory._connection.post("/job/shop/createView", {"name": "v"}, xml=config(VIEW, owner="shop"))
    before = len(fake_jenkins.requests)
    assert inventory.found("shop") == (
        Found(ItemKey("shop/All", is_view=True), is_primary_view=True),
        Found(ItemKey("shop/mb"), "shop", is_computed=True),
        Found(ItemKey("shop/theirs")),
        Found(ItemKey("shop/v", is_view=True), "shop"),
        Found(ItemKey("shop/결제 1"), "shop"),
    )
    assert len(fake_jenkins.requests) - before == 1
    assert [each.key.full_name for each in inventory.found() if each.is_folder] == ["shop"]
    assert inventory.inside("shop") == ("shop/mb", "shop/theirs", "shop/결제 1")


def test_what_is_not_there_holds_nothing(fake_jenkins: FakeJenkins) -> None:
    inventory = _inventory(fake_jenkins)
    assert inventory.found("none") == ()
    assert inventory.inside("none") == ()
    assert inventory.activity("none") == Activity()


def test_an_address_without_a_jenkins_is_no_empty_jenkins() -> None:
    with FakeJenkins(prefix="/jenkins") as fake:
        beside = JenkinsConnection(fake.url.removesuffix("/jenkins"), SignIn("admin", fake.token, "a token"))
        with pytest.raises(NotFound, match="there is no Jenkins at"):
            JenkinsInventory(beside).inside("shop")


def test_an_older_build_may_still_run(fake_jenkins: FakeJenkins) -> None:
    """Jenkins' own `building` and colour of a job tell of its last build alone."""
    fake_jenkins.put("a", config(PIPELINE))
    fake_jenkins.start_build("a", BuildScript(["at it\n"], is_manual=True))
    for _ in range(120):  # `builds` ends at 100
        fake_jenkins.start_build("a").finish("SUCCESS")
    assert _inventory(fake_jenkins).activity("a") == Activity(("#1 runs",))


def test_branches_are_asked_with_their_project(fake_jenkins: FakeJenkins) -> None:
    fake_jenkins.put("mb", config(MULTIBRANCH))
    fake_jenkins.push(REPO, "feature/x")
    inventory = _inventory(fake_jenkins)
    inventory._connection.post("/job/mb/build", {"delay": "0"})
    fake_jenkins.start_build("mb/feature%2Fx", BuildScript(["at it\n"], is_manual=True))
    found = inventory.activity("mb")
    assert found.branches == ("feature%2Fx",)
    assert found.busy
    assert all(each.startswith("feature%2Fx ") for each in found.busy)


def test_an_organisation_is_asked_with_its_projects_and_their_branches() -> None:
    branch = '{"name":"main","inQueue":false,"allBuilds":[{"number":7,"building":true}]}'
    body = f'{{"jobs":[{{"name":"app","jobs":[{branch}]}},{{"name":"lib","jobs":[]}}]}}'
    exchange = said("GET", f"/job/org/api/json?tree={_ACTIVITY}", 200, body)
    with served([exchange]) as replay:
        connection = JenkinsConnection(replay.url, SignIn("admin", "11" + "0" * 32, "the token of a test"))
        assert JenkinsInventory(connection).activity("org") == Activity(
            ("app/main #7 runs",), ("app", "app/main", "lib")
        )


@pytest.mark.parametrize("body", ["{}", '{"_class":"x","name":"a"}'])
def test_what_does_not_tell_its_builds_is_not_called_idle(body: str) -> None:
    with served([said("GET", f"/job/a/api/json?tree={_ACTIVITY}", 200, body)]) as replay:
        connection = JenkinsConnection(replay.url, SignIn("admin", "11" + "0" * 32, "the token of a test"))
        assert JenkinsInventory(connection).activity("a").busy
