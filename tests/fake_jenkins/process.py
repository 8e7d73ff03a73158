"""Jenkins' process: starting, restarting, gone for a while. Counted in requests, so that tests need not wait."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fake_jenkins.connections import Listener

if TYPE_CHECKING:
    from tests.fake_jenkins.server import FakeJenkins

_LONGEST_SECONDS = 60.0


@dataclass(slots=True)
class RestartPlan:
    """How a restart goes: 503 "Restarting", then connection refused, then 503 "Starting"."""

    restarting_requests: int = 2
    down_seconds: float = 0.05
    starting_requests: int = 2


class Process:
    """Hold the listener, and what of its life a request sees."""

    def __init__(self, fake: FakeJenkins, port: int) -> None:
        self._fake = fake
        self.plan = RestartPlan()
        self.listener = Listener(port, fake)
        self.port = int(self.listener.server_address[1])
        self.phase: str | None = None  # "starting" or "restarting": every request is a 503
        self._left = 0
        self._lock = threading.Lock()
        self._stopped = False
        self._is_up = threading.Event()
        self._is_down = threading.Event()

    def wait_down(self) -> None:
        """Wait until nobody listens."""
        assert self._is_down.wait(_LONGEST_SECONDS)

    def wait_up(self) -> None:
        """Wait until somebody listens again."""
        assert self._is_up.wait(_LONGEST_SECONDS)

    def serve(self) -> None:
        listener = self.listener
        threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self._stopped = True
        self._close()

    def _close(self) -> None:
        self.listener.shutdown()
        self.listener.server_close()
        self.listener.drop_all()

    def begin_starting(self, requests: int) -> None:
        """Answer 503 "Starting Jenkins" to so many requests."""
        self._enter("starting", requests)

    def begin_restart(self) -> None:
        self._enter("restarting", self.plan.restarting_requests)

    def _enter(self, phase: str | None, requests: int) -> None:
        with self._lock:
            self.phase, self._left = phase, requests
        if phase is not None and requests == 0:
            self._next(phase)

    def look(self) -> str | None:
        """Return the phase that a request finds, and go on to the next after the last of it."""
        with self._lock:
            phase = self.phase
            if phase is None:
                return None
            self._left -= 1
            is_last = self._left == 0
        if is_last:
            self._next(phase)
        return phase

    def _next(self, phase: str) -> None:
        if phase == "starting":
            self._enter(None, 0)
        else:
            threading.Thread(target=self._go_down, daemon=True).start()

    def _go_down(self) -> None:
        self.listener.shutdown()
        self.listener.wait_answered()  # the last answer goes out first
        self._close()
        down = Listener(self.port, self._fake, is_up=False)  # nobody else takes the port
        self._is_down.set()
        self._fake.after_restart()
        time.sleep(self.plan.down_seconds)
        if self._stopped:
            down.server_close()
        else:
            self._enter("starting", self.plan.starting_requests)
            self.listener = down
            down.server_activate()
            self.serve()
            self._is_up.set()
