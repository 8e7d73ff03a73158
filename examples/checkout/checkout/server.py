"""HTTP: routes, probes, metrics, and an end that loses no request."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, Counter, Histogram

from checkout.prices import BUILTIN_PRICE, CatalogUnavailable, Price, fetch_price
from checkout.settings import BUILTIN, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0)
CODES = {"/": (200,), "/checkout": (200, 500, 502), "other": (404,)}


@dataclass(frozen=True)
class Answer:
    """A status and what stands in the JSON body."""

    code: int
    body: Mapping[str, object]


class Metrics:
    """Requests and their seconds; probes are left out, or they would dilute the share of errors."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Start every series at zero: a first error that makes its own series is an increase nobody sees."""
        names = ("code", "route", "method")
        self._requests = Counter("http_requests_total", "Requests answered.", names, registry=registry)
        self._seconds = Histogram(
            "http_request_duration_seconds", "Time to answer.", ("code", "route"), buckets=BUCKETS, registry=registry
        )
        for route, code in [(route, code) for route, codes in CODES.items() for code in codes]:
            self._requests.labels(code=str(code), route=route, method="GET")
            self._seconds.labels(code=str(code), route=route)

    def count(self, route: str, code: int, seconds: float) -> None:
        """Record one answer."""
        label = route if route in CODES else "other"
        self._requests.labels(code=str(code), route=label, method="GET").inc()
        self._seconds.labels(code=str(code), route=label).observe(seconds)


class Server(ThreadingHTTPServer):
    """Threads are joined when it closes, so that requests under way are answered."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, settings: Settings, registry: CollectorRegistry) -> None:
        """Listen, ready to serve."""
        super().__init__(("", settings.port), Handler)
        self.settings = settings
        self.metrics = Metrics(registry)
        self.ready = not settings.fault_never_ready

    def drain(self) -> None:
        """Fail /readyz first, then stop listening and wait for the requests under way."""
        self.ready = False
        time.sleep(self.settings.drain)
        self.shutdown()
        self.server_close()

    def answer(self, route: str) -> Answer:
        """Decide what ROUTE gets."""
        if route == "/":
            return Answer(200, {"service": "checkout", "greeting": self.settings.greeting})
        if route == "/checkout":
            return self.checkout()
        return Answer(404, {"error": f"no route {route}"})

    def checkout(self) -> Answer:
        """Place an order at the catalogue's price."""
        time.sleep(self.settings.fault_latency)
        if random.random() < self.settings.fault_error_rate:  # noqa: S311 - a fault, not a secret
            return Answer(500, {"error": "fault_error_rate"})
        try:
            price = self.price()
        except CatalogUnavailable as error:
            return Answer(502, {"error": str(error)})
        return Answer(200, {"greeting": self.settings.greeting, **vars(price)})

    def price(self) -> Price:
        """Ask the catalogue, unless it runs alone."""
        if self.settings.catalog_url == BUILTIN:
            return BUILTIN_PRICE
        return fetch_price(self.settings.catalog_url, self.settings.catalog_timeout)


class Handler(BaseHTTPRequestHandler):
    """One request per connection: Kubernetes spreads connections, so a kept one would stay with one release."""

    protocol_version = "HTTP/1.1"
    timeout = 5  # a connection that sends nothing may not hold up the end
    wbufsize = -1  # head and body in one packet
    server: Server

    def do_GET(self) -> None:
        """Answer; probes are neither measured nor touched by faults."""
        route = urlsplit(self.path).path
        if route == "/healthz":
            self.send(Answer(200, {"alive": True}))
        elif route == "/readyz":
            self.send(Answer(200 if self.server.ready else 503, {"ready": self.server.ready}))
        else:
            self.send(self.measured(route))

    def measured(self, route: str) -> Answer:
        """Count and time the answer, before the client has it."""
        start = time.monotonic()
        answer = self.server.answer(route)
        self.server.metrics.count(route, answer.code, time.monotonic() - start)
        return answer

    def send(self, answer: Answer) -> None:
        """Write ANSWER as JSON."""
        body = json.dumps(answer.body).encode() + b"\n"
        self.send_response(answer.code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        """Say in every response which release and configuration gave it."""
        self.send_header("X-Version", self.server.settings.version)
        self.send_header("X-Config", self.server.settings.greeting)
        self.send_header("Connection", "close")
        super().end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log failures only: a line per request is what the metrics are for."""
        if str(code).startswith("5") and not self.path.startswith("/readyz"):
            super().log_request(code, size)
