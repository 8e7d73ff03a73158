"""The catalogue of the shop: names the price of an order, from the price list in its configuration."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, start_http_server

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULTS = {
    "version": "dev",
    "price_list": "standard",
    "price_cents": "1200",
    "port": "8080",
    "metrics_port": "9102",
    "drain": "0.5s",
    "fault_error_rate": "0",
    "fault_latency": "0s",
    "fault_crash_at_start": "false",
    "fault_never_ready": "false",
}
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0)


class Config:
    """The mounted file's `key: value` lines, under the environment, which wins; each key is read once, at the start."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Read and convert everything, so that a bad value ends the process and not a request."""
        values = {**DEFAULTS, **read_file(Path(environment.get("CONFIG_FILE") or "/etc/app/config.yaml"))}
        if unknown := values.keys() - DEFAULTS:
            message = f"unknown keys {sorted(unknown)}; known are {', '.join(DEFAULTS)}"
            raise ValueError(message)
        values |= {key: environment[key.upper()] for key in DEFAULTS if environment.get(key.upper())}
        self.version, self.price_list = header_text(values["version"]), header_text(values["price_list"])
        self.price_cents = int(values["price_cents"])
        self.port, self.metrics_port = int(values["port"]), int(values["metrics_port"])
        self.drain = to_seconds(values["drain"])
        self.error_rate = float(values["fault_error_rate"])
        self.latency = to_seconds(values["fault_latency"])
        self.crash_at_start = is_true(values["fault_crash_at_start"])
        self.never_ready = is_true(values["fault_never_ready"])


def read_file(path: Path) -> dict[str, str]:
    """Take the `key: value` lines of PATH; without a file, the defaults and the environment say it all."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    pairs = [line.split(":", 1) for line in lines if line.strip() and not line.startswith("#")]
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}


def header_text(text: str) -> str:
    """Refuse what cannot stand in a response header."""
    if not (text.isascii() and text.isprintable()):
        message = f"{text!r} is not printable ASCII"
        raise ValueError(message)
    return text


def to_seconds(text: str) -> float:
    """Read `250ms`, `1.5s`, or a bare number of seconds."""
    return float(text[:-2]) / 1000 if text.endswith("ms") else float(text.removesuffix("s"))


def is_true(text: str) -> bool:
    """Read true or false, and nothing else."""
    return {"true": True, "1": True, "false": False, "0": False}[text.lower()]


@dataclass
class Catalog:
    """What the service knows and does, without HTTP."""

    config: Config
    registry: CollectorRegistry
    is_ready: bool = field(init=False)

    def __post_init__(self) -> None:
        """Make every series at zero, so that the first error is an increase."""
        self.is_ready = not self.config.never_ready
        self._requests = Counter(
            "http_requests_total", "Requests answered.", ("code", "route", "method"), registry=self.registry
        )
        self._seconds = Histogram(
            "http_request_duration_seconds", "Time to answer.", ("route",), buckets=BUCKETS, registry=self.registry
        )
        for code, route in (("200", "/price"), ("500", "/price"), ("200", "/"), ("404", "other")):
            self._requests.labels(code=code, route=route, method="GET")
            self._seconds.labels(route=route)

    def get(self, path: str) -> tuple[int, dict[str, object]]:
        """Answer PATH: probes at once, the rest measured."""
        if path == "/healthz":
            return 200, {"alive": True}
        if path == "/readyz":
            return (200 if self.is_ready else 503), {"ready": self.is_ready}
        route = path if path in ("/", "/price") else "other"
        with self._seconds.labels(route=route).time():
            code, body = self.work(route)
        self._requests.labels(code=str(code), route=route, method="GET").inc()
        return code, body

    def work(self, route: str) -> tuple[int, dict[str, object]]:
        """Do what the service is for; faults only touch the price."""
        if route == "other":
            return 404, {"error": "no such route"}
        if route == "/":
            return 200, {"service": "catalog", "price_list": self.config.price_list}
        time.sleep(self.config.latency)
        if random.random() < self.config.error_rate:  # noqa: S311 - a fault, not a secret
            return 500, {"error": "fault_error_rate"}
        return 200, {"price_list": self.config.price_list, "price_cents": self.config.price_cents}


class Handler(BaseHTTPRequestHandler):
    """One request per connection, so that each finds any pod, and the end need not wait for idle ones."""

    protocol_version = "HTTP/1.1"
    timeout = 5
    wbufsize = -1  # head and body in one packet
    server: Server

    def do_GET(self) -> None:
        """Answer in JSON."""
        code, body = self.server.catalog.get(self.path.partition("?")[0])
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def end_headers(self) -> None:
        """Name release and configuration in every response."""
        self.send_header("X-Version", self.server.catalog.config.version)
        self.send_header("X-Config", self.server.catalog.config.price_list)
        self.send_header("Connection", "close")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet: the metrics say it."""


class Server(ThreadingHTTPServer):
    """Joins its threads when closed, so that what is under way is answered."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, catalog: Catalog) -> None:
        """Listen for CATALOG."""
        super().__init__(("", catalog.config.port), Handler)
        self.catalog = catalog

    def drain(self) -> None:
        """Fail /readyz, go on for a moment, then close."""
        self.catalog.is_ready = False
        time.sleep(self.catalog.config.drain)
        self.shutdown()
        self.server_close()


def main() -> None:
    """Serve until SIGTERM."""
    try:
        config = Config()
    except (ValueError, KeyError) as error:
        sys.exit(f"catalog: bad configuration: {error}")
    if config.crash_at_start:
        sys.exit("catalog: fault_crash_at_start")
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # none is lost that comes before it is waited for
    server = Server(Catalog(config, REGISTRY))
    start_http_server(config.metrics_port)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    signal.sigwait(ends)
    server.drain()


if __name__ == "__main__":
    main()
