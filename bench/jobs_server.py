"""`python -m bench.jobs_server`: the fake Jenkins at the latencies of a real one, for clients to be measured at."""

from __future__ import annotations

import base64
import json
import sys
import threading
from pathlib import Path

from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.messages import Request

LATENCY = {"password": 0.055, "token": 0.002}


def serve(record: Path | None) -> None:
    """Serve until stdin ends; print port and token, and RECORD what is asked, one request a line."""
    fake = FakeJenkins(latency=LATENCY)
    if record is not None:
        fake.faults.on_request = _Recorder(record).write
    with fake:
        sys.stdout.write(f"{fake.port} {fake.token}\n")
        sys.stdout.flush()
        sys.stdin.read()


class _Recorder:
    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)
        self._lock = threading.Lock()

    def write(self, _number: int, request: Request) -> None:
        """Note REQUEST so that a bare client can send the same."""
        entry = {
            "method": request.method,
            "target": request.target,
            "type": request.headers.get("content-type", ""),
            "body": base64.b64encode(request.body).decode(),
        }
        with self._lock:
            self._file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    serve(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
