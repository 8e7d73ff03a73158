"""Deployments that count requests which nobody sends: a known rate, error share and latency, for the gate to find."""

from __future__ import annotations

import json
from typing import Any

PROGRAM = """
import os, random, time
from prometheus_client import Counter, Histogram, start_http_server
rate, errors, latency = (float(os.environ[name]) for name in ("RATE", "ERRORS", "LATENCY"))
labels = ["code", "route", "method"]
requests = Counter("http_requests", "Requests.", labels)
seconds = Histogram("http_request_duration_seconds", "Latency.", labels, buckets=(0.01, 0.05, 0.1, 0.3, 0.5, 1, 5))
for code in ("200", "500"):
    requests.labels(code, "/", "GET"), seconds.labels(code, "/", "GET")
if os.environ["SERVES"] == "yes":
    start_http_server(9102)
while True:
    time.sleep(random.expovariate(rate) if rate else 1)
    if rate:
        code = "500" if random.random() < errors else "200"
        requests.labels(code, "/", "GET").inc()
        seconds.labels(code, "/", "GET").observe(latency)
"""


def telemetry_source(
    name: str, image: str, *, rate: float, errors: float = 0.0, latency: float = 0.02, serves: bool = True
) -> str:
    """Return a Deployment of two pods as JSON."""
    environment = {"RATE": rate, "ERRORS": errors, "LATENCY": latency, "SERVES": "yes" if serves else "no"}
    container: dict[str, Any] = {
        "name": "app",
        "image": image,
        "command": ["python3", "-c", PROGRAM],
        "env": [{"name": key, "value": str(value)} for key, value in environment.items()],
        "ports": [{"name": "metrics", "containerPort": 9102}],
    }
    labels = {"app": name, "cictl.dev/metrics": "true"}
    pod = {"containers": [container], "terminationGracePeriodSeconds": 0}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": name}}, "template": template}
    return json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec})
