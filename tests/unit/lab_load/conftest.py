"""A service on loopback that answers as the path says."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        getattr(self, self.path.strip("/").partition("?")[0] or "fine")()

    def fine(self) -> None:
        self.answer(200, {"X-Version": "v1", "X-Config": "spring", "Content-Length": "2"}, b"ok")

    def broken(self) -> None:
        self.answer(500, {"X-Version": "v2", "Content-Length": "0"}, b"")

    def endless(self) -> None:
        self.answer(200, {}, b"no length, but an end")

    def slow(self) -> None:
        time.sleep(0.3)
        self.fine()

    def held(self) -> None:
        """Answer when the test is over, or lets go."""
        self.server.may_answer.wait(60)
        self.fine()

    def truncated(self) -> None:
        self.answer(200, {"Content-Length": "100"}, b"short")

    def malformed(self) -> None:
        self.wfile.write(b"what?\r\n\r\n")

    def answer(self, code: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.may_answer = threading.Event()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.may_answer.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def service(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def nobody() -> str:
    """Where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
