"""Looks of a gate beside the driver's loop, one at a time, so that a slow Prometheus never delays a repair."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from cictl.clock import Clock
from cictl.core.release_target import ReleaseTarget
from cictl.core.rollout_state import Phase, RolloutState
from cictl.core.verdict import GateResult

_STALE_SECONDS = 10.0


class Watch(Protocol):
    """One gate during one step."""

    @property
    def every_seconds(self) -> float:
        """How often to look."""

    def look(self, target: ReleaseTarget) -> GateResult:
        """Take one look; telemetry trouble is a verdict, not an exception."""


class Judge(Protocol):
    """Begins to judge a step that began at a time (seconds since the epoch by the API server)."""

    def __call__(self, step_began: float) -> Watch:
        """Return the watch of one step."""


class GateLooks:
    """The newest look since the current step began."""

    def __init__(self, judge: Judge | None, clock: Clock, *, on_look: Callable[[], None]) -> None:
        """Judge by JUDGE (None: never); ON_LOOK is called, in another thread, when a look is done."""
        self._judge, self._clock, self._on_look = judge, clock, on_look
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="gate")
        self._of: tuple[Phase, float] | None = None
        self._watch: Watch | None = None
        self._running: Future[GateResult] | None = None
        self._newest: tuple[float, GateResult] | None = None
        self._next = 0.0
        self._began = 0.0
        self._has_pods = False

    @property
    def is_due(self) -> bool:
        """Whether the first look of this step is still to come, or to end, in reasonable time."""
        if self._watch is None or self._newest is not None:
            return False
        return self._clock.monotonic() - self._began <= 2 * self._watch.every_seconds + _STALE_SECONDS

    def newest(self) -> GateResult | None:
        """Return the newest look; None while there is none, or where it is too old to say how things are now."""
        if self._newest is None or self._watch is None:
            return None
        at, result = self._newest
        fresh = self._clock.monotonic() - at <= 2 * self._watch.every_seconds + _STALE_SECONDS
        return result if fresh else None

    def follow(self, state: RolloutState, target: ReleaseTarget | None) -> None:
        """Begin anew where STATE is of another step, take in a finished look, and begin one when it is time."""
        if self._judge is None:
            return
        if self._of != (state.phase, state.since):
            self._of, self._newest, self._running = (state.phase, state.since), None, None
            self._watch, self._next, self._began = self._judge(state.since), 0.0, self._clock.monotonic()
        if self._running is not None and self._running.done():
            self._newest, self._running = (self._clock.monotonic(), self._running.result()), None
        self._has_pods = target is not None and bool(target.ready_pods)
        if target is not None and self._has_pods and self._is_time():
            self._begin(target)

    def _is_time(self) -> bool:
        return self._running is None and self._clock.monotonic() >= self._next

    def _begin(self, target: ReleaseTarget) -> None:
        if self._watch is None:
            return
        self._next = self._clock.monotonic() + self._watch.every_seconds
        self._running = self._pool.submit(self._watch.look, target)
        self._running.add_done_callback(lambda _done: self._on_look())

    def seconds_to_next(self) -> float | None:
        """Return how long until the next look, None where none is planned, one is under way, or no pod is ready."""
        if self._watch is None or self._running is not None or not self._has_pods:
            return None
        return max(0.05, self._next - self._clock.monotonic())

    def close(self) -> None:
        """Look no more; a look under way ends by its own timeout."""
        self._pool.shutdown(wait=False, cancel_futures=True)
