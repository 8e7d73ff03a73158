"""Waits until a Jenkins serves: while it is away, while it starts, and through a restart; it starts nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cictl.clock import Clock, sleep_until
from cictl.core.jenkins_server import Pulse
from cictl.core.quantities import format_duration
from cictl.errors import CictlError, StartingUp, TimedOut, Unreachable

_EVERY_SECONDS = 1.0
_TELL_EVERY_SECONDS = 10.0


class Server(Protocol):
    """What can be asked whether it serves."""

    @property
    def url(self) -> str:
        """Its address."""

    def pulse(self) -> Pulse:
        """Ask once: Unreachable if nothing answers, StartingUp while it starts or restarts."""


@dataclass(frozen=True, slots=True)
class JenkinsWaiting:
    """Waits for SERVER, and tells PROGRESS how it is when that changes, and every ten seconds."""

    server: Server
    clock: Clock
    progress: Callable[[str], None]

    def until_ready(self, timeout_seconds: float) -> Pulse:
        """Return its first good answer; TimedOut, with how it was at last, after TIMEOUT_SECONDS."""
        return self._until(lambda _: True, timeout_seconds)

    def until_restarted(self, before: Pulse, timeout_seconds: float) -> Pulse:
        """Return the first good answer of a process other than the one that gave BEFORE.

        A restart that waits for builds to end answers well until then. Where a proxy drops the header that tells one
        process from the next, the first good answer after a bad one is the sign.
        """
        return self._until(lambda pulse: bool(before.session) and pulse.session != before.session, timeout_seconds)

    def _until(self, is_it: Callable[[Pulse], bool], timeout_seconds: float) -> Pulse:
        deadline = self.clock.monotonic() + timeout_seconds
        teller = _Teller(self)
        was_away = False
        while True:
            how, error = "it has not restarted yet", None
            try:
                pulse = self.server.pulse()
            except (Unreachable, TimedOut) as problem:
                was_away, error = True, problem
                how = "it is starting or restarting" if isinstance(problem, StartingUp) else "nothing answers"
            else:
                if is_it(pulse) or (was_away and not pulse.session):
                    return pulse
            if self.clock.monotonic() >= deadline:
                raise self._late(how, timeout_seconds, error) from error
            teller.tell(how)
            sleep_until(deadline, self.clock, at_most=_EVERY_SECONDS)

    def _late(self, how: str, timeout_seconds: float, error: CictlError | None) -> CictlError:
        waited = format_duration(timeout_seconds)
        hint = "look into its log; --timeout lets it have longer"
        if isinstance(error, Unreachable) and not isinstance(error, StartingUp):
            return TimedOut(f"{error.message}, for {waited}", hint=f"{error.hint}; else {hint}" if error.hint else hint)
        return TimedOut(f"Jenkins at {self.server.url} was not ready within {waited}: {how}", hint=hint)


class _Teller:
    def __init__(self, waiting: JenkinsWaiting) -> None:
        self._waiting = waiting
        self._began = waiting.clock.monotonic()
        self._told: str | None = None
        self._told_at = self._began

    def tell(self, how: str) -> None:
        now = self._waiting.clock.monotonic()
        if how == self._told and now - self._told_at < _TELL_EVERY_SECONDS:
            return
        self._told, self._told_at = how, now
        waited = f", {format_duration(round(now - self._began))} so far" if now - self._began >= 1 else ""
        self._waiting.progress(f"waiting for Jenkins at {self._waiting.server.url}: {how}{waited}")
