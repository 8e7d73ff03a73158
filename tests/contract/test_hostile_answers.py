"""Whatever answers where a Jenkins should be: every command ends in time, with a published exit code that is no bug."""

from __future__ import annotations

import gzip
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cictl.clients import jenkins_connection
from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.errors import CictlError, ExitCode, TimedOut, Unreachable
from cictl.output import Output
from cictl.root import main
from cictl.wiring.app import App
from tests.contract.jobs_shop import FOLDER, PIPELINE, config
from tests.fake_jenkins.messages import Response
from tests.fake_jenkins.server import FakeJenkins
from tests.running import FakeClock

_TREE = "- job: {name: shop/ci/web, project-type: pipeline, description: Web., dsl: 'build()', sandbox: true}\n"
_CONFIG = """\
version: 1
jenkins: {{url: "{url}", folder: shop}}
services: {{web: {{path: ., repo: "https://git.example.com/shop/web.git"}}}}
"""
_COMMANDS = [
    *(["jobs", "plan", "-r", "tree"], ["jobs", "apply", "-r", "tree", "--yes"], ["jobs", "drift", "-r", "tree"]),
    *(["jobs", "prune", "-r", "tree", "--yes"], ["jobs", "adopt", "-r", "tree", "--yes"], ["jobs", "plugins-info"]),
    *(["build", "start", "--job", "shop/ci/web", "--timeout", "5s"], ["build", "log", "--job", "shop/ci/web"]),
    *(["build", "list", "--job", "shop/ci/web"], ["build", "stop", "--job", "shop/ci/web"], ["build", "scan", "web"]),
    *(["build", "approve", "--job", "shop/ci/web"], ["build", "reject", "--job", "shop/ci/web"], ["open", "web"]),
    *(["doctor", "jenkins"], ["login", "--user", "admin", "--password-file", "password"], ["logout"]),
]
_BODIES = [
    *(b"", b"null", b"[]", b"{}", b"7", b'"x"', b"NaN", b"\xff\xfe\x00", b"\xef\xbb\xbf{}", b"{" * 3000, b"[" * 90000),
    *(b'{"jobs": [null]}', b'{"jobs": [{"name": "../x", "_class": "a.b"}]}', b'{"jobs":[{"name":"\\ud800"}]}'),
    *(b'{"name": 1e999, "number": 1e999, "builds": [{"number": -1}]}', b'{"number": ' + b"9" * 5000 + b"}"),
    b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
    b"<?xml version='1.1' encoding='UTF-16'?><project/>",
    b"<!DOCTYPE a [<!ENTITY b 'cc'><!ENTITY d '&b;&b;'>]><project><description>&d;</description></project>",
    *(b"<project>", b"<project/><project/>", b"<project>\x00</project>", b"<a>" * 20000, b"<project>&nbsp;</project>"),
    "<project><description>\ud800</description></project>".encode(errors="surrogatepass"),
    *(b"x" * 3_000_000, b"<a>" * 20000 + b"</a>" * 20000),
]
_HEADERS = [
    ("Content-Type", "application/json"),
    ("Content-Type", "text/html;charset=klingon"),
    ("Location", "http://[::1"),
    ("Location", "//elsewhere.example/login?from=x"),
    ("Location", "/queue/item/9999999999999999999999/"),
    ("Location", "/job/shop/job/ci/job/web/"),
    ("Content-Encoding", "gzip"),
    ("X-Error", "caf\u00e9 \x7f"),
    ("X-Jenkins", "not a version"),
    ("X-Required-Permission", "a.b.c" * 40),
    ("Set-Cookie", "JSESSIONID"),
    ("Date", "yesterday"),
    ("X-Text-Size", "many"),
    ("X-More-Data", "maybe"),
    ("Retry-After", "-1"),
]
_STATUSES = [
    200,
    200,
    200,
    200,
    201,
    204,
    206,
    301,
    302,
    304,
    307,
    400,
    401,
    403,
    404,
    405,
    409,
    413,
    429,
    500,
    502,
    503,
]
_answers = st.builds(
    Response, st.sampled_from(_STATUSES), st.sampled_from(_BODIES), st.lists(st.sampled_from(_HEADERS), max_size=2)
)
_LONGEST_SECONDS = 120.0  # of a machine with much to do


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hostile")
    (made / "tree").mkdir()
    (made / "tree" / "jobs.yaml").write_text(_TREE)
    (made / "password").write_text("admin-password\n")
    return made


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask once more after a failure, and no third time."""
    monkeypatch.setattr(jenkins_connection, "_ATTEMPTS", 2)


def _prepared(fake: FakeJenkins) -> FakeJenkins:
    for name in ("shop", "shop/ci", "shop/admin"):
        fake.put(name, config(FOLDER, owner="cictl bootstrap"))
    fake.put("shop/ci/web", config(PIPELINE, owner=None))
    fake.put("shop/ci/theirs", config(PIPELINE, owner=None))
    return fake


def _app(folder: Path, url: str, token: str) -> App:
    (folder / "cictl.yaml").write_text(_CONFIG.format(url=url))
    environ = {
        "JENKINS_USER_ID": "admin",
        "JENKINS_API_TOKEN": token,
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    clock = FakeClock()
    return App(clock=clock, output=Output(clock=clock), environ=environ, directory=folder)


def _tried(words: list[str], app: App, folder: Path) -> int:
    started = time.monotonic()
    status = main([str(folder / word) if word in {"tree", "password"} else word for word in words], app=app)
    assert time.monotonic() - started < _LONGEST_SECONDS, words
    return status


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(words=st.sampled_from(_COMMANDS), answer=_answers, nth=st.integers(1, 12), times=st.sampled_from([1, 2, 1000]))
def test_any_answer(folder: Path, words: list[str], answer: Response, nth: int, times: int) -> None:
    with _prepared(FakeJenkins()) as fake:
        theirs = fake.jobs()["shop/ci/theirs"]
        fake.faults.answer_instead(answer, nth=nth, times=times)
        status = _tried(words, _app(folder, fake.url, fake.token), folder)
        assert status in set(ExitCode) - {ExitCode.BUG}, (words, status)
        assert fake.jobs()["shop/ci/theirs"] == theirs
    assert fake.unknown == []


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("answer", [Response(200, body) for body in _BODIES], ids=range(len(_BODIES)))
def test_nothing_but_one_answer(folder: Path, answer: Response) -> None:
    """As a captive portal or a proxy gives it to whatever it is asked."""
    with FakeJenkins() as fake:
        fake.faults.answer_instead(answer, times=10**6)
        for words in _COMMANDS:
            status = _tried(words, _app(folder, fake.url, fake.token), folder)
            assert status in set(ExitCode) - {ExitCode.BUG}, words


# -- what is no HTTP, or comes slowly

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Send = Callable[[bytes], object]


def _drip(send: Send, data: bytes) -> None:
    for at in range(len(data)):
        send(data[at : at + 1])
        time.sleep(0.1)


_BEHAVIOURS: dict[str, Callable[[Send], object]] = {
    "no-http": lambda send: send(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "nothing": lambda send: send(b""),
    "half-a-line": lambda send: send(b"HTTP/1."),
    "no-status": lambda send: send(b"HTTP/1.1 abc OK\r\n\r\n"),
    "short": lambda send: send(_HEAD + b"Content-Length: 100\r\n\r\n{}"),
    "bad-length": lambda send: send(_HEAD + b"Content-Length: x\r\n\r\n{}"),
    "negative-length": lambda send: send(_HEAD + b"Content-Length: -5\r\n\r\n{}"),
    "two-lengths": lambda send: send(_HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    "bad-chunks": lambda send: send(_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
    "half-chunks": lambda send: send(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}"),
    "no-gzip": lambda send: send(_HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"),
    "half-gzip": lambda send: send(_HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}" * 99)[:20]),
    "many-headers": lambda send: send(_HEAD + b"A: b\r\n" * 300 + b"\r\n{}"),
    "long-header": lambda send: send(_HEAD + b"A: " + b"b" * 100_000 + b"\r\n\r\n{}"),
    "odd-header": lambda send: send(_HEAD + b"\x00\xff: \xff\r\nno colon\r\n\r\n{}"),
    "continue": lambda send: send(b"HTTP/1.1 100 Continue\r\n\r\n" * 50),
    "slow-head": lambda send: _drip(send, _HEAD + b"A: b\r\n" * 900),
    "slow-body": lambda send: _drip(send, _HEAD + b"Content-Length: 5000\r\n\r\n" + b" " * 4000),
    "silent": lambda _: time.sleep(120),
    "endless-continue": lambda send: _drip(send, b"HTTP/1.1 100 Continue\r\n\r\n" * 90),
}
_LATE = {"slow-head", "slow-body", "silent", "endless-continue"}
_SECONDS = 0.3


@contextmanager
def _serving(behaviour: Callable[[Send], object]) -> Iterator[str]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.connection.recv(65536)
                behaviour(self.connection.sendall)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("name", _BEHAVIOURS)
def test_no_wire_holds_a_request_beyond_its_deadline(name: str) -> None:
    with _serving(_BEHAVIOURS[name]) as url:
        connection = JenkinsConnection(url, timeout_seconds=_SECONDS)
        started = time.monotonic()
        for ask in (connection.get_json, connection.post):
            with suppress(CictlError):
                ask("/api/json")
        connection.close()
        assert time.monotonic() - started < 2 * _SECONDS + 30, "both requests, and a little for the machine"


@pytest.mark.parametrize("name", sorted(_LATE))
def test_what_comes_too_late_is_said(name: str) -> None:
    with _serving(_BEHAVIOURS[name]) as url, pytest.raises((TimedOut, Unreachable)):
        JenkinsConnection(url, timeout_seconds=0.5).get_json("/api/json")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("name", sorted(set(_BEHAVIOURS) - _LATE))
@pytest.mark.parametrize("words", [_COMMANDS[0], _COMMANDS[8], _COMMANDS[-2]], ids=" ".join)
def test_no_wire_makes_a_bug(folder: Path, name: str, words: list[str]) -> None:
    with _serving(_BEHAVIOURS[name]) as url:
        assert _tried(words, _app(folder, url, "11" + "a" * 32), folder) in set(ExitCode) - {ExitCode.BUG}
