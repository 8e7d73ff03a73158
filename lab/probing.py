"""Asks the parts, from the machine's side, whether they are ready."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab.errors import TimedOutError
from lab.layout import API, NODE, Layout
from lab.parts import Probe

PROBE_SECONDS = 2.0
EVERY_SECONDS = 0.05


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PROBE_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket instead of a port."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PROBE_SECONDS)
        self.sock.connect(str(self._path))


def is_ready(layout: Layout, probe: Probe) -> bool:
    """Tell whether a part says that it is ready."""
    try:
        if probe.socket is None:
            _get(layout, probe.url)
            return True
        return _socket_answers(probe.socket, probe.url)
    except (OSError, http.client.HTTPException):
        return False


def node_is_ready(layout: Layout) -> bool:
    """Tell whether the cluster's node is Ready."""
    try:
        node = json.loads(_get(layout, f"{API}/api/v1/nodes/{NODE}"))
    except (OSError, http.client.HTTPException):
        return False
    return is_condition_true(node, "Ready")


def is_condition_true(thing: dict[str, Any], kind: str) -> bool:
    """Tell whether a Kubernetes object's condition is True."""
    conditions = thing.get("status", {}).get("conditions", [])
    return any(condition["type"] == kind and condition["status"] == "True" for condition in conditions)


def wait(check: Callable[[], bool], what: str, *, timeout_seconds: float, hint: str = "") -> None:
    """Return as soon as the check holds."""
    deadline = time.monotonic() + timeout_seconds
    while not check():
        if time.monotonic() > deadline:
            raise TimedOutError(f"{what} did not become ready in {timeout_seconds:.0f} s", hint=hint)
        time.sleep(EVERY_SECONDS)


def _get(layout: Layout, url: str) -> bytes:
    # No proxy of the environment: the lab's addresses exist on this machine only.
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if url.startswith("https:"):
        trusted = ssl.create_default_context(cafile=str(layout.pki / "ca.crt"))
        trusted.load_cert_chain(layout.pki / "admin.crt", layout.pki / "admin.key")
        handlers.append(urllib.request.HTTPSHandler(context=trusted))
    with urllib.request.build_opener(*handlers).open(url, timeout=PROBE_SECONDS) as response:
        content: bytes = response.read()
    return content


def _socket_answers(path: Path, url: str) -> bool:
    connection = _SocketConnection(path)
    try:
        connection.connect()
        if url:
            connection.request("GET", "/" + url.split("/", 3)[3])
            return connection.getresponse().status == http.client.OK
    finally:
        connection.close()
    return True
