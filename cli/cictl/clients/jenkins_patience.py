"""Tells people that a server has not answered for a while: who waits in silence takes cictl for hanging."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOOK_EVERY_SECONDS = 0.5


class Patience:
    """Watches the requests to the Jenkins at URL; safe to use from several threads."""

    def __init__(self, url: str, tell: Callable[[str], None], *, after_seconds: float = 5.0) -> None:
        """TELL is called once AFTER_SECONDS without any answer, and again only where one came in between."""
        self._url, self._tell, self._after_seconds = url, tell, after_seconds
        self._lock = threading.Lock()
        self._waiting: dict[object, tuple[float, float]] = {}  # since and until when, of the monotonic clock
        self._is_told = self._is_watching = False

    @contextmanager
    def waiting(self, seconds: float) -> Iterator[None]:
        """Watch a request that is given up after SECONDS, until the block ends."""
        key, now = object(), time.monotonic()
        with self._lock:
            self._waiting[key] = (now, now + seconds)
            if not self._is_watching:
                self._is_watching = True
                threading.Thread(target=self._watch, daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                del self._waiting[key]
                self._is_told = False

    def _watch(self) -> None:
        """Look now and then until nobody waits."""
        while True:
            time.sleep(min(_LOOK_EVERY_SECONDS, self._after_seconds))
            with self._lock:
                line = self._line(time.monotonic())
                if not self._waiting:
                    self._is_watching = False
                    return
            if line:
                self._tell(line)

    def _line(self, now: float) -> str | None:
        if self._is_told or not self._waiting:
            return None
        since, until = min(self._waiting.values())
        if now - since < self._after_seconds:
            return None
        self._is_told = True
        at = time.strftime("%H:%M:%S", time.localtime(time.time() + until - now))
        return f"Jenkins at {self._url} has not answered for {now - since:.0f} s; waiting until {at} at most"
