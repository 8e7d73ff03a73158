from __future__ import annotations

import time

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
    assert registry.now() == pytest.approx(time.time(), abs=5)


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
