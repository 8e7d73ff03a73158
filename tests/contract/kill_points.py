"""Where a run is killed: before and after each kind of request, and each write; between two reads nothing differs.

What a server has changes by writes alone, so each state that a dead run can leave is met, without a case for each read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from tests.contract.killable import Killable
from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.messages import Request
from tests.fake_jenkins.server import Logged
from tests.running import eventually

_OWN = re.compile(r"cictl-(?:lock|state)")
_EACH = 4  # of a kind of write: more of them are the same again


@dataclass(frozen=True, slots=True)
class KillPoint:
    """The NTH request of a KIND, from 1; Jenkins acts upon it if IS_AFTER."""

    kind: str
    nth: int
    is_after: bool


def kind_of(method: str, target: str) -> str:
    """Return what a request does, whatever job it is of; what cictl keeps for itself is apart."""
    own = _OWN.search(target)
    return f"{method} {target.partition('?')[0].rpartition('/')[2]}{f' of {own[0]}' if own else ''}"


def kill_points(requests: Sequence[Logged], *, is_after: bool) -> list[KillPoint]:
    """Return where a run that asks REQUESTS is killed: once for a kind of reading, at each of a few writes."""
    counts = Counter(kind_of(each.method, each.path) for each in requests)
    return [
        KillPoint(kind, nth, is_after)
        for kind, count in counts.items()
        for nth in ([1] if kind.startswith("GET") else sorted({*range(1, min(count, _EACH)), count}))
    ]


def strike_at(point: KillPoint, fake: FakeJenkins, killable: Killable) -> None:
    """Kill the process that runs when it comes to POINT; `faults` are to be cleared afterwards."""
    seen = count(1)

    def strike(_: int, request: Request) -> None:
        if kind_of(request.method, request.target) != point.kind or next(seen) != point.nth:
            return
        killable.kill()
        if not point.is_after:
            fake.faults.drop_before(lambda each: each is request)

    if point.is_after:
        fake.faults.on_answer = strike
    else:
        fake.faults.on_request = strike


def spare(fake: FakeJenkins) -> None:
    """Strike no more, once what the dead process had sent besides is acted upon or dropped."""
    eventually(lambda: not fake.connections())
    fake.faults.on_request = fake.faults.on_answer = None
