from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from docker.errors import APIError, DockerException, ImageNotFound

from cictl.clients.docker_credentials import Credentials
from cictl.clients.docker_engine import DockerEngine, engine_host, lines_of, translated
from cictl.core.image import ImageReference
from cictl.errors import CictlError, FarSideFailed, NotAllowed, NotFound, Unreachable

DIGEST = f"sha256:{'a' * 64}"
REFERENCE = ImageReference("r.example:5000/shop/checkout", "1")


class Known:
    """A source of credentials that knows one login, or none."""

    def __init__(self, credentials: Credentials | None = None) -> None:
        self.credentials = credentials

    def find(self, registry: str) -> Credentials | None:
        assert registry == REFERENCE.registry
        return self.credentials


class Api:
    """What of the engine's API a push uses."""

    def __init__(self, *events: Mapping[str, Any]) -> None:
        self.events = events
        self.asked: dict[str, Any] = {}

    def push(self, repository: str, tag: str, **options: object) -> Iterator[Mapping[str, Any]]:
        self.asked = {"repository": repository, "tag": tag, **options}
        return iter(self.events)


def engine(api: Api, credentials: Credentials | None = None) -> DockerEngine:
    made = DockerEngine({"DOCKER_HOST": "unix:///nowhere.sock"}, Known(credentials))
    made.__dict__["client"] = SimpleNamespace(api=api)  # what the cached property would hold
    return made


def test_push_returns_the_engines_digest_and_streams() -> None:
    api = Api(
        {"status": "The push refers to repository [r.example:5000/shop/checkout]"},
        {"id": "abc", "status": "Preparing"},
        {"id": "abc", "status": "Pushing", "progress": "[=>]"},
        {"id": "abc", "status": "Pushed"},
        {"aux": {"Tag": "1", "Digest": DIGEST, "Size": 1}},
    )
    lines: list[str] = []
    assert engine(api).push(REFERENCE, lines.append) == DIGEST
    assert lines == ["The push refers to repository [r.example:5000/shop/checkout]", "abc: Pushed"]
    assert (api.asked["repository"], api.asked["tag"]) == ("r.example:5000/shop/checkout", "1")


@pytest.mark.parametrize(
    ("credentials", "sent"),
    [
        (None, {}),
        (
            Credentials("config.json", "ann", "pw"),
            {"username": "ann", "password": "pw", "serveraddress": "r.example:5000"},
        ),
        (
            Credentials("config.json", identity_token="long"),
            {"identitytoken": "long", "serveraddress": "r.example:5000"},
        ),
    ],
)
def test_push_says_who_we_are(credentials: Credentials | None, sent: Mapping[str, str]) -> None:
    api = Api()
    assert engine(api, credentials).push(REFERENCE, print) is None
    assert api.asked["auth_config"] == sent


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("unauthorized: authentication required", NotAllowed),
        ("denied: requested access to the resource is denied", NotAllowed),
        ("no basic auth credentials", NotAllowed),
        ("An image does not exist locally with the tag: r.example:5000/shop/checkout", NotFound),
        ('Get "http://r.example:5000/v2/": dial tcp 10.0.0.1:5000: connect: connection refused', Unreachable),
        ("dial tcp: lookup r.example: no such host", Unreachable),
        ("http: server gave HTTP response to HTTPS client", Unreachable),
        ("x509: certificate signed by unknown authority", Unreachable),
        ("blob upload invalid", FarSideFailed),
    ],
)
def test_push_problems(said: str, kind: type[CictlError]) -> None:
    with pytest.raises(kind) as caught:
        engine(Api({"errorDetail": {"message": said}, "error": said})).push(REFERENCE, print)
    assert "r.example:5000" in caught.value.message


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (ImageNotFound("404", explanation="No such image: a:1"), NotFound, "No such image: a:1"),
        (APIError("500", explanation="no space left on device"), FarSideFailed, "no space left"),
        (DockerException("Error while fetching server API version: …"), Unreachable, "unix:///here"),
        (requests.ConnectionError("gone"), Unreachable, "unix:///here"),
        (DockerException("PermissionError(13, 'Permission denied')"), NotAllowed, "unix:///here"),
    ],
)
def test_translated(error: Exception, kind: type[CictlError], said: str) -> None:
    with pytest.raises(kind, match=said), translated("unix:///here"):
        raise error


def test_nobody_answers() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(Unreachable) as caught:
            DockerEngine({"DOCKER_HOST": host}, Known()).push(REFERENCE, print)
    assert host in caught.value.message
    assert caught.value.hint


def test_docker_host_wins() -> None:
    assert engine_host({"DOCKER_HOST": "tcp://there:2375", "DOCKER_CONTEXT": "other"}) == "tcp://there:2375"


def test_without_anything_it_is_the_usual_socket() -> None:
    assert engine_host({}) == "unix:///var/run/docker.sock"


def test_the_chosen_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    config = tmp_path / "config.json"
    config.write_text("{}")
    metadata = tmp_path / "contexts" / "meta" / hashlib.sha256(b"laptop").hexdigest() / "meta.json"
    metadata.parent.mkdir(parents=True)
    endpoint = {"Host": "unix:///laptop.sock", "SkipTLSVerify": False}
    metadata.write_text(json.dumps({"Name": "laptop", "Metadata": {}, "Endpoints": {"docker": endpoint}}))
    assert engine_host({"DOCKER_CONTEXT": "laptop"}) == "unix:///laptop.sock"
    config.write_text(json.dumps({"currentContext": "laptop"}))
    assert engine_host({}) == "unix:///laptop.sock"
    assert engine_host({"DOCKER_CONTEXT": "unknown"}) == "unix:///var/run/docker.sock"


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ((), []),
        ((b"a\nb\n",), ["a", "b"]),
        ((b"a", b"b\nc", b"\nd"), ["ab", "c", "d"]),
        (("ü".encode()[:1], "ü".encode()[1:] + b"\n"), ["ü"]),
        ((b"\xff\n", b"\n"), ["\ufffd", ""]),
        ((b"\x1b[31mred\x1b[0m\r\n",), ["red"]),
    ],
)
def test_lines_of(chunks: tuple[bytes, ...], lines: list[str]) -> None:
    assert list(lines_of(iter(chunks))) == lines
