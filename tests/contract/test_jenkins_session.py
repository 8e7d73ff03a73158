"""A password is verified twice, whatever is asked: the session that it opens stands for it from then on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cictl.clients.jenkins_connection import JenkinsConnection, SignIn
from cictl.clients.jenkins_errors import SignInRefused
from cictl.clients.jenkins_jobs import JenkinsJobs
from tests.contract.jenkins_replay import said, served
from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.server import ADMIN_PASSWORD

JOB = "<flow-definition><description>x</description></flow-definition>"
FORM = "/j_spring_security_check"


def connect(fake: FakeJenkins, password: str = ADMIN_PASSWORD, user: str = "admin") -> JenkinsConnection:
    return JenkinsConnection(fake.url, SignIn(user, password, "this password", is_password=True))


def verified(fake: FakeJenkins) -> list[str]:
    return [f"{each.method} {each.path.partition('?')[0]}" for each in fake.requests if each.cost == "password"]


@pytest.fixture(params=["2.516", "2.555"])
def fake(request: pytest.FixtureRequest, make_fake_jenkins: MakeFakeJenkins) -> FakeJenkins:
    """Return one that wants no crumb of who signs in, and one that does."""
    return make_fake_jenkins(store=request.param, prefix="/jenkins", root_url="http://wrong.example/")


def test_many_requests_cost_two_verifications(fake: FakeJenkins) -> None:
    connection = connect(fake)
    jobs = JenkinsJobs(connection)
    jobs.item("none")
    for number in range(10):
        jobs.create(f"job-{number}", JOB)
        assert jobs.config_xml(f"job-{number}")
    assert verified(fake) == ["GET /job/none/api/json", f"POST {FORM}"]
    assert [each.path for each in fake.requests].count("/crumbIssuer/api/json") == 1
    assert {each.user for each in fake.requests if each.path not in {"/login", FORM}} == {"admin"}


def test_a_write_that_comes_first_moves_to_the_session_with_its_crumb(fake: FakeJenkins) -> None:
    jobs = JenkinsJobs(connect(fake))
    for number in range(5):
        jobs.create(f"job-{number}", JOB)
    assert len(verified(fake)) == 3, "the first crumb, its write, and the form"


def test_one_request_opens_no_session(fake: FakeJenkins) -> None:
    JenkinsJobs(connect(fake)).item("none")
    assert [each.path.partition("?")[0] for each in fake.requests] == ["/job/none/api/json"]


@pytest.mark.parametrize("is_away", [False, True], ids=["sessions-forgotten", "restarted"])
def test_a_session_that_ends_is_opened_anew_by_the_next_write(fake: FakeJenkins, *, is_away: bool) -> None:
    jobs = JenkinsJobs(connect(fake))
    jobs.item("none")
    jobs.create("one", JOB)
    if is_away:
        fake.after_restart()
    else:
        fake.controller.security.forget_sessions()
    assert jobs.config_xml("one"), "read as the user, by the password that goes along"
    jobs.create("two", JOB)
    before = len(verified(fake))
    jobs.create("three", JOB)
    assert jobs.config_xml("three")
    assert len(verified(fake)) == before
    assert [each.path for each in fake.requests if each.status == 200 and "createItem" in each.path] == [
        "/createItem?name=one",
        "/createItem?name=two",
        "/createItem?name=three",
    ]


def test_many_threads_open_one_session(fake: FakeJenkins) -> None:
    jobs = JenkinsJobs(connect(fake))
    jobs.item("none")
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda number: jobs.create(f"job-{number}", JOB), range(24)))
        fake.controller.security.forget_sessions()
        list(pool.map(lambda number: jobs.create(f"more-{number}", JOB), range(24)))
    assert len(fake.jobs()) == 48
    assert [each.path for each in fake.requests].count(FORM) == 2


def test_a_wrong_password_is_sent_once_and_never_to_the_form(fake: FakeJenkins) -> None:
    connection = connect(fake, "wr0ng-password")
    for _ in range(2):
        with pytest.raises(SignInRefused):
            connection.get("/api/json")
    assert FORM not in [each.path for each in fake.requests]


def test_a_user_who_is_taken_away_is_refused_in_the_middle(fake: FakeJenkins) -> None:
    connection = connect(fake, "dev", "dev")
    connection.get("/api/json")
    connection.get("/api/json")
    fake.controller.security.remove("dev")
    with pytest.raises(SignInRefused):
        connection.get("/api/json")


def test_capital_letters_in_the_name_cost_time_and_change_nothing(fake: FakeJenkins) -> None:
    jobs = JenkinsJobs(connect(fake, user="Admin"))
    for number in range(3):
        jobs.create(f"job-{number}", JOB)
    assert len(fake.jobs()) == 3


_SIGNED_OUT = [
    pytest.param([said("GET", "/login", 302, Location="https://sso.example/")], id="single-sign-on"),
    pytest.param([said("GET", "/login", 200, "<form>"), said("POST", FORM, 302, Location="/loginError")], id="refused"),
    pytest.param([said("GET", "/login", 200, "<form>"), said("POST", FORM, 404)], id="no-form"),
    pytest.param([said("GET", "/login", 503)], id="starting"),
]


@pytest.mark.parametrize("answers", _SIGNED_OUT)
def test_where_the_form_opens_nothing_the_password_goes_on_alone(answers: list[dict[str, object]]) -> None:
    with served([said("GET", "/x", 200), *answers]) as replay:
        connection = JenkinsConnection(replay.url, SignIn("ann", "s3cret-words", "it", is_password=True))
        for _ in range(3):
            connection.get("/x")
        assert [path for _, path in replay.asked].count("/login") == 1
        for headers, (_, path) in zip(replay.headers, replay.asked, strict=True):
            assert ("Authorization" in headers) == (path == "/x")


@pytest.mark.parametrize(
    "page",
    [
        pytest.param('<input value="c&amp;1" type="hidden" name="Jenkins-Crumb">', id="field"),
        pytest.param('<head data-crumb-header="Jenkins-Crumb" data-crumb-value="c&amp;1">', id="head"),
        pytest.param("<head data-crumb-value='c&amp;1' x data-crumb-header='Jenkins-Crumb'>", id="head-otherwise"),
    ],
)
def test_the_crumb_of_the_form_goes_along_with_its_session(page: str) -> None:
    form = said("GET", "/login", 200, page, Set_Cookie="JSESSIONID.1=a; Path=/")
    signed_in = said("POST", FORM, 302, Location="/", Set_Cookie="JSESSIONID.1=b; Path=/")
    with served([said("GET", "/x", 200), form, signed_in]) as replay:
        connection = JenkinsConnection(replay.url, SignIn("ann", "p & ü", "it", is_password=True))
        for _ in range(2):
            connection.get("/x")
        assert b"Jenkins-Crumb=c%261" in replay.bodies[2]
        assert b"j_password=p%20%26%20%C3%BC" in replay.bodies[2]
        assert (replay.headers[2]["Cookie"], replay.headers[3]["Cookie"]) == ("JSESSIONID.1=a", "JSESSIONID.1=b")
