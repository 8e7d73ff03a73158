"""HTTP/1.1 over sockets: keep-alive, chunked bodies, `Expect: 100-continue`; no more than clients of Jenkins send.

`http.server` costs several times as much per request, and benchmarks measure clients against this.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http import HTTPStatus
from io import BufferedIOBase, BufferedReader
from socket import SocketIO
from typing import TYPE_CHECKING

from tests.fake_jenkins.messages import Request, Response

if TYPE_CHECKING:
    from tests.fake_jenkins.server import FakeJenkins

_REASONS = {status.value: status.phrase for status in HTTPStatus}
Answer = Callable[[Request], Response | None]


class Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    block_on_close = False

    def __init__(self, port: int, server: FakeJenkins, *, is_up: bool = True) -> None:
        """Listen at PORT; unless it IS UP, only hold the port, so that connections are refused."""
        self.fake = server
        self.open: set[socket.socket] = set()
        self.answering = 0
        self.idle = threading.Condition()
        super().__init__(("127.0.0.1", port), _Connection, bind_and_activate=False)
        try:
            self.server_bind()
            if is_up:
                self.server_activate()
        except OSError:
            self.server_close()
            raise

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Know of the connection before another one is taken."""
        assert isinstance(request, socket.socket)
        self.open.add(request)
        super().process_request(request, client_address)

    def wait_answered(self) -> None:
        """Wait until every request that was read is answered."""
        with self.idle:
            assert self.idle.wait_for(lambda: self.answering == 0, 60)

    def handle_error(self, request: object, client_address: object) -> None:
        """Leave it to the server's own record: a client that went away is no news."""

    def drop_all(self) -> None:
        """Cut all connections, as the end of a process does."""
        for each in list(self.open):
            reset(each)


def reset(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Connection(socketserver.BaseRequestHandler):
    server: Listener

    def handle(self) -> None:
        connection: socket.socket = self.request
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = BufferedReader(SocketIO(connection, "r"), 65536)
        try:
            while self._one(connection, reader):
                pass
        except (OSError, ValueError):
            return
        finally:
            self.server.open.discard(connection)
            reader.close()

    def _one(self, connection: socket.socket, reader: BufferedIOBase) -> bool:
        line = reader.readline(65537)
        if not line.strip():
            return bool(line)
        method, target, version = line.decode("latin-1").split()
        headers = _headers(reader)
        if headers.get("expect", "").lower() == "100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        request = Request(method, target, headers, _body(reader, headers))
        keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        with self._answering():
            response = self.server.fake.answer(request)
            if response is None:  # dropped
                reset(connection)
                return False
            connection.sendall(_encode(response, keep=keep, bodiless=method == "HEAD"))
        return keep

    @contextmanager
    def _answering(self) -> Iterator[None]:
        with self.server.idle:
            self.server.answering += 1
        try:
            yield
        finally:
            with self.server.idle:
                self.server.answering -= 1
                self.server.idle.notify_all()


def _headers(reader: BufferedIOBase) -> dict[str, str]:
    headers: dict[str, str] = {}
    while (line := reader.readline(65537)) not in {b"\r\n", b"\n", b""}:
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers


def _body(reader: BufferedIOBase, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _chunks(reader)
    length = int(headers.get("content-length", "0"))
    body = reader.read(length) if length else b""
    if len(body) < length:
        raise ConnectionAbortedError
    return body


def _chunks(reader: BufferedIOBase) -> bytes:
    body = b""
    while size := int(reader.readline().split(b";")[0], 16):
        body += reader.read(size)
        reader.readline()
    while reader.readline() not in {b"\r\n", b"\n", b""}:
        pass
    return body


def _encode(response: Response, *, keep: bool, bodiless: bool) -> bytes:
    reason = _REASONS.get(response.status, "Unknown")
    lines = [f"HTTP/1.1 {response.status} {reason}", f"Date: {formatdate(usegmt=True)}", "Server: Jetty(12.0.22)"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    if response.status != HTTPStatus.NO_CONTENT:
        lines.append(f"Content-Length: {len(response.body)}")
    if not keep:
        lines.append("Connection: close")
    head = "\r\n".join([*lines, "\r\n"]).encode("utf-8")
    return head if bodiless else head + response.body
