"""A server that answers as one recorded scenario did, request by request; what was not recorded is a 501."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

RECORDINGS = Path(__file__).parents[3] / "shared" / "jenkins-contract" / "2.516.2"


@dataclass
class Replay:
    """The exchanges that are left, what was asked, and what nobody recorded."""

    exchanges: list[dict[str, Any]]
    prefix: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, method: str, path: str) -> dict[str, Any]:
        """Return the first recorded answer to METHOD PATH; the last one is given again and again."""
        asked = (method, _unquoted(path.removeprefix(self.prefix)))
        self.asked.append(asked)
        fits = [e for e in self.exchanges if (e["request"]["method"], _unquoted(e["request"]["path"])) == asked]
        if not fits:
            self.unknown.append(f"{method} {path}")
            return {"status": 501, "headers": {}, "body": "not recorded"}
        if len(fits) > 1:
            self.exchanges.remove(fits[0])
        response: dict[str, Any] = fits[0]["response"]
        return response


def _unquoted(path: str) -> str:
    """Return PATH without what a client may write in more ways than one; what is encoded twice stays so."""
    before, _, query = path.partition("?")
    return f"{before}?{unquote(query)}" if query else before


@contextmanager
def replayed(scenario: str, choose: Callable[[dict[str, Any]], bool] = lambda _: True) -> Iterator[Replay]:
    """Serve the exchanges of SCENARIO that CHOOSE takes."""
    exchanges = json.loads((RECORDINGS / f"{scenario}.json").read_text(encoding="utf-8"))["exchanges"]
    with served([exchange for exchange in exchanges if choose(exchange)]) as replay:
        yield replay


@contextmanager
def served(exchanges: list[dict[str, Any]], *, prefix: str = "") -> Iterator[Replay]:
    """Serve EXCHANGES below PREFIX."""
    replay = Replay(list(exchanges), prefix)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(replay))
    server.daemon_threads = True
    replay.url = f"http://127.0.0.1:{server.server_port}{prefix}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield replay
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def said(method: str, path: str, status: int, body: str = "", **headers: str) -> dict[str, Any]:
    """Return an exchange of one's own, as the recordings write theirs; `_` in a header's name is "-"."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "request": {"method": method, "path": path},
        "response": {"status": status, "headers": named, "body": body},
    }


def _handler(replay: Replay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def _any(self) -> None:
            replay.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            replay.headers.append(dict(self.headers.items()))
            response = replay.answer(self.command, self.path)
            body = (response["body"] or "").encode()
            self.send_response(response["status"])
            for name, value in (response["headers"] or {}).items():
                for each in value if isinstance(value, list) else [value]:
                    self.send_header(name, each)
            if response["status"] != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if response["status"] != 204:
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    for method in ("GET", "POST", "DELETE"):
        setattr(Handler, f"do_{method}", Handler._any)
    return Handler
