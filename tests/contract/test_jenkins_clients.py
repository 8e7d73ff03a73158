"""The clients together against the strict stand-in: under a prefix, a wrong root URL, by token and by password."""

from __future__ import annotations

import pytest

from cictl.clients.jenkins_account import JenkinsAccount
from cictl.clients.jenkins_connection import JenkinsConnection, SignIn
from cictl.clients.jenkins_errors import PermissionMissing, SignInRefused
from cictl.clients.jenkins_jobs import JenkinsJobs
from cictl.core.jenkins_server import Right, WhoAmI
from cictl.errors import AnswerLost, Conflict, FarSideFailed, NotFound, Unreachable
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.messages import Response
from tests.fake_jenkins.server import ADMIN_PASSWORD, FakeJenkins

_FOLDER = (
    "<com.cloudbees.hudson.plugins.folder.Folder><description>d</description><properties/>"
    "</com.cloudbees.hudson.plugins.folder.Folder>"
)
_PIPELINE = (
    "<flow-definition><description>d</description><keepDependencies>false</keepDependencies><properties/>"
    "<definition class=\"org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition\"><script>echo '둘'</script>"
    "<sandbox>true</sandbox></definition><triggers/><disabled>false</disabled></flow-definition>"
)
_VIEW = "<hudson.model.ListView><name>deploys</name><jobNames/><jobFilters/><columns/></hudson.model.ListView>"


@pytest.fixture(params=["2.516", "2.555"])
def server(request: pytest.FixtureRequest, make_fake_jenkins: MakeFakeJenkins) -> FakeJenkins:
    return make_fake_jenkins(prefix="/jenkins", root_url="http://wrong.example:1/other", store=request.param)


def _sign_in(server: FakeJenkins, kind: str) -> SignIn:
    if kind == "password":
        return SignIn("admin", ADMIN_PASSWORD, "a password", is_password=True)
    return SignIn("admin", server.token, "a token")


def test_a_proxy_that_sends_to_sign_in_has_created_nothing(server: FakeJenkins) -> None:
    server.faults.answer_instead(Response(302, headers=[("Location", "https://sso.example/adfs/ls")]))
    jobs = JenkinsJobs(JenkinsConnection(server.url, _sign_in(server, "token")))
    with pytest.raises(FarSideFailed, match="by a redirect") as caught:
        jobs.create("shop", _FOLDER)
    assert "proxy" in str(caught.value.hint)
    assert jobs.item("shop") is None


@pytest.mark.parametrize("kind", ["token", "password"])
def test_items_and_views(server: FakeJenkins, kind: str) -> None:
    jobs = JenkinsJobs(JenkinsConnection(server.url, _sign_in(server, kind)))
    for folder in ("shop", "shop/ci"):
        jobs.create(folder, _FOLDER)
    jobs.create("shop/ci/결제 1", _PIPELINE)
    with pytest.raises(Conflict):
        jobs.create("shop/ci/결제 1", _PIPELINE)
    with pytest.raises(NotFound):
        jobs.create("none/x", _PIPELINE)
    assert [(item := jobs.item(name)) and item.is_folder for name in ("shop/ci", "shop/ci/결제 1", "x")] == [
        True,
        False,
        None,
    ]
    assert "둘" in (jobs.config_xml("shop/ci/결제 1") or "")
    jobs.update("shop/ci/결제 1", _PIPELINE.replace("둘", "셋"))
    jobs.describe("shop/ci/결제 1", "<!-- managed --> 설명")
    read = jobs.config_xml("shop/ci/결제 1") or ""
    assert "셋" in read
    assert "설명" in read
    assert jobs.next_build_number("shop/ci/결제 1") == 1
    jobs.create_view("shop/deploys", _VIEW)
    assert jobs.view_xml("shop/deploys") is not None
    assert jobs.delete_view("shop/deploys")
    assert jobs.view_xml("shop/deploys") is None
    assert jobs.delete("shop")
    assert not jobs.delete("shop")
    assert jobs.item("shop") is None


def test_a_token_costs_no_request_but_those_that_are_asked_for(server: FakeJenkins) -> None:
    jobs = JenkinsJobs(JenkinsConnection(server.url, _sign_in(server, "token")))
    jobs.create("a", _PIPELINE)
    jobs.update("a", _PIPELINE)
    assert [(each.method, each.path) for each in server.asked()] == [
        ("POST", "/createItem?name=a"),
        ("POST", "/job/a/config.xml"),
    ]


def test_an_address_beside_jenkins_is_told_from_a_name_that_is_hidden() -> None:
    with FakeJenkins(prefix="/jenkins") as fake:
        account = JenkinsAccount(JenkinsConnection(fake.url.removesuffix("/jenkins")))
        with pytest.raises(NotFound) as caught:
            account.who_am_i()
    assert "check jenkins.url" in (caught.value.hint or "")


def test_who_am_i_and_what_may_i(server: FakeJenkins) -> None:
    server.add_user("watcher", "w4tcher", ["hudson.model.Hudson.Read"])
    watcher = JenkinsConnection(server.url, SignIn("watcher", "w4tcher", "a password", is_password=True))
    account = JenkinsAccount(watcher)
    assert account.who_am_i() == WhoAmI("watcher", is_anonymous=False)
    assert account.may_create_in("").right is Right.REFUSED
    assert account.may_create_in("").permission == "Job/Create"
    assert account.may_create_in("none").right is Right.HIDDEN
    with pytest.raises(PermissionMissing, match="it needs Job/Create"):
        JenkinsJobs(watcher).create("a", _PIPELINE)
    admin = JenkinsAccount(JenkinsConnection(server.url, _sign_in(server, "token")))
    assert admin.may_create_in("").right is Right.ALLOWED
    assert admin.version().startswith("2.")
    stranger = JenkinsAccount(JenkinsConnection(server.url))
    assert stranger.who_am_i().is_anonymous
    assert not stranger.is_open_to_anyone()


def test_a_wrong_password(server: FakeJenkins) -> None:
    wrong = SignIn("admin", "wr0ng-passw0rd", "this password", is_password=True)
    with pytest.raises(SignInRefused) as caught:
        JenkinsJobs(JenkinsConnection(server.url, wrong)).create("a", _PIPELINE)
    assert "wr0ng-passw0rd" not in f"{caught.value!r} {caught.value.hint}"


def test_a_lost_answer_after_acting_left_the_job_there(server: FakeJenkins) -> None:
    jobs = JenkinsJobs(JenkinsConnection(server.url, _sign_in(server, "token")))
    server.faults.drop_after(lambda request: request.method == "POST")
    with pytest.raises(AnswerLost):
        jobs.create("a", _PIPELINE)
    assert jobs.item("a") is not None


def test_a_read_survives_dropped_connections(server: FakeJenkins) -> None:
    jobs = JenkinsJobs(JenkinsConnection(server.url, _sign_in(server, "token")))
    jobs.create("a", _PIPELINE)
    server.faults.drop_before(lambda request: request.method == "GET")
    assert jobs.config_xml("a") is not None
    server.stop()
    with pytest.raises(Unreachable):
        JenkinsJobs(JenkinsConnection(server.url, timeout_seconds=1.0)).config_xml("a")
