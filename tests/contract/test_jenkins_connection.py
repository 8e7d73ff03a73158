"""The connection against what a Jenkins 2.516.2 was recorded to answer, and against servers that break off."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from cictl.clients.jenkins_connection import JenkinsConnection, SignIn
from cictl.clients.jenkins_errors import Refused, ServerFailed, SignInRefused
from cictl.errors import (
    AnswerLost,
    CictlError,
    Conflict,
    FarSideFailed,
    NotAllowed,
    NotFound,
    StartingUp,
    TimedOut,
    Unreachable,
)
from tests.contract.jenkins_replay import Replay, replayed, said, served

_SECRET = "11" + "0123456789abcdef" * 2
_TOKEN = SignIn("admin", _SECRET, "the token of JENKINS_API_TOKEN")
_PASSWORD = SignIn("admin", "s3cret-passw0rd", "this password", is_password=True)
_NO_CRUMB = "<title>Error 403 No valid crumb was included in the request</title>"
_CRUMBS = "/crumbIssuer/api/json"
_NO_FORM = said("GET", "/login", 404)


def _connection(replay: Replay, sign_in: SignIn | None = _TOKEN) -> JenkinsConnection:
    return JenkinsConnection(replay.url, sign_in, timeout_seconds=60.0)


def _crumb(value: str, cookie: str = "JSESSIONID.1=a; Path=/; HttpOnly") -> dict[str, object]:
    return said("GET", _CRUMBS, 200, f'{{"crumb":"{value}","crumbRequestField":"Jenkins-Crumb"}}', Set_Cookie=cookie)


def test_a_token_needs_no_crumb() -> None:
    with served([said("POST", "/quietDown", 302, Location="/")]) as replay:
        _connection(replay).post("/quietDown")
        assert replay.asked == [("POST", "/quietDown")]
        assert replay.headers[0]["Authorization"].startswith("Basic ")


def test_a_password_brings_a_crumb_with_its_session() -> None:
    exchanges = [_crumb("c1"), said("POST", "/quietDown", 302, Location="/"), _NO_FORM]
    with served(exchanges) as replay:
        connection = _connection(replay, _PASSWORD)
        for _ in range(2):
            connection.post("/quietDown")
        assert [path for _, path in replay.asked] == [_CRUMBS, "/quietDown", "/login", "/quietDown"]
        assert replay.headers[1]["Jenkins-Crumb"] == "c1"
        assert replay.headers[1]["Cookie"] == "JSESSIONID.1=a"


def test_a_stale_crumb_is_renewed_once() -> None:
    exchanges = [
        _crumb("c1"),
        _crumb("c2", "JSESSIONID.1=b"),
        said("POST", "/quietDown", 403, _NO_CRUMB),
        said("POST", "/quietDown", 302, Location="/"),
        _NO_FORM,
    ]
    with served(exchanges) as replay:
        _connection(replay, _PASSWORD).post("/quietDown")
        sent = [headers for headers, (_, path) in zip(replay.headers, replay.asked, strict=True) if path != "/login"]
        assert [headers.get("Jenkins-Crumb") for headers in sent] == [None, "c1", None, "c2"]
        assert sent[3]["Cookie"] == "JSESSIONID.1=b"


def test_a_crumb_that_is_refused_again_is_an_error() -> None:
    with served([_crumb("c1"), said("POST", "/quietDown", 403, _NO_CRUMB)]) as replay:
        with pytest.raises(NotAllowed, match="its crumb is not valid"):
            _connection(replay, _PASSWORD).post("/quietDown")
        assert len([path for _, path in replay.asked if path == "/quietDown"]) == 2


def test_what_holds_a_password_in_place_of_a_token_is_given_a_crumb_when_it_turns_out() -> None:
    exchanges = [
        _crumb("c1"),
        said("POST", "/quietDown", 403, _NO_CRUMB),
        said("POST", "/quietDown", 302, Location="/"),
    ]
    with served(exchanges) as replay:
        _connection(replay).post("/quietDown")
        assert replay.headers[-1]["Jenkins-Crumb"] == "c1"


def test_without_protection_there_is_no_crumb() -> None:
    with served([said("GET", _CRUMBS, 404), said("POST", "/quietDown", 302, Location="/")]) as replay:
        _connection(replay, _PASSWORD).post("/quietDown")
        assert [path for _, path in replay.asked] == [_CRUMBS, "/login", "/quietDown"]


def test_a_403_without_a_crumb_in_question_is_not_sent_again() -> None:
    with served([said("POST", "/user/b/x", 403)]) as replay:
        with pytest.raises(NotAllowed):
            _connection(replay).post("/user/b/x")
        assert len(replay.asked) == 1


def test_many_threads_share_one_crumb() -> None:
    with served([_crumb("c1"), said("POST", "/quietDown", 302, Location="/")]) as replay:
        connection = _connection(replay, _PASSWORD)
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(lambda _: connection.post("/quietDown"), range(24)))
        assert [path for _, path in replay.asked].count(_CRUMBS) == 1


_JETTY_401 = "<title>Error 401 Unauthorized</title>"
_OOPS = '<html><div id="main-panel"><h1>Oops!</h1><p>A problem occurred.</p><p>Logging ID=0a1b2c3d-1111-2222</p></div>'
_REFUSALS = [
    pytest.param(401, _JETTY_401, {}, SignInRefused, "'admin' with the token of JENKINS_API_TOKEN", id="401"),
    pytest.param(403, "Authentication required", {}, NotAllowed, "Authentication required", id="anonymous"),
    pytest.param(404, "", {}, NotFound, "has nothing for POST doDelete of a/b", id="404"),
    pytest.param(400, "", {"X-Error": "no such choice"}, Refused, "no such choice", id="x-error"),
    pytest.param(400, "<title>Error 400 Nothing is submitted</title>", {}, Refused, "Nothing is submitted", id="400"),
    pytest.param(409, "", {}, Conflict, "409", id="409"),
    pytest.param(500, _OOPS, {}, ServerFailed, "A problem occurred", id="500"),
    pytest.param(503, "Starting Jenkins", {}, StartingUp, "is starting or restarting", id="503"),
    pytest.param(502, "", {}, AnswerLost, "it may have acted", id="gateway"),
    pytest.param(429, "", {}, Unreachable, "cannot answer", id="too-many"),
    pytest.param(302, "", {"Location": "/login?from=x"}, NotAllowed, "to sign in at /login", id="sign-in-page"),
    pytest.param(301, "", {"Location": "https://j/job/a/job/b/doDelete"}, FarSideFailed, "redirects", id="moved"),
]


@pytest.mark.parametrize(("status", "body", "headers", "kind", "words"), _REFUSALS)
def test_refusals(status: int, body: str, headers: dict[str, str], kind: type[CictlError], words: str) -> None:
    with served([said("POST", "/job/a/job/b/doDelete", status, body, **headers)]) as replay:
        with pytest.raises(kind, match=words) as caught:
            _connection(replay).post("/job/a/job/b/doDelete")
        refused_before = 4 if status == 429 else 1
        assert len(replay.asked) == refused_before, "a write is never repeated, unless it was not let in"
        assert _SECRET not in f"{caught.value}{caught.value.hint}{caught.value!r}"


def test_a_proxy_that_sends_to_https_has_not_acted() -> None:
    moved = said("POST", "/quietDown", 302, Location="https://jenkins.example/quietDown")
    with served([moved]) as replay, pytest.raises(FarSideFailed, match="redirects POST /quietDown"):
        _connection(replay).post("/quietDown")


def test_a_request_that_is_too_large_for_a_proxy_is_told_from_one_that_jenkins_refuses() -> None:
    with served([said("POST", "/x", 413)]) as replay, pytest.raises(Refused, match="413") as caught:
        _connection(replay).post("/x")
    assert "client_max_body_size" in (caught.value.hint or "")


def test_the_logging_id_is_kept() -> None:
    with served([said("POST", "/x", 500, _OOPS)]) as replay, pytest.raises(ServerFailed) as caught:
        _connection(replay).post("/x")
    assert caught.value.logging_id == "0a1b2c3d-1111-2222"
    assert "0a1b2c3d-1111-2222" in (caught.value.hint or "")


def test_what_no_jenkins_answers() -> None:
    page = said("GET", "/api/json", 200, "<html>hello")
    with served([page]) as replay, pytest.raises(FarSideFailed, match="answers what no Jenkins does"):
        _connection(replay).get_json("/api/json")


def test_a_prefix_is_kept_and_a_location_not_followed() -> None:
    wrong = "http://wrong.example:1/job/a/"
    with served([said("POST", "/job/a/disable", 302, Location=wrong)], prefix="/jenkins") as replay:
        assert _connection(replay).post("/job/a/disable").headers["Location"] == wrong
        assert replay.asked == [("POST", "/job/a/disable")]
        assert replay.unknown == []


def test_reading_while_it_starts_is_tried_again() -> None:
    exchanges = [said("GET", "/api/json", 503), said("GET", "/api/json", 200, '{"mode":"NORMAL"}')]
    with served(exchanges) as replay:
        assert _connection(replay).get_json("/api/json") == {"mode": "NORMAL"}


def test_no_secret_in_repr_or_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with served([said("POST", "/x", 200)]) as replay:
        _connection(replay).post("/x", form={"password": "hunter22222"})
    assert "POST /x: 200" in caplog.text
    assert "hunter22222" not in caplog.text
    assert _SECRET not in caplog.text + repr(_TOKEN) + str(_TOKEN)


@contextmanager
def _breaking_off(*, after: int = 1, answer: bytes = b"") -> Iterator[tuple[str, list[bytes]]]:
    """Serve a listener that reads each request, sends ANSWER and closes; the first AFTER-1 are answered well."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    conversation, _ = listener.accept()
                except OSError:
                    return
                with conversation:
                    seen.append(conversation.recv(65536))
                    good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
                    conversation.sendall(good if len(seen) >= after else answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


_HALVES = [
    pytest.param(b"", id="no-answer"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", id="half-an-answer"),
    pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="no-http"),
]


@pytest.mark.parametrize("answer", _HALVES)
def test_a_lost_answer_of_a_write_is_said_and_never_repeated(answer: bytes) -> None:
    with _breaking_off(after=9, answer=answer) as (url, seen):
        with pytest.raises(AnswerLost, match="it may have acted"):
            JenkinsConnection(url, _TOKEN, timeout_seconds=60.0).post("/createItem", {"name": "a"}, xml="<a/>")
        assert len(seen) == 1


@pytest.mark.parametrize("answer", _HALVES)
def test_a_lost_answer_of_a_read_is_asked_for_again(answer: bytes) -> None:
    with _breaking_off(after=3, answer=answer) as (url, seen):
        assert JenkinsConnection(url, _TOKEN, timeout_seconds=60.0).get_json("/api/json") == {}
        assert len(seen) == 3


def test_refused_is_unreachable_even_for_a_write() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match="Connection refused") as caught:
        JenkinsConnection(f"http://127.0.0.1:{port}", _TOKEN, timeout_seconds=60.0).post("/x")
    assert not isinstance(caught.value, AnswerLost)


def test_silence_ends_with_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection = JenkinsConnection(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_seconds=0.3)
        with pytest.raises(TimedOut):
            connection.get("/x")
        with pytest.raises(AnswerLost):
            connection.post("/x")


def test_a_proxy_of_the_environment_is_used_and_told_whole_addresses() -> None:
    with served([said("GET", "http://jenkins.invalid/ci/api/json", 200, "{}")]) as proxy:
        environ = {"http_proxy": proxy.url, "no_proxy": "elsewhere.invalid"}
        assert JenkinsConnection("http://jenkins.invalid/ci", environ=environ).get_json("/api/json") == {}
        direct = {"http_proxy": "http://127.0.0.1:1", "no_proxy": "127.0.0.1"}
        assert JenkinsConnection(f"{proxy.url}", environ=direct).get("/x", also={501}).status == 501


def test_recorded_crumbs() -> None:
    def chosen(exchange: dict[str, object]) -> bool:
        return exchange["why"] in {"fetch a crumb", "crumb with its session"}

    with replayed("crumbs", chosen) as replay:
        connection = _connection(replay, _PASSWORD)
        connection.post("/createItem", {"name": "c1"}, xml="<project/>")
        assert replay.headers[-1]["Cookie"].startswith("JSESSIONID.")
        assert replay.unknown == []
