"""Credentials, plugins, nodes and accounts, against what a Jenkins 2.516.2 was recorded to answer."""

from __future__ import annotations

import json
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import pytest

from cictl.clients.jenkins_account import JenkinsAccount
from cictl.clients.jenkins_connection import JenkinsConnection, SignIn
from cictl.clients.jenkins_credentials import JenkinsCredentials
from cictl.clients.jenkins_errors import Refused, SignInRefused
from cictl.clients.jenkins_nodes import JenkinsNodes
from cictl.clients.jenkins_plugins import JenkinsPlugins
from cictl.core.jenkins_credentials import SecretText, StoredCredential, UserPassword
from cictl.core.jenkins_nodes import Node
from cictl.core.jenkins_plugins import InstallJob, MissingPlugin, OfferedPlugin
from cictl.core.jenkins_server import Probed, Pulse, Right, WhoAmI, Wizard
from cictl.errors import Conflict, FarSideFailed, NotFound, StartingUp
from tests.contract.jenkins_replay import Replay, replayed, said, served

_ADMIN = SignIn("admin", "11" + "0" * 32, "the token of a test")
_TOKENS = "/me/descriptorByName/jenkins.security.ApiTokenProperty"
_PUSH = "/descriptorByName/hudson.plugins.git.ApiTokenPropertyConfiguration"
_FIELDS = "displayName,offline,temporarilyOffline,numExecutors,assignedLabels[name],jnlpAgent,offlineCauseReason"


def _connection(replay: Replay, sign_in: SignIn | None = _ADMIN) -> JenkinsConnection:
    return JenkinsConnection(replay.url, sign_in, timeout_seconds=5.0)


def test_credentials_of_system_and_folder() -> None:
    with replayed("credentials") as replay:
        store = JenkinsCredentials(_connection(replay))
        robot = UserPassword("registry", "robot", "s3cret", "image registry")
        store.create("", robot)
        with pytest.raises(Conflict, match="has a credential 'registry' already"):
            store.create("", robot)
        assert store.credentials("") == (
            StoredCredential("registry", "Username with password", "image registry"),
            StoredCredential("token", "Secret text", "t"),
        )
        assert "<secret-redacted/>" in (store.config_xml("", "registry") or "")
        assert store.config_xml("", "none") is None
        store.update("", robot)
        store.create("team", SecretText("token", "s3cret"))
        assert store.delete("", "registry")
        assert replay.unknown == []


def test_what_is_sent_of_a_credential_is_what_was_recorded() -> None:
    with replayed("credentials") as replay:
        JenkinsCredentials(_connection(replay)).create(
            "", UserPassword("registry", "robot", "s3cret", "image registry")
        )
        recorded = next(each for each in replay.exchanges if each["why"] == "create again")["request"]["body"]
        assert ET.canonicalize(replay.bodies[0].decode()) == ET.canonicalize(recorded)


def test_a_store_that_may_not_be_seen() -> None:
    path = "/job/team/credentials/store/folder/domain/_/api/json?tree=credentials[id,description,displayName,typeName]"
    with served([said("GET", path, 404)]) as replay, pytest.raises(NotFound) as caught:
        JenkinsCredentials(_connection(replay)).credentials("team")
    assert "Credentials/View" in (caught.value.hint or "")


def test_plugins() -> None:
    with replayed("plugins") as replay:
        plugins = JenkinsPlugins(_connection(replay))
        plugins.install({"git": "1"})
        assert plugins.missing({"git": "1"}) == ()
        assert plugins.missing({"no-such-plugin": "1"}) == (MissingPlugin("no-such-plugin", "1", "missing"),)
        assert replay.bodies[-1] == b'<jenkins><install plugin="no-such-plugin@1" /></jenkins>'
        plugins.missing({"job-dsl": ""})
        assert replay.bodies[-1] == b'<jenkins><install plugin="job-dsl@0" /></jenkins>'
        assert replay.unknown == []


def test_installed_plugins() -> None:
    path = "/pluginManager/api/json?depth=1&tree=plugins[shortName,longName,version,active,enabled]"
    entry = {"shortName": "git", "version": "5.7.0", "active": True, "enabled": False, "longName": "Git plugin"}
    with served([said("GET", path, 200, json.dumps({"plugins": [entry]}))]) as replay:
        [plugin] = JenkinsPlugins(_connection(replay)).installed()
        assert (plugin.name, plugin.version, plugin.is_active, plugin.is_enabled) == ("git", "5.7.0", True, False)


def test_what_the_update_centre_offers_and_does() -> None:
    offer = "name,version,neededDependencies[name,version]"
    needs = [{"name": "scm-api", "version": "700"}]
    sites = {"sites": [{"availables": [{"name": "git", "version": "5.8", "neededDependencies": needs}], "updates": []}]}
    jobs = {
        "jobs": [
            {"type": "ConnectionCheckJob"},
            {"name": "git", "status": {"type": "Failure"}, "errorMessage": "no route"},
            {"name": "scm-api", "status": {"type": "Pending"}},
        ],
        "restartRequiredForCompletion": True,
    }
    exchanges = [
        said(
            "GET", f"/updateCenter/api/json?tree=sites[id,availables[{offer}],updates[{offer}]]", 200, json.dumps(sites)
        ),
        said(
            "GET",
            "/updateCenter/api/json?tree=jobs[*,plugin[name,version],status[*]],restartRequiredForCompletion",
            200,
            json.dumps(jobs),
        ),
    ]
    with served(exchanges) as replay:
        plugins = JenkinsPlugins(_connection(replay))
        assert plugins.offered() == (OfferedPlugin("git", "5.8", (("scm-api", "700"),)),)
        centre = plugins.update_centre()
        assert centre.jobs == (InstallJob("git", "Failure", "no route"), InstallJob("scm-api", "Pending"))
        assert [(job.is_over, job.is_failed) for job in centre.jobs] == [(True, True), (False, False)]
        assert centre.is_restart_needed


def test_push_tokens() -> None:
    with replayed("push-triggers") as replay:
        plugins = JenkinsPlugins(_connection(replay))
        token = plugins.generate_push_token("cictl")
        assert len(token.value) == 32
        assert token.value not in repr(token)
        assert replay.bodies[-1] == b"apiTokenName=cictl"
        assert replay.unknown == []


_CONTROLLER = {
    "_class": "hudson.model.Hudson$MasterComputer",
    "assignedLabels": [{"name": "built-in"}],
    "displayName": "Built-In Node",
    "numExecutors": 2,
    "offline": False,
}


def test_nodes() -> None:
    document = json.dumps({"computer": [_CONTROLLER]})
    with served([said("GET", f"/computer/api/json?tree=computer[{_FIELDS}]", 200, document)]) as replay:
        expected = Node(
            "Built-In Node", is_controller=True, is_online=True, executors=2, labels=frozenset({"built-in"})
        )
        assert JenkinsNodes(_connection(replay)).nodes() == (expected,)


def test_an_inbound_agent_is_created_by_the_form_that_the_library_knows() -> None:
    info = "/computer/build-1/api/json?depth=0"
    exchanges = [
        said("GET", info, 404),
        said("GET", info, 200, "{}"),
        said("POST", "/computer/doCreateItem", 302, Location="/computer/"),
    ]
    with served(exchanges, prefix="/jenkins") as replay:
        JenkinsNodes(_connection(replay)).create_inbound("build-1", labels="docker", remote_folder="/srv/agent")
        form = parse_qs(replay.bodies[1].decode())
        assert form["type"] == ["hudson.slaves.DumbSlave$DescriptorImpl"]
        asked = json.loads(form["json"][0])
        assert (asked["labelString"], asked["mode"], asked["remoteFS"]) == ("docker", "EXCLUSIVE", "/srv/agent")
        assert asked["launcher"] == {"webSocket": True, "stapler-class": "hudson.slaves.JNLPLauncher"}
        assert replay.unknown == []
        with pytest.raises(Conflict, match="has a node 'build-1' already"):
            JenkinsNodes(_connection(replay)).create_inbound("build-1", labels="docker", remote_folder="/srv/agent")


def test_the_secret_of_an_agent() -> None:
    secret = "0123456789abcdef" * 4
    jnlp = f"<jnlp><application-desc><argument>{secret}</argument><argument>a</argument></application-desc></jnlp>"
    path = "/computer/build%201/jenkins-agent.jnlp"
    with served([said("GET", path, 200, jnlp), said("GET", "/computer/b/jenkins-agent.jnlp", 200, "<html>")]) as replay:
        nodes = JenkinsNodes(_connection(replay))
        agent = nodes.inbound_agent("build 1")
        assert agent.secret == secret
        assert secret not in repr(agent)
        with pytest.raises(FarSideFailed, match="does not tell the secret"):
            nodes.inbound_agent("b")


def test_who_am_i() -> None:
    with replayed("identity") as replay:
        account = JenkinsAccount(_connection(replay))
        assert account.who_am_i() == WhoAmI("admin", is_anonymous=False)
        assert account.version() == "2.516.2"
        assert account.pulse() == Pulse("2.516.2", "08bdff28")
        assert not account.lets_anyone_sign_up()


def test_a_starting_jenkins_is_told_apart_at_once() -> None:
    with served([said("GET", "/whoAmI/api/json", 503, "Starting Jenkins")]) as replay:
        with pytest.raises(StartingUp):
            JenkinsAccount(_connection(replay)).pulse()
        assert len(replay.asked) == 1


def test_a_page_to_sign_in_that_is_elsewhere() -> None:
    moved = said("GET", "/login", 302, Location="https://id.example/realm")
    with served([moved, said("GET", "/", 302, Location="https://id.example/realm")]) as replay:
        account = JenkinsAccount(_connection(replay, None))
        assert not account.lets_anyone_sign_up()
        assert account.wizard() is Wizard.OVER


def test_a_sign_up_link() -> None:
    page = said("GET", "/login", 200, '<a class="x" href="signup">Create an account</a>')
    with served([page]) as replay:
        assert JenkinsAccount(_connection(replay, None)).lets_anyone_sign_up()


def test_a_token_of_ones_own() -> None:
    made = '{"status":"ok","data":{"tokenName":"cictl on a","tokenUuid":"u-1"}}'
    exchanges = [said("POST", f"{_TOKENS}/addFixedToken", 200, made), said("POST", f"{_TOKENS}/revoke", 200)]
    with served(exchanges) as replay:
        account = JenkinsAccount(_connection(replay))
        value = "11" + "ab" * 16
        assert account.add_token("cictl on a", value).uuid == "u-1"
        assert parse_qs(replay.bodies[0].decode()) == {
            "newTokenName": ["cictl on a"],
            "newTokenPlainValue": [value],
        }
        account.revoke_token("u-1")
        assert replay.bodies[1] == b"tokenUuid=u-1"


def test_tokens_that_jenkins_makes() -> None:
    def with_token(exchange: dict[str, dict[str, str]]) -> bool:
        return exchange["request"]["auth"] == "token" and exchange["response"]["status"] == 200  # type: ignore[comparison-overlap]

    with replayed("tokens", with_token) as replay:
        token = JenkinsAccount(_connection(replay)).generate_token("three")
        assert (token.name, len(token.value)) == ("three", 34)


def test_an_error_that_comes_with_a_200_is_one() -> None:
    refused = said("POST", f"{_TOKENS}/generateNewToken", 200, '{"status":"error","message":"no"}')
    with served([refused]) as replay, pytest.raises(Refused, match="no"):
        JenkinsAccount(_connection(replay)).generate_token("x")


def test_a_wrong_password() -> None:
    with served([said("GET", "/whoAmI/api/json", 401)]) as replay, pytest.raises(SignInRefused, match="'admin' with"):
        JenkinsAccount(_connection(replay)).who_am_i()


_CREATE = "/job/team/checkJobName?value=cictl-asks-whether-it-may"
_PROBES = [
    pytest.param(200, {}, Probed(Right.ALLOWED), id="allowed"),
    pytest.param(
        403, {"X-Required-Permission": "hudson.model.Item.Create"}, Probed(Right.REFUSED, "Job/Create"), id="refused"
    ),
    pytest.param(404, {}, Probed(Right.HIDDEN), id="hidden"),
]


@pytest.mark.parametrize(("status", "headers", "expected"), _PROBES)
def test_probes(status: int, headers: dict[str, str], expected: Probed) -> None:
    with served([said("GET", _CREATE, status, "", **headers)]) as replay:
        assert JenkinsAccount(_connection(replay)).may_create_in("team") == expected
        assert [method for method, _ in replay.asked] == ["GET"]


def test_the_wizard() -> None:
    with replayed("wizard") as replay:
        assert JenkinsAccount(_connection(replay, None)).wizard() is Wizard.LOCKED
    only_after = {"/login after the wizard, in full", "the new administrator: root"}
    with replayed("wizard", lambda exchange: exchange["why"] in only_after) as replay:
        assert JenkinsAccount(_connection(replay)).wizard() is Wizard.OPEN
    only_over = {"/login after the wizard, in full", "/ after the wizard, the new administrator"}
    with replayed("wizard", lambda exchange: exchange["why"] in only_over) as replay:
        assert JenkinsAccount(_connection(replay)).wizard() is Wizard.OVER


def test_the_wizard_is_ended_by_a_token() -> None:
    with replayed("wizard-skip") as replay:
        JenkinsAccount(_connection(replay)).end_wizard()
        assert replay.unknown == []


def test_the_first_administrator() -> None:
    with replayed("wizard") as replay:
        account = JenkinsAccount(_connection(replay))
        account.create_first_administrator("boss", "b055-passw0rd", full_name="Boss", email="boss@example.com")
        form = parse_qs(replay.bodies[-1].decode())
        assert json.loads(form["json"][0])["username"] == "boss"
        account.set_root_url_in_wizard("http://127.0.0.1:8091/")
        assert replay.unknown == []


def test_the_servers_state() -> None:
    path = "/api/json?tree=useSecurity,useCrumbs,numExecutors,quietingDown,url"
    document = {"useSecurity": True, "useCrumbs": True, "numExecutors": 2, "quietingDown": False, "url": "http://j/"}
    with served([said("GET", path, 200, json.dumps(document))]) as replay:
        state = JenkinsAccount(_connection(replay)).state()
        assert (state.has_security, state.has_crumbs, state.controller_executors) == (True, True, 2)
        assert state.root_url == "http://j/"
