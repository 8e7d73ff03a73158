"""What a test may ask of the fake Jenkins beyond the recordings: strictness, faults, options, builds that go on."""

from __future__ import annotations

import base64
import secrets
import textwrap
import time

import pytest
import requests

from tests.fake_jenkins import BuildScript, FakeJenkins, Input
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.messages import Response
from tests.fake_jenkins.secret_values import ENCRYPTED, decrypt, encrypt

XML = {"Content-Type": "text/xml; charset=utf-8"}
FOLDER = "<com.cloudbees.hudson.plugins.folder.Folder/>"
JOB = "<flow-definition><description>d</description><properties/></flow-definition>"
STRAY = "<project><builders><hudson.plugins.stray.Builder/></builders></project>"


class Client(requests.Session):
    def __init__(self, fake: FakeJenkins, user: str = "admin", secret: str | None = None) -> None:
        super().__init__()
        self.fake, self.auth = fake, (user, secret or fake.token)

    def ask(self, method: str, path: str, data: str | dict[str, str] | None = None) -> requests.Response:
        headers = XML if isinstance(data, str) else {}
        return self.request(method, self.fake.url + path, data=data, headers=headers, allow_redirects=False, timeout=5)


@pytest.fixture
def client(fake_jenkins: FakeJenkins) -> Client:
    return Client(fake_jenkins)


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        pytest.param("GET", "/job/app/workflow-stage", None, id="path"),
        pytest.param("GET", "/api/json?tree=jobs[nmae]", None, id="tree"),
        pytest.param("GET", "/api/json?xpath=//x", None, id="query"),
        pytest.param("POST", "/job/app/submitDescription", {"description": "d", "notify": "1"}, id="form"),
        pytest.param("POST", "/scriptText", {"script": "1"}, id="script console"),
        pytest.param("DELETE", "/job/app", None, id="no slash"),
    ],
)
def test_what_it_does_not_know_is_a_501_that_is_remembered(
    make_fake_jenkins: MakeFakeJenkins, method: str, path: str, data: dict[str, str] | None
) -> None:
    fake = make_fake_jenkins()
    fake.put("app", JOB)
    with Client(fake) as client:
        assert client.ask(method, path, data).status_code == 501
    assert len(fake.unknown) == 1
    fake.unknown.clear()  # else the fixture fails this test


_OLD = "<flow-definition><concurrentBuild>{}</concurrentBuild><properties/></flow-definition>"


@pytest.mark.parametrize("is_new", [True, False])
def test_a_pipeline_that_is_not_concurrent_gets_the_property_for_it(client: Client, *, is_new: bool) -> None:
    if not is_new:
        client.fake.put("app", JOB)
    path = "/createItem?name=app" if is_new else "/job/app/config.xml"
    assert client.ask("POST", path, _OLD.format("false")).status_code == 200
    xml = client.ask("GET", "/job/app/config.xml").text
    assert ("DisableConcurrentBuildsJobProperty" in xml, "<concurrentBuild>" in xml) == (True, False)
    assert client.ask("POST", "/job/app/config.xml", _OLD.format("true")).status_code == 200
    assert "DisableConcurrentBuildsJobProperty" not in client.ask("GET", "/job/app/config.xml").text


def test_a_kind_that_no_plugin_has_is_named_for_who_tries_things(client: Client) -> None:
    answer = client.ask("POST", "/createItem?name=app", "<com.example.Flow/>")
    assert (answer.status_code, "com.example.Flow" in answer.headers["X-Fake-Jenkins"]) == (500, True)


def test_a_prefix_and_a_wrong_root_url(make_fake_jenkins: MakeFakeJenkins) -> None:
    fake = make_fake_jenkins(prefix="/jenkins", root_url="http://wrong.example/")
    fake.put("app", JOB)
    with Client(fake) as client:
        started = client.ask("POST", "/job/app/build?delay=0sec")
        disabled = client.ask("POST", "/job/app/disable")
        shown = client.ask("GET", "/job/app/api/json?tree=url").json()
    assert started.headers["Location"] == "http://wrong.example/queue/item/1/"
    assert disabled.headers["Location"] == "/jenkins/job/app/"
    assert shown["url"] == "http://wrong.example/job/app/"


def test_nothing_is_served_outside_the_prefix(make_fake_jenkins: MakeFakeJenkins) -> None:
    fake = make_fake_jenkins(prefix="/jenkins")
    assert requests.get(f"http://127.0.0.1:{fake.port}/api/json", timeout=5).status_code == 404


@pytest.mark.parametrize(("store", "declaration"), [("2.516", '<?xml version="1.0"'), ("2.555", "<?xml version='1.1'")])
def test_a_newer_line_writes_at_once(make_fake_jenkins: MakeFakeJenkins, store: str, declaration: str) -> None:
    fake = make_fake_jenkins(store=store)
    with Client(fake) as client:
        assert client.ask("POST", "/createItem?name=app", JOB).status_code == 200
        assert client.ask("GET", "/job/app/config.xml").text.startswith(declaration)


def test_what_no_plugin_loads_goes_with_the_first_save(fake_jenkins: FakeJenkins, client: Client) -> None:
    client.ask("POST", "/createItem?name=app", STRAY)
    assert "stray" in fake_jenkins.jobs()["app"]
    client.ask("POST", "/job/app/submitDescription", {"description": "marked"})
    assert "stray" not in fake_jenkins.jobs()["app"]
    assert "<description>marked</description>" in fake_jenkins.jobs()["app"]


def test_names_differ_by_more_than_case(client: Client) -> None:
    client.ask("POST", "/createItem?name=app", JOB)
    assert client.ask("POST", "/createItem?name=APP", JOB).status_code == 400
    assert client.ask("GET", "/job/APP/api/json?tree=name").json()["name"] == "app"


def test_a_connection_dropped_before_acting_and_after(fake_jenkins: FakeJenkins, client: Client) -> None:
    fake_jenkins.faults.drop_before(lambda request: request.method == "POST")
    with pytest.raises(requests.ConnectionError):
        client.ask("POST", "/createItem?name=app", JOB)
    assert fake_jenkins.jobs() == {}
    fake_jenkins.faults.drop_after(lambda request: request.method == "POST")
    with pytest.raises(requests.ConnectionError):
        client.ask("POST", "/createItem?name=app", JOB)
    assert list(fake_jenkins.jobs()) == ["app"]


def test_another_answer_for_the_nth_request(fake_jenkins: FakeJenkins, client: Client) -> None:
    fake_jenkins.faults.answer_instead(Response(502), nth=2)
    assert [client.ask("GET", "/api/json?tree=mode").status_code for _ in range(3)] == [200, 502, 200]


def test_hooks_see_every_request(fake_jenkins: FakeJenkins, client: Client) -> None:
    seen: list[tuple[str, int]] = []
    fake_jenkins.faults.on_request = lambda number, _: seen.append(("request", number))
    fake_jenkins.faults.on_answer = lambda number, _: seen.append(("answer", number))
    client.ask("GET", "/whoAmI/api/json")
    assert seen == [("request", 1), ("answer", 1)]
    assert [(each.method, each.path, each.user, each.status) for each in fake_jenkins.asked()] == [
        ("GET", "/whoAmI/api/json", "admin", 200)
    ]


def test_a_password_costs_what_was_measured(make_fake_jenkins: MakeFakeJenkins) -> None:
    fake = make_fake_jenkins(latency={"password": 0.05})
    with Client(fake, secret="admin-password") as client:
        began = time.monotonic()
        client.ask("GET", "/whoAmI/api/json")
    assert time.monotonic() - began >= 0.05


def test_rights_in_a_folder_reach_what_is_in_it(fake_jenkins: FakeJenkins) -> None:
    fake_jenkins.put("team", FOLDER)
    fake_jenkins.put("team/app", JOB)
    with Client(fake_jenkins, "dev", "dev") as client:
        assert client.ask("GET", "/job/team/job/app/config.xml").status_code == 404
        fake_jenkins.grant("team", "dev", "Item.Read")
        refused = client.ask("GET", "/job/team/job/app/config.xml")
        fake_jenkins.grant("team", "dev", "Item.Configure")
        assert client.ask("GET", "/job/team/job/app/config.xml").status_code == 200
    assert (refused.status_code, refused.headers["X-Required-Permission"]) == (403, "hudson.model.Item.Configure")


def test_a_secret_is_stored_encrypted_and_never_read_back(fake_jenkins: FakeJenkins, client: Client) -> None:
    kind = "org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl"
    sent = f"<{kind}><scope>GLOBAL</scope><id>t</id><description/><secret>canary</secret></{kind}>"
    fake_jenkins.put("team", FOLDER)
    store = "/job/team/credentials/store/folder/domain/_"
    assert client.ask("POST", f"{store}/createCredentials", sent).status_code == 200
    assert "canary" not in client.ask("GET", f"{store}/credential/t/config.xml").text + fake_jenkins.jobs()["team"]
    assert fake_jenkins.secrets("team") == {"t": {"secret": "canary"}}


def test_a_key_as_long_as_those_of_ssh_keygen_is_stored(fake_jenkins: FakeJenkins, client: Client) -> None:
    lines = textwrap.wrap(base64.b64encode(b"openssh-key-v1\0" + secrets.token_bytes(290)).decode(), 70)
    key = "\n".join(["-----BEGIN OPENSSH PRIVATE KEY-----", *lines, "-----END OPENSSH PRIVATE KEY-----", ""])
    kind = "com.cloudbees.jenkins.plugins.sshcredentials.impl.BasicSSHUserPrivateKey"
    source = f'<privateKeySource class="{kind}$DirectEntryPrivateKeySource"><privateKey>{key}</privateKey>'
    sent = f"<{kind}><scope>GLOBAL</scope><id>k</id><username>git</username>{source}</privateKeySource></{kind}>"
    fake_jenkins.put("team", FOLDER)
    store = "/job/team/credentials/store/folder/domain/_"
    assert client.ask("POST", f"{store}/createCredentials", sent).status_code == 200
    assert key not in fake_jenkins.jobs()["team"]
    assert fake_jenkins.secrets("team") == {"k": {"privateKey": key}}


@pytest.mark.parametrize("length", [0, 1, 235, 236, 251, 252, 10_000, 100_000])
def test_a_secret_of_any_length_is_read_back_from_what_is_stored(length: int) -> None:
    stored = encrypt("x" * length)
    assert ENCRYPTED.fullmatch(stored)
    assert decrypt(stored) == "x" * length


def test_a_build_waits_in_the_queue_then_tells_more_at_each_look(fake_jenkins: FakeJenkins, client: Client) -> None:
    fake_jenkins.put("app", JOB)
    fake_jenkins.script("app", BuildScript(["one\n", "two\n"], result="UNSTABLE", queue_looks=1))
    client.ask("POST", "/job/app/build?delay=0sec")
    looks = [client.ask("GET", "/queue/item/1/api/json").json() for _ in range(3)]
    assert [look["_class"].rpartition("$")[2] for look in looks] == ["WaitingItem", "LeftItem", "LeftItem"]
    start, log = "0", ""
    while True:
        more = client.ask("GET", f"/job/app/1/logText/progressiveText?start={start}")
        start, log = more.headers["X-Text-Size"], log + more.text
        if "X-More-Data" not in more.headers:
            break
    assert log == "Started by user admin\r\none\r\ntwo\r\nFinished: UNSTABLE\r\n"


def test_a_question_stops_a_build_until_it_is_answered(fake_jenkins: FakeJenkins, client: Client) -> None:
    fake_jenkins.put("app", JOB)
    fake_jenkins.script("app", BuildScript([Input("Go", "Go on?"), "went on\n"]))
    client.ask("POST", "/job/app/build?delay=0sec")
    asked = client.ask("GET", "/job/app/1/api/json?tree=building,actions[executions[id,displayName,settled]]").json()
    questions = [each for action in asked["actions"] for each in action.get("executions", [])]
    assert questions == [{"displayName": "Go on?", "id": "Go", "settled": False}]
    assert client.ask("POST", "/job/app/1/input/Go/proceedEmpty").status_code == 200
    assert fake_jenkins.build("app").result == "SUCCESS"
    assert "Approved by admin\nwent on\n" in fake_jenkins.build("app").log


def test_a_token_that_the_client_made(client: Client) -> None:
    value = "11" + "a" * 32
    path = "/me/descriptorByName/jenkins.security.ApiTokenProperty/addFixedToken"
    made = client.ask("POST", path, {"newTokenName": "cictl", "newTokenPlainValue": value})
    assert made.json()["data"]["tokenName"] == "cictl"
    with Client(client.fake, secret=value) as other:
        assert other.ask("GET", "/whoAmI/api/json").json()["name"] == "admin"


def test_plugins_come_from_the_update_centre(fake_jenkins: FakeJenkins, client: Client) -> None:
    fake_jenkins.controller.updates.available["job-dsl"] = "1.93"
    wanted = '<jenkins><install plugin="job-dsl@1.90"/></jenkins>'
    client.ask("POST", "/pluginManager/installNecessaryPlugins", wanted)
    states = [client.ask("GET", "/updateCenter/api/json?depth=2").json()["jobs"][0]["status"]["type"] for _ in range(3)]
    assert states == ["Pending", "Installing", "Success"]
    assert client.ask("GET", "/pluginManager/plugin/job-dsl/api/json?tree=version").json()["version"] == "1.93"


def test_an_agent_is_made_by_the_form_and_comes_online(fake_jenkins: FakeJenkins, client: Client) -> None:
    form = '{"name": "a1", "remoteFS": "/agent", "numExecutors": "1", "labelString": "linux", "launcher": {}}'
    path = "/computer/doCreateItem?name=a1&type=hudson.slaves.DumbSlave"
    assert client.ask("POST", path, {"json": form}).status_code == 302
    listed = "/computer/api/json?tree=computer[displayName,offline,assignedLabels[name]]"
    assert [each["offline"] for each in client.ask("GET", listed).json()["computer"]] == [False, True]
    fake_jenkins.connect_agent("a1")
    agent = client.ask("GET", listed).json()["computer"][1]
    assert (agent["offline"], [each["name"] for each in agent["assignedLabels"]]) == (False, ["a1", "linux"])


def test_a_folder_holds_its_views_until_an_update_wipes_them(fake_jenkins: FakeJenkins, client: Client) -> None:
    fake_jenkins.put("team", FOLDER)
    view = (
        "<hudson.model.ListView><name>deploys</name><jobNames/><includeRegex>.*</includeRegex></hudson.model.ListView>"
    )
    assert client.ask("POST", "/job/team/createView?name=deploys", view).status_code == 200
    assert "<name>deploys</name>" in fake_jenkins.jobs()["team"]
    assert "<owner" not in client.ask("GET", "/job/team/view/deploys/config.xml").text
    client.ask("POST", "/job/team/config.xml", fake_jenkins.jobs()["team"])
    assert set(fake_jenkins.views("team")) == {"All", "deploys"}
    client.ask("POST", "/job/team/config.xml", FOLDER)
    assert set(fake_jenkins.views("team")) == {"All"}


def test_a_restart_in_the_middle(fake_jenkins: FakeJenkins, client: Client) -> None:
    fake_jenkins.process.plan.starting_requests = 1
    fake_jenkins.process.plan.restarting_requests = 1
    client.ask("POST", "/safeRestart")
    assert client.ask("GET", "/api/json?tree=mode").status_code == 503
    fake_jenkins.process.wait_up()
    client.close()
    assert [client.ask("GET", "/api/json?tree=mode").status_code for _ in range(2)] == [503, 200]
