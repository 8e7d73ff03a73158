"""The catalogue's answers, and its life as a process."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry

from catalog import Catalog, Config, Server, to_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parents[1]


def catalog(**variables: str) -> Catalog:
    """Make a catalogue of these environment variables, with metrics of its own."""
    return Catalog(Config(variables), CollectorRegistry())


def answered(one: Catalog, code: int, route: str) -> float | None:
    """Value of the counter, None while it has no such series."""
    labels = {"code": str(code), "route": route, "method": "GET"}
    return one.registry.get_sample_value("http_requests_total", labels)


def test_names_the_price_of_its_list() -> None:
    assert catalog(PRICE_LIST="spring", PRICE_CENTS="900").get("/price") == (
        200,
        {"price_list": "spring", "price_cents": 900},
    )


@pytest.mark.parametrize(
    ("path", "code"), [("/", 200), ("/price", 200), ("/healthz", 200), ("/readyz", 200), ("/x", 404)]
)
def test_routes(path: str, code: int) -> None:
    assert catalog().get(path)[0] == code


def test_faults_touch_the_price_only() -> None:
    faulty = catalog(FAULT_ERROR_RATE="1")
    assert {path: faulty.get(path)[0] for path in ("/price", "/", "/healthz", "/readyz")} == {
        "/price": 500,
        "/": 200,
        "/healthz": 200,
        "/readyz": 200,
    }
    assert answered(faulty, 500, "/price") == 1


def test_errors_are_at_zero_from_the_start_and_probes_are_not_counted() -> None:
    fresh = catalog()
    fresh.get("/readyz")
    assert answered(fresh, 500, "/price") == 0
    assert answered(fresh, 200, "/readyz") is None
    assert fresh.registry.get_sample_value("http_request_duration_seconds_count", {"route": "/readyz"}) is None


def test_the_300_ms_bound_separates_slow_from_fast() -> None:
    slow = catalog(FAULT_LATENCY="310ms")
    slow.get("/price")
    labels = {"route": "/price", "le": "0.3"}
    assert slow.registry.get_sample_value("http_request_duration_seconds_bucket", labels) == 0
    assert slow.registry.get_sample_value("http_request_duration_seconds_bucket", {**labels, "le": "0.4"}) == 1


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("# comment\nprice_list: 'from the file'\nprice_cents: 1\n")
    config = Config({"CONFIG_FILE": str(file), "PRICE_CENTS": "2", "PRICE_LIST": ""})
    assert (config.price_list, config.price_cents) == ("from the file", 2)


def test_an_unknown_key_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("price_lst: x\n")
    with pytest.raises(ValueError, match="unknown keys \\['price_lst'\\]"):
        Config({"CONFIG_FILE": str(file)})


def test_seconds() -> None:
    assert [to_seconds(text) for text in ("250ms", "1.5s", "2")] == [0.25, 1.5, 2.0]


@pytest.fixture
def port() -> Iterator[int]:
    """Serve a catalogue."""
    server = Server(catalog(PORT="0", DRAIN="0", VERSION="v7", PRICE_LIST="spring"))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_port
    server.drain()


@pytest.mark.parametrize(("method", "path", "code"), [("GET", "/price", 200), ("GET", "/x", 404), ("PUT", "/", 501)])
def test_every_response_names_release_and_price_list(port: int, method: str, path: str, code: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path)
    with connection.getresponse() as response:
        assert (response.status, response.headers["X-Version"], response.headers["X-Config"]) == (code, "v7", "spring")
        assert method != "GET" or json.loads(response.read())


@contextmanager
def start(**variables: str) -> Iterator[subprocess.Popen[str]]:
    """Run the service as a container would; it is gone in the end."""
    command = [sys.executable, "-m", "catalog"]
    environment = {**os.environ, **variables}
    with subprocess.Popen(command, env=environment, cwd=HERE, stderr=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Return once PORT accepts."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail(f"nobody listens on {port}")


def status_of(port: int, path: str) -> int:
    """Ask once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    with connection.getresponse() as response:
        return response.status


def test_sigterm_fails_readyz_answers_what_is_under_way_and_exits_0() -> None:
    port = free_port()
    slow = {"FAULT_LATENCY": "4s", "DRAIN": "3s"}  # on a busy machine, too, all is asked before the listener closes
    with start(PORT=str(port), METRICS_PORT=str(free_port()), **slow) as child:
        wait_for(port)
        price = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        price.request("GET", "/price")
        child.send_signal(signal.SIGTERM)
        while (readiness := status_of(port, "/readyz")) == 200:
            time.sleep(0.02)
        with price.getresponse() as answer:
            assert (readiness, answer.status) == (503, 200)
        assert child.wait(timeout=30) == 0


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        pytest.param({"FAULT_CRASH_AT_START": "true"}, "fault_crash_at_start", id="fault"),
        pytest.param({"PRICE_CENTS": "free"}, "bad configuration", id="number"),
        pytest.param({"FAULT_NEVER_READY": "maybe"}, "bad configuration", id="switch"),
    ],
)
def test_it_ends_with_1_and_says_why(variables: dict[str, str], message: str) -> None:
    with start(**variables) as child:
        _, errors = child.communicate(timeout=30)
    assert child.returncode == 1
    assert message in errors
