"""Send what is due, whatever became of what was sent before."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from lab.load.exchange import Answer, exchange
from lab.load.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.load.arrivals import Plan
    from lab.load.target import Target

MOST_IN_FLIGHT = 1_000
NOT_SENT = Answer(error="not-sent")  # too many unanswered: recorded, or an outage would end in a lack of files


class Generator:
    """One run: RECORD is called once per request, in the order of answers."""

    def __init__(self, target: Target, plan: Plan, record: Callable[[Record], None], *, timeout_seconds: float) -> None:
        """Keep what to send, when, and where the records go."""
        self._target = target
        self._plan = plan
        self._record = record
        self._timeout_seconds = timeout_seconds
        self._in_flight: set[asyncio.Task[None]] = set()
        self._stopped = asyncio.Event()
        self._wall_offset = time.time() - time.monotonic()

    def stop(self) -> None:
        """Send no more; what is under way is still waited for."""
        self._stopped.set()

    async def run(self) -> None:
        """Send until the plan or `stop` ends it, then wait for the answers still out."""
        start = time.monotonic()
        for due in self._plan.arrivals():
            await self._wait_until(start + due)
            if self._stopped.is_set():
                break
            self._launch(start + due)
        await asyncio.gather(*self._in_flight)

    async def _wait_until(self, when: float) -> None:
        """Return at WHEN, or as soon as it is stopped; also lets answers in when it is late."""
        left = when - time.monotonic()
        if left <= 0:
            await asyncio.sleep(0)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), left)

    def _launch(self, scheduled: float) -> None:
        """Start one request without waiting for it."""
        if len(self._in_flight) >= MOST_IN_FLIGHT:
            self._keep(scheduled, time.monotonic(), NOT_SENT)
            return
        task = asyncio.create_task(self._one(scheduled))
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)

    async def _one(self, scheduled: float) -> None:
        sent = time.monotonic()
        self._keep(scheduled, sent, await exchange(self._target, self._timeout_seconds))

    def _keep(self, scheduled: float, sent: float, answer: Answer) -> None:
        """Latency counts from when the request was due: a late sender must not hide a slow server."""
        self._record(
            Record(
                scheduled=scheduled + self._wall_offset,
                sent=sent + self._wall_offset,
                latency=time.monotonic() - scheduled,
                status=answer.status,
                error=answer.error,
                version=answer.version,
                config=answer.config,
            )
        )
