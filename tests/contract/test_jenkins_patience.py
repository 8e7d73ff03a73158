"""Servers that do not answer, drop by drop, or not now: people are told, and nobody waits for ever."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.clients.jenkins_patience import Patience
from cictl.errors import TimedOut, Unreachable
from tests.contract.jenkins_replay import said, served
from tests.running import eventually

_SECONDS = 0.5
_LONGEST_SECONDS = 60.0  # of a machine with much to do


@contextmanager
def _dripping(head: bytes, drop: bytes) -> Iterator[tuple[str, list[socket.socket]]]:
    """Serve HEAD, and then DROP for ever; yield where, and who connected."""
    clients: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        is_over = threading.Event()

        def serve() -> None:
            while not is_over.is_set():
                try:
                    client, _ = listener.accept()
                    clients.append(client)
                    threading.Thread(target=drip, args=(client,), daemon=True).start()
                except OSError:
                    return

        def drip(client: socket.socket) -> None:
            try:
                with client:
                    client.recv(65536)
                    client.sendall(head)
                    while not is_over.wait(0.02):
                        client.sendall(drop)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", clients
        finally:
            is_over.set()


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        pytest.param(b"", b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-A: ", b"a", id="a-head-without-end"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"a", id="a-body-drop-by-drop"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", id="a-body-without-end"),
    ],
)
def test_nobody_waits_for_ever(head: bytes, drop: bytes) -> None:
    with _dripping(head, drop) as (url, clients):
        connection, began = JenkinsConnection(url, timeout_seconds=_SECONDS), time.monotonic()
        with pytest.raises((TimedOut, Unreachable)):
            connection.get("/api/json")
        assert time.monotonic() - began < _LONGEST_SECONDS
        assert len(clients) == 1, "what took all the time there was is not asked for again"


def test_whoever_waits_is_told_once_how_long() -> None:
    told: list[str] = []
    patience = Patience("http://j", told.append, after_seconds=0.02)
    with patience.waiting(30), patience.waiting(60):
        eventually(lambda: told)
        assert patience._line(time.monotonic() + 30) is None, "nor later"
    assert len(told) == 1
    says = r"Jenkins at http://j has not answered for \d+ s; waiting until \d\d:\d\d:\d\d at most"
    assert re.fullmatch(says, told[0])


def test_a_connection_tells_it(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patience.__init__, "__kwdefaults__", {"after_seconds": 0.05})
    told: list[str] = []

    def late(_: Request) -> Response:
        eventually(lambda: told)
        return Response("{}")

    httpserver.expect_request("/api/json").respond_with_handler(late)
    url = httpserver.url_for("").rstrip("/")
    JenkinsConnection(url, timeout_seconds=_LONGEST_SECONDS, tell=told.append).get("/api/json")
    httpserver.check()
    assert [line.partition(" has ")[0] for line in told] == [f"Jenkins at {url}"]


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}, {"Retry-After": "soon"}])
@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 302)])
def test_too_many_requests_are_sent_again(method: str, status: int, headers: dict[str, str]) -> None:
    busy = said(method, "/x", 429, **{name.replace("-", "_"): value for name, value in headers.items()})
    with served([busy, busy, said(method, "/x", status, Location="/")]) as replay:
        connection = JenkinsConnection(replay.url, timeout_seconds=_LONGEST_SECONDS)
        answer = connection.get("/x") if method == "GET" else connection.post("/x")
        assert (answer.status, len(replay.asked)) == (status, 3)


def test_who_asks_for_a_longer_pause_than_there_is_time_is_not_asked_again() -> None:
    with served([said("POST", "/x", 429, Retry_After="120")]) as replay, pytest.raises(Unreachable) as caught:
        JenkinsConnection(replay.url, timeout_seconds=_LONGEST_SECONDS).post("/x")
    assert "120 s" in (caught.value.hint or "")
