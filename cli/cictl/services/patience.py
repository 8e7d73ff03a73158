"""How long a driver bears with an API server that is away, or with writes that others keep overtaking."""

from __future__ import annotations

from typing import NoReturn

from cictl.clock import Clock
from cictl.errors import CictlError, Unreachable
from cictl.services.driver_tools import Live

_LOOK_AGAIN_SECONDS = 1.0
_MAX_UNREACHABLE_SECONDS = 300.0
MAX_CONFLICTS = 30
_AT_ONCE = 3  # conflicts that are answered without a pause: an autoscaler at work
_FIRST_PAUSE_SECONDS = 0.05


class Patience:
    """Counts what went wrong in a row."""

    def __init__(self, live: Live, clock: Clock, *, deadline_seconds: float) -> None:
        """Beyond the step's DEADLINE_SECONDS nothing but an abort would be left to do, so nothing is borne longer."""
        self._live, self._clock = live, clock
        self._limit_seconds = min(_MAX_UNREACHABLE_SECONDS, deadline_seconds)
        self._trouble_since: float | None = None
        self._blind_since: float | None = None
        self._conflicts = 0

    @property
    def is_blind(self) -> bool:
        """Whether what is seen may be old."""
        return self._blind_since is not None

    def restore(self) -> None:
        """Take notice that a turn went well."""
        self._trouble_since, self._conflicts = None, 0

    def check_watches(self) -> None:
        """Give up where what is seen has been old for too long: the rollout stays held, and any driver can go on."""
        problem, now = self._live.trouble(), self._clock.monotonic()
        if problem is None:
            self._blind_since = None
        elif self._blind_since is None:
            self._blind_since = now
        elif now - self._blind_since > self._limit_seconds:
            _give_up(problem)

    def bear(self, problem: CictlError) -> None:
        """Read everything again, since a write may have been done, or the object has moved; give up in the end."""
        now = self._clock.monotonic()
        self._conflicts += 1
        if self._trouble_since is None:
            self._trouble_since = now
        is_over = now - self._trouble_since > self._limit_seconds
        if is_over or (self._conflicts > MAX_CONFLICTS and not isinstance(problem, Unreachable)):
            _give_up(problem)
        if self._conflicts > _AT_ONCE:
            self._clock.sleep(min(_LOOK_AGAIN_SECONDS, _FIRST_PAUSE_SECONDS * self._conflicts))
        try:
            self._live.refresh()
        except Unreachable:
            self._clock.sleep(_LOOK_AGAIN_SECONDS)


def _give_up(problem: CictlError) -> NoReturn:
    if not isinstance(problem, Unreachable):
        raise problem
    hint = "the rollout stays as it is; once the API server answers, go on with 'cictl rollout resume'"
    raise Unreachable(problem.message, hint=hint) from problem
