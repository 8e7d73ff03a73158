"""An API server that answers what a test says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes.client import ApiClient, Configuration
from pytest_httpserver import HTTPServer
from werkzeug import Response
from werkzeug.serving import WSGIRequestHandler

from cictl.clients import kubernetes_connection
from cictl.clients.kubernetes_api import KubernetesApi
from cictl.clients.kubernetes_connection import (
    Connection,
)

Json = dict[str, Any]
PODS = "/api/v1/namespaces/prod/pods"
SHOP = "/apis/apps/v1/namespaces/prod/deployments/shop"


def connect(url: str, timeout: float = 60.0) -> Connection:
    configuration = Configuration()
    configuration.host = url.rstrip("/")
    configuration.retries = False
    return Connection(ApiClient(configuration), name="lab", timeout_seconds=timeout)


def status(code: int, message: str = "no", **more: object) -> Response:
    body = {"kind": "Status", "status": "Failure", "message": message, "code": code, **more}
    return Response(json.dumps(body), code, content_type="application/json")


@pytest.fixture(scope="module")
def threaded_server() -> Iterator[HTTPServer]:
    """Serve several requests at once, and watches in chunks, as an API server does."""
    with pytest.MonkeyPatch.context() as patched, HTTPServer(threaded=True) as server:
        patched.setattr(WSGIRequestHandler, "protocol_version", "HTTP/1.1")
        yield server


@pytest.fixture
def api_server(threaded_server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    """Have it answer nothing yet, and let those who read be patient for a moment only."""
    monkeypatch.setattr(kubernetes_connection, "READ_DEADLINE_SECONDS", 0.3)
    threaded_server.clear()
    return threaded_server


@pytest.fixture
def api(api_server: HTTPServer) -> KubernetesApi:
    return KubernetesApi(connect(api_server.url_for("")))
