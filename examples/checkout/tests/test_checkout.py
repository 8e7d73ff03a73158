"""Checkout over HTTP, with a catalogue of the test's own."""

from __future__ import annotations

import http.client
import http.server
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

from checkout.server import Server
from checkout.settings import Settings, SettingsError, load, parse, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parents[1]
ALONE = Settings(port=0, catalog_url="builtin", drain=0.0, version="v1", greeting="hi")


class Response:
    """What a client sees."""

    def __init__(self, raw: http.client.HTTPResponse) -> None:
        """Read RAW to its end."""
        self.code = raw.status
        self.headers = raw.headers
        self.text = raw.read().decode()


def get(port: int, path: str, method: str = "GET") -> Response:
    """Ask PATH on loopback."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path)
    return Response(connection.getresponse())


@contextmanager
def running(settings: Settings, registry: CollectorRegistry | None = None) -> Iterator[Server]:
    """Serve SETTINGS."""
    server = Server(settings, registry or CollectorRegistry())
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.drain()


@pytest.fixture
def catalog() -> Iterator[str]:
    """Run a catalogue that names one price."""

    class Catalog(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/price" else 500)
            self.send_header("X-Config", "spring")
            self.send_header("X-Version", "c1")
            self.end_headers()
            self.wfile.write(b'{"price_cents": 250}')

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Catalog)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def registry() -> CollectorRegistry:
    """Keep the metrics of one test apart."""
    return CollectorRegistry()


def requests_total(registry: CollectorRegistry, code: int, route: str) -> float | None:
    """Value of the counter, None while it has no such series."""
    labels = {"code": str(code), "route": route, "method": "GET"}
    return registry.get_sample_value("http_requests_total", labels)


def test_orders_at_the_price_of_the_catalog(catalog: str) -> None:
    with running(Settings(port=0, drain=0.0, catalog_url=catalog)) as server:
        answer = get(server.server_port, "/checkout")
    assert answer.code == 200
    assert json.loads(answer.text) == {
        "greeting": "hello",
        "cents": 250,
        "price_list": "spring",
        "catalog_version": "c1",
    }


def test_a_catalog_that_is_away_is_a_502(registry: CollectorRegistry) -> None:
    with running(Settings(port=0, drain=0.0, catalog_url="http://127.0.0.1:1"), registry) as server:
        answer = get(server.server_port, "/checkout")
        assert answer.code == 502
        assert "catalog at http://127.0.0.1:1" in answer.text
        assert requests_total(registry, 502, "/checkout") == 1


@pytest.mark.parametrize(
    ("path", "code"),
    [("/", 200), ("/checkout", 200), ("/healthz", 200), ("/readyz", 200), ("/nothing", 404)],
)
def test_every_response_names_release_and_configuration(path: str, code: int) -> None:
    with running(ALONE) as server:
        answer = get(server.server_port, path)
    assert (answer.code, answer.headers["X-Version"], answer.headers["X-Config"]) == (code, "v1", "hi")


def test_an_unknown_method_names_them_too() -> None:
    with running(ALONE) as server:
        answer = get(server.server_port, "/checkout", method="DELETE")
    assert (answer.code, answer.headers["X-Version"]) == (501, "v1")


def test_series_exist_before_the_first_request_and_probes_make_none(registry: CollectorRegistry) -> None:
    with running(ALONE, registry) as server:
        assert requests_total(registry, 500, "/checkout") == 0
        get(server.server_port, "/readyz")
        get(server.server_port, "/checkout")
        assert requests_total(registry, 200, "/checkout") == 1
        assert requests_total(registry, 200, "/readyz") is None


def test_the_300_ms_bound_exists(registry: CollectorRegistry) -> None:
    with running(ALONE, registry):
        labels = {"code": "200", "route": "/checkout", "le": "0.3"}
        assert registry.get_sample_value("http_request_duration_seconds_bucket", labels) == 0


def test_faults_fail_the_order_but_not_the_probes() -> None:
    with running(Settings(port=0, drain=0.0, catalog_url="builtin", fault_error_rate=1.0)) as server:
        codes = {path: get(server.server_port, path).code for path in ("/checkout", "/", "/healthz", "/readyz")}
    assert codes == {"/checkout": 500, "/": 200, "/healthz": 200, "/readyz": 200}


def test_latency_is_added_to_the_order_only() -> None:
    with running(Settings(port=0, drain=0.0, catalog_url="builtin", fault_latency=0.2)) as server:
        start = time.monotonic()
        get(server.server_port, "/healthz")
        middle = time.monotonic()
        get(server.server_port, "/checkout")
        assert time.monotonic() - middle >= 0.2 > middle - start


def test_never_ready_is_alive() -> None:
    with running(Settings(port=0, drain=0.0, fault_never_ready=True)) as server:
        assert get(server.server_port, "/readyz").code == 503
        assert get(server.server_port, "/healthz").code == 200


def test_the_environment_wins_and_an_empty_variable_is_absent(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text('# comment\ngreeting: "from the file"\ncatalog_url: http://a:1\nfault_latency: 250ms\n')
    settings = load({"CONFIG_FILE": str(file), "GREETING": "from outside", "FAULT_LATENCY": ""})
    assert settings == Settings(greeting="from outside", catalog_url="http://a:1", fault_latency=0.25)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        pytest.param({"FAULT_ERROR_RATE": "2"}, "fault_error_rate: '2' is not between 0 and 1", id="share"),
        pytest.param({"FAULT_NEVER_READY": "maybe"}, "neither true nor false", id="switch"),
        pytest.param({"FAULT_LATENCY": "-1s"}, "fault_latency: '-1s' is not between", id="seconds"),
        pytest.param({"GREETING": "grüß"}, "not printable ASCII", id="header"),
        pytest.param({"PORT": "http"}, "port", id="number"),
    ],
)
def test_a_value_that_cannot_be_is_named(variables: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load(variables)


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("greting: hi\n")
    with pytest.raises(SettingsError, match="unknown key 'greting'"):
        load({"CONFIG_FILE": str(file)})


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load({"CONFIG_FILE": str(tmp_path / "none.yaml")})


def test_seconds_and_lines() -> None:
    assert [seconds(text) for text in ("250ms", "1.5s", "2")] == [0.25, 1.5, 2.0]
    assert parse("a: b:c\n\n # x\nd: 'e'") == {"a": "b:c", "d": "e"}


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(**variables: str) -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    """Run the service as a container would; its ports come with it."""
    port, metrics_port = free_port(), free_port()
    environment = {**os.environ, "PORT": str(port), "METRICS_PORT": str(metrics_port), **variables}
    command = [sys.executable, "-m", "checkout"]
    with subprocess.Popen(command, env=environment, cwd=HERE, stderr=subprocess.PIPE, text=True) as child:
        try:
            yield child, port, metrics_port
        finally:
            child.kill()


def test_sigterm_answers_what_is_under_way_and_exits_0() -> None:
    with process(CATALOG_URL="builtin", FAULT_LATENCY="4", DRAIN="3") as (child, port, metrics_port):
        assert child.stderr is not None
        assert "listens" in child.stderr.readline()
        assert 'http_requests_total{code="500"' in get(metrics_port, "/metrics").text
        codes: list[int] = []
        client = threading.Thread(target=lambda: codes.append(get(port, "/checkout").code))
        client.start()
        time.sleep(0.2)
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=30) == 0
        client.join()
    assert codes == [200]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"FAULT_CRASH_AT_START": "true"}, "fault_crash_at_start"),
        ({"FAULT_ERROR_RATE": "lots"}, "fault_error_rate"),
    ],
)
def test_it_ends_with_1_and_says_why(variables: dict[str, str], message: str) -> None:
    with process(**variables) as (child, _, _):
        assert child.wait(timeout=30) == 1
        assert child.stderr is not None
        assert message in child.stderr.read()
