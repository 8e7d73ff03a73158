from __future__ import annotations

import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler
from http.server import HTTPServer as PlainServer
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from cictl.clients.endpoints import DockerEndpoint, RegistryEndpoint
from cictl.errors import FarSideFailed, Unreachable


@pytest.mark.parametrize("status", [200, 401])
def test_a_registry_is_there_even_if_it_asks_who_we_are(httpserver: HTTPServer, status: int) -> None:
    headers = {"Docker-Distribution-Api-Version": "registry/2.0"}
    httpserver.expect_request("/v2/").respond_with_data("{}", status=status, headers=headers)
    registry = RegistryEndpoint(f"{httpserver.host}:{httpserver.port}", insecure=True)
    assert registry.version() == "2"
    assert registry.now() == pytest.approx(time.time(), abs=60)


def test_a_registry_that_tells_no_time() -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)
            self.send_header("Date", "soon")
            self.end_headers()

    with PlainServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        registry = RegistryEndpoint(f"127.0.0.1:{server.server_port}", insecure=True)
        registry.version()
        thread.join()
    with pytest.raises(FarSideFailed, match="tells no time"):
        registry.now()


def test_what_is_no_registry(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v2/").respond_with_data("", status=404)
    with pytest.raises(FarSideFailed, match="not a registry"):
        RegistryEndpoint(f"{httpserver.host}:{httpserver.port}", insecure=True).version()


def test_no_registry() -> None:
    with pytest.raises(Unreachable, match=r"no registry answers at https://127\.0\.0\.1:1/v2/"):
        RegistryEndpoint("127.0.0.1:1", insecure=False).version()


def test_no_docker_engine() -> None:
    with pytest.raises(Unreachable, match=r"no Docker engine answers at tcp://127\.0\.0\.1:1"):
        DockerEndpoint({"DOCKER_HOST": "tcp://127.0.0.1:1"}).version()


def test_the_engine_of_the_chosen_context_is_asked_as_builds_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    metadata = tmp_path / "contexts" / "meta" / hashlib.sha256(b"there").hexdigest() / "meta.json"
    metadata.parent.mkdir(parents=True)
    endpoint = {"Host": "tcp://127.0.0.1:1", "SkipTLSVerify": False}
    metadata.write_text(json.dumps({"Name": "there", "Metadata": {}, "Endpoints": {"docker": endpoint}}))
    with pytest.raises(Unreachable, match=r"no Docker engine answers at tcp://127\.0\.0\.1:1"):
        DockerEndpoint({"DOCKER_CONTEXT": "there"}).version()
