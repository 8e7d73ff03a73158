"""A proxy before the API server, on loopback: it holds, delays or loses chosen requests, and remembers all of them.

The driver reaches it by a kubeconfig of its own, in plain HTTP; it adds the lab's client certificate.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml

from tests.e2e.kubernetes_requests import Fate, Match, Request, Trap
from tests.e2e.support.program import PATIENCE_SECONDS
from tests.running import eventually

_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class Proxy:
    """The proxy, from `open` until `close`."""

    def __init__(self, kubeconfig: Path, context: str, folder: Path) -> None:
        """Forward to the cluster of CONTEXT in KUBECONFIG; write the kubeconfig for the driver into FOLDER."""
        self.context, self._folder = context, folder
        cluster, user = _read_kubeconfig(kubeconfig, context)
        self._upstream = urlsplit(cluster["server"])
        self._tls = _tls(cluster, user, folder)
        self.requests: list[Request] = []
        self.streamed: list[tuple[float, bytes]] = []  # the events of watches
        self._traps: list[Trap] = []
        self._rewrites: list[tuple[Match, Callable[[Any], Any]]] = []
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._guard = _any_port()  # keeps the port while nobody listens: others would get it

    def open(self) -> None:
        """Listen, each time on the same port."""
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._server = server = _Server(("127.0.0.1", self._port), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """Refuse connections, and end those that there are."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        with self._lock:
            sockets = list(self._sockets)
        for each in sockets:
            _hang_up(each)

    def end(self) -> None:
        """Be away for good."""
        self.close()
        self._guard.close()

    @property
    def _port(self) -> int:
        port: int = self._guard.getsockname()[1]
        return port

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Be away for the length of a block."""
        self.close()
        try:
            yield
        finally:
            self.open()

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig that leads here."""
        path = self._folder / "kubeconfig"
        here = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "proxy", "cluster": {"server": f"http://127.0.0.1:{self._port}"}}],
            "users": [{"name": "nobody", "user": {}}],
            "contexts": [{"name": self.context, "context": {"cluster": "proxy", "user": "nobody"}}],
            "current-context": self.context,
        }
        path.write_text(yaml.safe_dump(here))
        return path

    @property
    def environment(self) -> dict[str, str]:
        """What leads a driver here."""
        return {"KUBECONFIG": str(self.kubeconfig)}

    def hold(self, matches: Match, *, skip: int = 0) -> Trap:
        """Hold the next request that matches, until the trap's `let` or `lose`."""
        return self._set(Trap(matches, None, skip=skip))

    def lose_answer(self, matches: Match, *, count: int = 1, skip: int = 0) -> Trap:
        """Let the API server act, and cut the connection before its answer."""
        return self._set(Trap(matches, Fate.LOSE_ANSWER, count=count, skip=skip))

    def lose_request(self, matches: Match, *, count: int = 1, skip: int = 0) -> Trap:
        """Cut the connection before the API server has seen the request."""
        return self._set(Trap(matches, Fate.LOSE_REQUEST, count=count, skip=skip))

    def rewrite(self, matches: Match, change: Callable[[Any], Any]) -> None:
        """Answer with what CHANGE makes of the API server's JSON."""
        self._rewrites.append((matches, change))

    def _set(self, trap: Trap) -> Trap:
        with self._lock:
            self._traps.append(trap)
        return trap

    def written(self, kind: str = "") -> list[Request]:
        """Return the writes that the API server was asked for, in their order."""
        return [each for each in self.requests if each.is_write and kind in {"", each.kind} and each.status]

    def await_answers(self) -> None:
        """Wait until the API server has answered every write that it was asked for."""
        eventually(
            lambda: all(each.status for each in list(self.requests) if each.is_write),
            seconds=PATIENCE_SECONDS,
            what="a write is still under way",
        )

    def told(self, event: Callable[[dict[str, Any]], bool]) -> float:
        """Return when the driver was first told of an EVENT's object, by its watches, once it was."""

        def look() -> float | None:
            told = ((at, json.loads(line)["object"]) for at, line in list(self.streamed))
            return next((at for at, raw in told if event(raw)), None)

        at = eventually(look, what="no such event came")
        assert at is not None
        return at

    def trap_for(self, request: Request) -> Trap | None:
        """Return the trap that REQUEST falls into."""
        with self._lock:
            self.requests.append(request)
            traps = list(self._traps)
        return next((trap for trap in traps if trap.takes(request)), None)

    def changed(self, request: Request, raw: bytes) -> bytes:
        """Return RAW as it is to be answered."""
        for matches, change in self._rewrites:
            if matches(request):
                raw = json.dumps(change(json.loads(raw))).encode()
        return raw

    def track(self, connection: socket.socket, *, is_open: bool) -> None:
        """Know the connections that there are; one that is taken up only after `close` ends at once."""
        with self._lock:
            (self._sockets.add if is_open else self._sockets.discard)(connection)
            is_late = is_open and self._server is None
        if is_late:
            _hang_up(connection)

    def connect(self) -> http.client.HTTPSConnection:
        """Return a connection to the API server."""
        return http.client.HTTPSConnection(
            self._upstream.hostname or "", self._upstream.port, context=self._tls, timeout=90
        )


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    owner: Proxy
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self._upstream = self.owner.connect()
        self.owner.track(self.connection, is_open=True)

    def finish(self) -> None:
        self.owner.track(self.connection, is_open=False)
        self._upstream.close()
        with contextlib.suppress(OSError):
            super().finish()

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), json.loads(raw) if raw else None)
        trap = self.owner.trap_for(request)
        fate = trap.decide() if trap else Fate.FORWARD
        if fate is Fate.LOSE_REQUEST:
            self._cut()
            return
        try:
            answer = self._forward(request, raw)
        except OSError:
            self._cut()
            return
        with contextlib.suppress(OSError):
            self._answer(request, answer, is_lost=fate is Fate.LOSE_ANSWER)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names that http.server looks for

    def _forward(self, request: Request, raw: bytes) -> http.client.HTTPResponse:
        headers = {key: value for key, value in self.headers.items() if key.lower() not in {"host", "connection"}}
        self._upstream.request(self.command, self.path, body=raw or None, headers=headers)
        answer = self._upstream.getresponse()
        request.status = answer.status
        return answer

    def _answer(self, request: Request, answer: http.client.HTTPResponse, *, is_lost: bool) -> None:
        if request.query.get("watch") == "true":
            self._stream(answer)
            return
        body = self.owner.changed(request, answer.read())
        if is_lost:
            self._cut()
            return
        self._head(answer)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, answer: http.client.HTTPResponse) -> None:
        self._head(answer)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        line = b""
        while chunk := answer.read1(65536):
            *lines, line = (line + chunk).split(b"\n")
            self.owner.streamed.extend((time.time(), each) for each in lines)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def _head(self, answer: http.client.HTTPResponse) -> None:
        self.send_response_only(answer.status, answer.reason)
        for key, value in answer.getheaders():
            if key.lower() not in _HOP_BY_HOP:
                self.send_header(key, value)

    def _cut(self) -> None:
        self.close_connection = True
        _hang_up(self.connection)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _any_port() -> socket.socket:
    """Return a socket that has a port of loopback and does not listen; with both reusing it, another may."""
    guard = socket.socket()
    guard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    guard.bind(("127.0.0.1", 0))
    return guard


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _read_kubeconfig(path: Path, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    document = yaml.safe_load(path.read_text())
    context = _named(document["contexts"], name)["context"]
    return (
        _named(document["clusters"], context["cluster"])["cluster"],
        _named(document["users"], context["user"])["user"],
    )


def _named(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(entry for entry in entries if entry["name"] == name)


def _tls(cluster: Mapping[str, Any], user: Mapping[str, Any], folder: Path) -> ssl.SSLContext:
    files = {
        "ca": cluster["certificate-authority-data"],
        "certificate": user["client-certificate-data"],
        "key": user["client-key-data"],
    }
    for name, text in files.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(base64.b64decode(text))
    made = ssl.create_default_context(cafile=str(folder / "ca"))
    made.load_cert_chain(str(folder / "certificate"), str(folder / "key"))
    return made
