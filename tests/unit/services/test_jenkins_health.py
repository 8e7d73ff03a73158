from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from cictl.core.jenkins_server import Probed, Right, ServerState, WhoAmI
from cictl.errors import CictlError, ExitCode, FarSideFailed, NotAllowed, NotFound, Unreachable
from cictl.services.doctor import Finding, Status, diagnose
from cictl.services.jenkins_health import JenkinsSurvey
from tests.running import FakeClock

_GOOD = ServerState(
    has_security=True, has_crumbs=True, controller_executors=0, is_quieting=False, root_url="https://jenkins.example/"
)

_ALLOWED = Probed(Right.ALLOWED)


@dataclass
class FakeServer:
    clock: FakeClock
    url: str = "https://jenkins.example"
    named: str = "2.516.2"
    skew: float = 0.0
    who: WhoAmI | None = None
    probed: Probed = _ALLOWED
    settings: ServerState = _GOOD
    is_open: bool = False
    has_sign_up: bool = False
    is_there: bool = True
    elsewhere: CictlError | None = None

    def version(self) -> str:
        if not self.is_there:
            raise Unreachable("Jenkins at https://jenkins.example cannot be reached", hint="check jenkins.url")
        return self.named

    def now(self) -> float:
        if math.isnan(self.skew):
            raise FarSideFailed("it tells no time")
        return self.clock.wall() + self.skew

    def who_am_i(self) -> WhoAmI:
        if self.elsewhere is not None:
            raise self.elsewhere
        if self.who is None:
            raise NotAllowed("Jenkins at https://jenkins.example does not know 'boss'", hint="check the token")
        return self.who

    def state(self) -> ServerState:
        return self.settings

    def may_create_in(self, folder: str) -> Probed:
        assert folder == "shop"
        return self.probed

    def is_open_to_anyone(self) -> bool:
        return self.is_open

    def lets_anyone_sign_up(self) -> bool:
        return self.has_sign_up


@pytest.fixture
def server(clock: FakeClock) -> FakeServer:
    return FakeServer(clock, who=WhoAmI("boss", is_anonymous=False))


def _found(server: FakeServer) -> list[Finding]:
    stranger = replace(server, who=WhoAmI("anonymous", is_anonymous=True))
    return diagnose([JenkinsSurvey(lambda: server, lambda: stranger, "shop", server.clock)])


_OTHERS = [
    pytest.param(FarSideFailed("no JSON"), id="a-page"),
    pytest.param(NotAllowed("sends to sign in at http://portal"), id="a-portal"),
    pytest.param(NotFound("nothing for GET /whoAmI/api/json"), id="nothing"),
]


@pytest.mark.parametrize("error", _OTHERS)
def test_another_server_is_no_jenkins_and_nothing_more_is_said_of_it(server: FakeServer, error: CictlError) -> None:
    server.elsewhere, server.is_open, server.named = error, True, "unknown"
    [finding] = _found(server)
    assert (finding.status, finding.exit_code) == (Status.FAIL, ExitCode.UNREACHABLE)
    assert finding.detail == f"https://jenkins.example does not answer as a Jenkins: {error.message}"
    assert "prefix" in finding.next_step


def test_a_proxy_that_lets_only_users_in_hides_no_jenkins(server: FakeServer) -> None:
    stranger = replace(server, elsewhere=NotAllowed("sends to sign in"))
    [finding] = diagnose([JenkinsSurvey(lambda: server, lambda: stranger, "shop", server.clock)])
    assert finding.status is Status.OK


def test_a_good_one_is_one_row(server: FakeServer) -> None:
    [finding] = _found(server)
    assert (finding.system, finding.status, finding.version) == ("jenkins", Status.OK, "2.516.2")
    assert finding.detail == "https://jenkins.example as boss: may create jobs in shop"


def test_one_that_is_not_there(server: FakeServer) -> None:
    server.is_there = False
    [finding] = _found(server)
    assert (finding.status, finding.exit_code) == (Status.FAIL, ExitCode.UNREACHABLE)


@pytest.mark.parametrize("who", [None, WhoAmI("anonymous", is_anonymous=True)])
def test_one_where_nobody_is_signed_in(server: FakeServer, who: WhoAmI | None) -> None:
    server.who = who
    [finding] = _found(server)
    assert (finding.status, finding.exit_code) == (Status.FAIL, ExitCode.NOT_ALLOWED)
    assert finding.version == "2.516.2"


@pytest.mark.parametrize(
    ("probed", "status", "exit_code", "detail"),
    [
        pytest.param(
            Probed(Right.REFUSED, "Job/Create"),
            Status.FAIL,
            ExitCode.NOT_ALLOWED,
            "https://jenkins.example as boss: not allowed in shop: Job/Create",
            id="refused",
        ),
        pytest.param(
            Probed(Right.HIDDEN),
            Status.WARN,
            ExitCode.OK,
            "https://jenkins.example as boss: no folder shop that you may see",
            id="hidden",
        ),
    ],
)
def test_rights(server: FakeServer, probed: Probed, status: Status, exit_code: ExitCode, detail: str) -> None:
    server.probed = probed
    [finding] = _found(server)
    assert (finding.status, finding.exit_code, finding.detail) == (status, exit_code, detail)


def test_one_that_tells_no_time(server: FakeServer) -> None:
    server.skew = float("nan")
    assert [finding.status for finding in _found(server)] == [Status.OK]


def test_a_clock_that_is_wrong(server: FakeServer) -> None:
    server.skew = 90.0
    assert [finding.detail for finding in _found(server)] == ["its clock is 1m30s ahead of this machine's"]


def _settings(**changes: object) -> Callable[[FakeServer], None]:
    def change(server: FakeServer) -> None:
        server.settings = replace(_GOOD, **changes)  # type: ignore[arg-type] # names of its fields

    return change


def _set(**changes: object) -> Callable[[FakeServer], None]:
    def change(server: FakeServer) -> None:
        for name, value in changes.items():
            setattr(server, name, value)

    return change


_WARNINGS = [
    pytest.param(_set(named="2.479.3"), "this version gets no more fixes", id="old"),
    pytest.param(_set(is_open=True), "anyone may read it without signing in", id="anonymous"),
    pytest.param(_set(has_sign_up=True), "anyone may make themselves an account", id="sign-up"),
    pytest.param(_set(url="http://jenkins.example"), "passwords and tokens go there unencrypted", id="http"),
    pytest.param(_settings(has_security=False), "everyone may do everything", id="no-security"),
    pytest.param(_settings(has_crumbs=False), "it accepts forged requests", id="no-csrf-protection"),
    pytest.param(
        _settings(controller_executors=2), "builds may run on the controller (2 executors)", id="controller-builds"
    ),
    pytest.param(_settings(is_quieting=True), "it prepares to shut down: no build begins", id="quieting"),
]


@pytest.mark.parametrize(("change", "detail"), _WARNINGS)
def test_warnings_come_with_what_to_do(server: FakeServer, change: Callable[[FakeServer], None], detail: str) -> None:
    change(server)
    first, warning = _found(server)
    assert first.status is Status.OK
    assert (warning.status, warning.detail, warning.exit_code) == (Status.WARN, detail, ExitCode.OK)
    assert warning.next_step


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1/ci", "http://[::1]:8080"])
def test_plain_http_to_this_machine_is_fine(server: FakeServer, url: str) -> None:
    server.url = url
    assert len(_found(server)) == 1
