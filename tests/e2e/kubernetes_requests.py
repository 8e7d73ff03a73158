"""Requests to the API server as a proxy sees them, and traps that catch chosen ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from tests.e2e.support.program import PATIENCE_SECONDS, Running
from tests.running import eventually

STATE = "/metadata/labels/cictl.dev~1"
_READS = {"GET", "HEAD"}


@dataclass
class Request:
    """One request; `status` is what the API server said, None while it has not been asked, or not answered."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    at: float = field(default_factory=time.time)
    status: int | None = None

    @property
    def is_write(self) -> bool:
        """Whether it changes something."""
        return self.method not in _READS and "dryRun" not in self.query and not self.path.endswith("accessreviews")

    @property
    def kind(self) -> str:
        """The plural in the path, such as "deployments"."""
        parts = self.path.split("/")
        after = parts.index("namespaces") + 2 if "namespaces" in parts else len(parts) - 1
        return parts[after] if after < len(parts) else "namespaces"

    @property
    def operations(self) -> list[dict[str, Any]]:
        """The operations of a JSON Patch; none where it is something else."""
        return [each for each in self.body if isinstance(each, dict)] if isinstance(self.body, list) else []

    def sets(self, path: str) -> object:
        """Return the value that a JSON Patch sets at PATH, None where it does not."""
        found = (each.get("value") for each in self.operations if each["op"] != "test" and each["path"] == path)
        return next(found, None)

    def tests(self, path: str) -> object:
        """Return the value that a JSON Patch depends on at PATH, None where it does not."""
        found = (each.get("value") for each in self.operations if each["op"] == "test" and each["path"] == path)
        return next(found, None)

    @property
    def phase(self) -> object:
        """The phase that it writes."""
        return self.sets(f"{STATE}phase")


Match = Callable[[Request], bool]


def writes(kind: str, *, method: str = "", phase: str = "", sets: str = "", name: str = "") -> Match:
    """Return what matches a write of KIND: by METHOD, the PHASE that it leads to, a path it SETS, the object's NAME."""

    def matches(request: Request) -> bool:
        return (
            request.is_write
            and request.kind == kind
            and method in {"", request.method}
            and phase in {"", request.phase}
            and (not sets or request.sets(sets) is not None)
            and (not name or request.path.endswith(f"/{name}"))
        )

    return matches


class Fate(Enum):
    """What becomes of a request."""

    FORWARD = auto()
    LOSE_REQUEST = auto()  # the API server never sees it
    LOSE_ANSWER = auto()  # the API server acts, and nobody hears of it


@dataclass
class Trap:
    """Catches the next COUNT requests that match, after SKIP others; a held one waits for `let` or `lose`.

    Who waits for a held one's answer in vain may send it once more: until `let` or `lose` that is held, too.
    """

    matches: Match
    fate: Fate | None  # None: hold
    count: int = 1
    skip: int = 0
    caught: list[Request] = field(default_factory=list)
    _seen: int = 0
    _arrived: threading.Event = field(default_factory=threading.Event)
    _decided: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, request: Request) -> bool:
        """Whether REQUEST is caught here."""
        if not self.matches(request):
            return False
        with self._lock:
            self._seen += 1
            is_again = self.fate is None and bool(self.caught)
            if not is_again and not self.skip < self._seen <= self.skip + self.count:
                return False
            self.caught.append(request)
        self._arrived.set()
        return True

    def decide(self) -> Fate:
        """Return what becomes of a caught request, once that is known."""
        if self.fate is None:
            self._decided.wait(PATIENCE_SECONDS)
        return self.fate or Fate.LOSE_REQUEST

    def wait(self, *, while_running: Running) -> Request:
        """Return the first request that was caught, once there is one; a driver that ends before it is shown."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._arrived.wait(0.1):
            there = while_running.is_running and time.monotonic() < deadline
            assert there, f"no such request came\n{while_running.stdout}\n{while_running.stderr}"
        return self.caught[0]

    def let(self) -> int:
        """Let the held request go on to the API server; return the status that it answered."""
        self.fate = Fate.FORWARD
        self._decided.set()
        status = eventually(
            lambda: self.caught[0].status, seconds=PATIENCE_SECONDS, what="the API server has not answered"
        )
        assert status is not None
        return status

    def lose(self) -> None:
        """Let the API server never see the held request."""
        self.fate = Fate.LOSE_REQUEST
        self._decided.set()
