"""A registry after the OCI distribution specification, stricter than real ones: what it does not expect, it refuses."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

from cictl.clients.oci_registry import MANIFEST_TYPES

_MANIFEST = re.compile(r"/v2/([a-z0-9]+(?:[._/-][a-z0-9]+)*)/manifests/([A-Za-z0-9_.:-]+)")
INDEX, _, MANIFEST, _ = MANIFEST_TYPES


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str


@dataclass
class RegistryStandIn:
    """One server; `challenge` may use {host}, and `authorization` is what it wants to see after it."""

    challenge: str | None = None
    authorization: str | None = None
    login: str | None = None
    refresh_token: str | None = None
    token_key: str = "token"
    failures: list[int] = field(default_factory=list)
    redirect: str | None = None
    tells_digest: bool = True
    takes_head: bool = True
    lies: bool = False
    manifests: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def add(self, repository: str, tag: str, media_type: str = MANIFEST) -> str:
        body = json.dumps({"schemaVersion": 2, "mediaType": media_type, "of": f"{repository}:{tag}"}).encode()
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        for reference in (tag, digest):
            self.manifests[repository, reference] = (media_type, body)
        return digest

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        registry = self

        class Handler(_Handler):
            stand_in = registry

        return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: RegistryStandIn

    def do_HEAD(self) -> None:
        self._answer_manifest()

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/token":
            self._record("")
            self._answer_token()
        else:
            self._answer_manifest()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._record(body)
        form = {key: values[0] for key, values in parse_qs(body).items()}
        expected = {"grant_type": "refresh_token", "refresh_token": self.stand_in.refresh_token, "client_id": "cictl"}
        if self.path == "/token" and expected.items() <= form.items() and form.keys() >= {"service", "scope"}:
            self._send_json(200, {"access_token": "for-you"})
        else:
            self._send_json(401, {"details": "no"})

    def _answer_token(self) -> None:
        query = parse_qs(urlsplit(self.path).query, strict_parsing=True)
        if query.get("service") != ["stand-in"] or not query.get("scope", [""])[0].startswith("repository:"):
            return self._send_json(400, {"details": "service and scope, please"})
        told = self.headers.get("Authorization")
        wanted = _basic(self.stand_in.login) if self.stand_in.login else None
        if told != wanted:
            return self._send_json(401, {"details": "who?"})
        return self._send_json(200, {self.stand_in.token_key: "for-you", "expires_in": 300})

    def _answer_manifest(self) -> None:
        self._record("")
        match = _MANIFEST.fullmatch(self.path)
        if match is None or self.headers.get("Accept", "").split(", ") != list(MANIFEST_TYPES):
            return self._refuse(400, "UNSUPPORTED")
        if self.stand_in.failures:
            return self._refuse(self.stand_in.failures.pop(0), "TOOMANYREQUESTS")
        if self.headers.get("Authorization") != self.stand_in.authorization:
            return self._challenge()
        if self.stand_in.redirect is not None:
            return self._send(307, b"", {"Location": self.stand_in.redirect + self.path})
        if self.command == "HEAD" and not self.stand_in.takes_head:
            return self._refuse(405, "UNSUPPORTED")
        found = self.stand_in.manifests.get((match[1], match[2]))
        return self._refuse(404, "MANIFEST_UNKNOWN") if found is None else self._send_manifest(*found)

    def _challenge(self) -> None:
        if self.stand_in.challenge is None:
            return self._refuse(403, "DENIED")
        challenge = self.stand_in.challenge.format(host=self.stand_in.host)
        return self._refuse(401, "UNAUTHORIZED", {"WWW-Authenticate": challenge})

    def _send_manifest(self, media_type: str, body: bytes) -> None:
        headers = {"Content-Type": media_type}
        if self.stand_in.tells_digest:
            told = b"something else" if self.stand_in.lies else body
            headers["Docker-Content-Digest"] = f"sha256:{hashlib.sha256(told).hexdigest()}"
        self._send(200, body, headers)

    def _refuse(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> None:
        self._send_json(status, {"errors": [{"code": code, "message": f"stand-in says {code}"}]}, headers)

    def _send_json(self, status: int, value: object, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _record(self, body: str) -> None:
        self.stand_in.asked.append(Asked(self.command, self.path, dict(self.headers.items()), body))

    def log_message(self, *_: object) -> None:
        """Say nothing: tests look at `asked`."""


def _basic(login: str) -> str:
    return f"Basic {base64.b64encode(login.encode()).decode()}"
