from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from cictl.core.jenkins_server import ApiToken, KeptToken, WhoAmI
from cictl.errors import AnswerLost, CictlError, FarSideFailed, NotAllowed, NotFound, Unreachable
from cictl.services.jenkins_login import JenkinsLogin, LoginResult, Outcome
from tests.running import FakeClock

_URL = "http://jenkins.example"


@dataclass
class FakeServer:
    """What a Jenkins knows of one user's tokens, and what goes wrong with the next request for one."""

    tokens: dict[str, str] = field(default_factory=dict)  # value → uuid
    lost_before: bool = False
    lost_after: bool = False
    knows_fixed: bool = True
    is_deaf: bool = False  # takes no token at all
    keeps_revoked: bool = False
    connections: int = 0  # that are open


@dataclass
class FakeAccount:
    server: FakeServer
    secret: str

    def who_am_i(self) -> WhoAmI:
        if self.secret != "password" and (self.server.is_deaf or self.secret not in self.server.tokens):
            raise NotAllowed("not known")
        return WhoAmI("Boss", is_anonymous=False)

    def add_token(self, name: str, value: str) -> ApiToken:
        self.who_am_i()
        if not self.server.knows_fixed:
            raise NotFound("no such page")
        if self.server.lost_before:
            raise AnswerLost("lost")
        self.server.tokens[value] = f"uuid-{len(self.server.tokens)}"
        if self.server.lost_after:
            raise AnswerLost("lost")
        return ApiToken(self.server.tokens[value], name, value)

    def generate_token(self, name: str) -> ApiToken:
        self.server.tokens["generated"] = "uuid-g"
        return ApiToken("uuid-g", name, "generated")

    def revoke_token(self, uuid: str) -> None:
        if not self.server.keeps_revoked:
            self.server.tokens = {value: own for value, own in self.server.tokens.items() if own != uuid}


@dataclass
class FakeStore:
    kept: KeptToken | None = None
    history: list[KeptToken] = field(default_factory=list)

    def find(self, url: str, user: str | None = None) -> KeptToken | None:
        assert url == _URL
        fits = self.kept is not None and (user is None or user.lower() == self.kept.user.lower())
        return self.kept if fits else None

    def keep(self, kept: KeptToken) -> None:
        self.history.append(kept)
        self.kept = kept

    def forget(self, kept: KeptToken) -> None:
        assert kept == self.kept
        self.kept = None


@contextmanager
def _connected(server: FakeServer, token: str) -> Iterator[FakeAccount]:
    server.connections += 1
    try:
        yield FakeAccount(server, token)
    finally:
        server.connections -= 1


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def login(server: FakeServer, store: FakeStore, clock: FakeClock) -> JenkinsLogin:
    counter = iter(range(10))
    return JenkinsLogin(
        url=_URL,
        host="laptop",
        store=store,
        by_token=lambda _user, token: _connected(server, token),
        clock=clock,
        random_hex=lambda size: f"{next(counter):0{2 * size}x}",
    )


def _password(server: FakeServer) -> FakeAccount:
    return FakeAccount(server, "password")


def test_our_value_is_kept_before_it_is_sent(login: JenkinsLogin, server: FakeServer, store: FakeStore) -> None:
    result = login.sign_in("boss", _password(server))
    assert result == LoginResult(_URL, "Boss", "cictl on laptop", Outcome.CREATED)
    before, after = store.history
    assert (before.value, before.uuid) == ("11" + "0" * 32, "")
    assert after == replace(before, uuid="uuid-0")


def test_signing_in_again_changes_nothing(login: JenkinsLogin, server: FakeServer) -> None:
    login.sign_in("boss", _password(server))
    assert login.sign_in("boss", _password(server)).outcome is Outcome.UNCHANGED
    assert login.find_working(None) is not None
    assert len(server.tokens) == 1


def test_a_revoked_token_is_replaced_by_another_value(login: JenkinsLogin, server: FakeServer) -> None:
    login.sign_in("boss", _password(server))
    server.tokens.clear()
    assert login.find_working("boss") is None
    assert login.sign_in("boss", _password(server)).outcome is Outcome.CREATED
    assert list(server.tokens) == [f"11{1:032x}"]


@pytest.mark.parametrize("name", ["lost_before", "lost_after"])
def test_a_lost_answer_leaves_one_token(login: JenkinsLogin, server: FakeServer, store: FakeStore, name: str) -> None:
    setattr(server, name, True)
    try:
        login.sign_in("boss", _password(server))
    except Unreachable:
        setattr(server, name, False)
        login.sign_in("boss", _password(server))
    assert store.kept is not None
    assert list(server.tokens) == [store.kept.value]


def test_a_jenkins_without_that_page_makes_the_value_itself(login: JenkinsLogin, server: FakeServer) -> None:
    server.knows_fixed = False
    login.sign_in("boss", _password(server))
    assert list(server.tokens) == ["generated"]


def test_a_token_that_is_not_taken_is_not_called_made(login: JenkinsLogin, server: FakeServer) -> None:
    server.is_deaf = True
    with pytest.raises(FarSideFailed, match="does not take it"):
        login.sign_in("boss", _password(server))


def test_a_wrong_password_keeps_nothing(login: JenkinsLogin, server: FakeServer, store: FakeStore) -> None:
    with pytest.raises(NotAllowed):
        login.sign_in("boss", FakeAccount(server, "wrong"))
    assert store.history == []


def test_signing_out_revokes_and_forgets(login: JenkinsLogin, server: FakeServer, store: FakeStore) -> None:
    login.sign_in("boss", _password(server))
    assert login.sign_out(None).outcome is Outcome.REVOKED
    assert (server.tokens, store.kept) == ({}, None)


def test_signing_out_of_what_jenkins_forgot(login: JenkinsLogin, server: FakeServer, store: FakeStore) -> None:
    login.sign_in("boss", _password(server))
    server.tokens.clear()
    assert login.sign_out("BOSS").outcome is Outcome.GONE
    assert store.kept is None


def test_a_token_whose_answer_was_lost_cannot_be_revoked_and_that_is_said(
    login: JenkinsLogin, server: FakeServer, store: FakeStore
) -> None:
    server.lost_after = True
    login.sign_in("boss", _password(server))
    assert login.sign_out(None).outcome is Outcome.UNVERIFIED
    assert store.kept is None


_FAILURES: list[tuple[str, type[CictlError]]] = [("keeps_revoked", FarSideFailed)]


@pytest.mark.parametrize(("name", "kind"), _FAILURES)
def test_a_token_that_lives_on_is_kept(
    login: JenkinsLogin, server: FakeServer, store: FakeStore, name: str, kind: type[CictlError]
) -> None:
    login.sign_in("boss", _password(server))
    setattr(server, name, True)
    with pytest.raises(kind):
        login.sign_out(None)
    assert store.kept is not None


def test_signing_out_of_nothing(login: JenkinsLogin) -> None:
    with pytest.raises(NotFound, match="no token of boss"):
        login.sign_out("boss")


def test_no_connection_stays_open(login: JenkinsLogin, server: FakeServer) -> None:
    login.sign_in("boss", _password(server))
    login.sign_out("boss")
    assert server.connections == 0
