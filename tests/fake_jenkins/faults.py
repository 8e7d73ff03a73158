"""What goes wrong when a test says so: dropped connections, answers instead of Jenkins' own, hooks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fake_jenkins.messages import Request, Response

_COUNTING = threading.Lock()
Predicate = Callable[[Request], bool]


def any_request(_: Request) -> bool:
    return True


@dataclass(slots=True)
class _Fault:
    matches: Predicate
    nth: int
    times: int
    seen: int = 0

    def strikes(self, request: Request) -> bool:
        if not self.matches(request):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


@dataclass(slots=True)
class Faults:
    """Faults by request; `nth` counts from 1 among those that match, `times` how many in a row are struck."""

    on_request: Callable[[int, Request], None] | None = None
    on_answer: Callable[[int, Request], None] | None = None
    _before: list[_Fault] = field(default_factory=list)
    _after: list[_Fault] = field(default_factory=list)
    _instead: list[tuple[_Fault, Response]] = field(default_factory=list)

    def drop_before(self, matches: Predicate = any_request, *, nth: int = 1, times: int = 1) -> None:
        """Drop the connection before Jenkins acts."""
        self._before.append(_Fault(matches, nth, times))

    def drop_after(self, matches: Predicate = any_request, *, nth: int = 1, times: int = 1) -> None:
        """Drop the connection after Jenkins acted, so that its answer is lost."""
        self._after.append(_Fault(matches, nth, times))

    def answer_instead(
        self, response: Response, matches: Predicate = any_request, *, nth: int = 1, times: int = 1
    ) -> None:
        """Answer something else; Jenkins does not act."""
        self._instead.append((_Fault(matches, nth, times), response))

    def clear(self) -> None:
        self._before.clear()
        self._after.clear()
        self._instead.clear()

    def drops_before(self, request: Request) -> bool:
        if self.on_request is not None:
            self.on_request(request.number, request)
        return _struck(self._before, request)

    def drops_after(self, request: Request) -> bool:
        if self.on_answer is not None:
            self.on_answer(request.number, request)
        return _struck(self._after, request)

    def instead(self, request: Request) -> Response | None:
        with _COUNTING:
            struck = [response for fault, response in self._instead if fault.strikes(request)]
        return struck[0] if struck else None


def _struck(faults: list[_Fault], request: Request) -> bool:
    """Ask every fault, so that each counts the request; one request at a time."""
    with _COUNTING:
        strikes = [fault.strikes(request) for fault in faults]
    return any(strikes)
