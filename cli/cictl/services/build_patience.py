"""How long those who watch a build bear with a Jenkins that is away: what runs there goes on without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cictl.clock import Clock, sleep_until
from cictl.core.quantities import format_duration
from cictl.errors import AnswerLost, StartingUp, TimedOut, Unreachable

_T = TypeVar("_T")
AWAY_SECONDS = 300.0
_LOOK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Asks again while Jenkins is away, restarts or starts; tells PROGRESS of it once, and when it is back."""

    clock: Clock
    progress: Callable[[str], None]
    away_seconds: float = AWAY_SECONDS

    def ask(self, question: Callable[[], _T], *, deadline: float | None = None) -> _T:
        """Return the first answer to QUESTION, which changes nothing; the last error once too much time went by.

        DEADLINE is by the clock's monotonic seconds.
        """
        since: float | None = None
        while True:
            try:
                answer = question()
            except AnswerLost:
                raise
            except (Unreachable, TimedOut) as problem:
                now = self.clock.monotonic()
                if since is None:
                    since = now
                    self.progress(f"{_how(problem)}; what was started there goes on")
                end = since + self.away_seconds if deadline is None else min(since + self.away_seconds, deadline)
                if now >= end:
                    raise
            else:
                if since is not None:
                    self.progress(
                        f"Jenkins answers again, after {format_duration(round(self.clock.monotonic() - since))}"
                    )
                return answer
            sleep_until(end, self.clock, at_most=_LOOK_AGAIN_SECONDS)


def _how(problem: Unreachable | TimedOut) -> str:
    return "Jenkins is starting or restarting" if isinstance(problem, StartingUp) else f"waiting: {problem.message}"
