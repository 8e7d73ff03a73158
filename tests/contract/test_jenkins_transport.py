"""HTTP as a servlet container speaks it: chunked, compressed, kept alive, and closed when nobody asked for a while."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cictl.clients.jenkins_builds import JenkinsBuilds
from cictl.clients.jenkins_connection import JenkinsConnection
from tests.running import eventually

_DOCUMENT = {"jobs": [{"name": f"job-{number}"} for number in range(5000)]}
_FIN_IS_TAKEN = 5  # TCP_FIN_WAIT2: the other side knows of the end


@dataclass
class Container:
    """Where it listens, from which ports it was asked, and the connections that it keeps."""

    url: str = ""
    clients: set[int] = field(default_factory=set)
    kept: list[socket.socket] = field(default_factory=list)

    def close_idle(self) -> None:
        """Close the connections, as a container does when nobody asked for a while; return when the client is told."""
        for each in self.kept:
            each.shutdown(socket.SHUT_WR)
        eventually(lambda: all(_tcp_state(each) == _FIN_IS_TAKEN for each in self.kept))


def _tcp_state(connection: socket.socket) -> int:
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


@pytest.fixture
def container() -> Iterator[Container]:
    found = Container()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            found.kept.append(self.connection)

        def do_GET(self) -> None:
            is_compressed = "gzip" in self.headers.get("Accept-Encoding", "")
            body = json.dumps(_DOCUMENT).encode()
            self._chunked(gzip.compress(body) if is_compressed else body, "gzip" if is_compressed else "identity")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._chunked(b"", "identity")

        def _chunked(self, body: bytes, encoding: str) -> None:
            found.clients.add(self.client_address[1])
            self.send_response(200)
            for name, value in {
                "Transfer-Encoding": "chunked",
                "Content-Encoding": encoding,
                "X-Text-Size": "7",
                "X-More-Data": "true",
            }.items():
                self.send_header(name, value)
            self.end_headers()
            for start in range(0, len(body), 997):
                piece = body[start : start + 997]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def test_one_connection_serves_all_requests(container: Container) -> None:
    connection = JenkinsConnection(container.url)
    for _ in range(3):
        assert connection.get_json("/api/json") == _DOCUMENT
        connection.post("/x", xml="<a/>")
    assert len(container.clients) == 1


def test_a_log_comes_in_pieces(container: Container) -> None:
    pieces: list[bytes] = []
    position = JenkinsBuilds(JenkinsConnection(container.url)).read_log("a", 1, 0, pieces.append)
    assert (position.next_start, position.has_more) == (7, True)
    assert json.loads(b"".join(pieces)) == _DOCUMENT
    assert len(pieces) > 1


def test_a_write_after_a_pause_is_not_lost_on_a_closed_connection(container: Container) -> None:
    connection = JenkinsConnection(container.url)
    connection.post("/x")
    container.close_idle()
    connection.post("/x")
    assert len(container.clients) == 2
