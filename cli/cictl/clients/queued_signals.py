"""Has signals wait their turn among what is read from a queue, so that none cuts short what is being taken in."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import cast

_Handler = Callable[[int, FrameType | None], object]
_STOPPING: tuple[int, ...] = (signal.SIGINT, signal.SIGTERM)


class QueuedSignals:
    """What asks this process to stop; PUT, which must be reentrant, takes a signal's number.

    One is raised at once where it IS DIRECT, as where a person is asked, and where the last was not taken yet: who
    should take it may be hanging.
    """

    def __init__(self, put: Callable[[int], object]) -> None:
        """Nothing is caught yet."""
        self._put = put
        self._handlers: dict[int, _Handler] = {}
        self._is_waiting = False
        self.is_direct = False

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Catch signals in this block; only the main thread can, and only what is not ignored."""
        if threading.current_thread() is threading.main_thread():
            for number in _STOPPING:
                if callable(handler := signal.getsignal(number)):
                    self._handlers[number] = cast("_Handler", handler)
                    signal.signal(number, self._catch)
        try:
            yield
        finally:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)

    def raise_taken(self, number: int) -> None:
        """Do what signal NUMBER, which was put and is taken now, would have done when it came."""
        self._is_waiting = False
        self._handlers[number](number, None)

    def _catch(self, number: int, frame: FrameType | None) -> None:
        if self.is_direct or self._is_waiting:
            self._handlers[number](number, frame)
        else:
            self._is_waiting = True
            self._put(number)
