"""Which build a request started whose answer was lost: told by what the queue and the builds show since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cictl.core.jenkins_builds import Build, Queued


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What was asked for, by whom, and what was there before it."""

    user: str | None
    values: Mapping[str, str]
    next_number: int
    queued_before: frozenset[int]


def started_by(request: StartRequest, queued: Iterable[Queued], builds: Iterable[Build]) -> int | None:
    """Return the queue id of what REQUEST started, None if nothing shows that it did.

    Jenkins adds a request to one that waits already with the same parameters, so in the end that counts, too: then
    the request was taken up in it, or would have been.
    """
    waiting = [each for each in queued if _is_alike(request, each)]
    built = [build for build in builds if build.number >= request.next_number and _is_alike(request, build)]
    ids = [each.queue_id for each in waiting] + [build.queue_id for build in built if build.queue_id is not None]
    new = [queue_id for queue_id in ids if queue_id not in request.queued_before]
    return min(new or ids, default=None)


def _is_alike(request: StartRequest, seen: Queued | Build) -> bool:
    if request.user is not None and request.user.lower() not in {user.lower() for user in seen.users}:
        return False
    # What Jenkins does not show, as of passwords, cannot differ.
    return all(seen.parameters.get(name, value) == value for name, value in request.values.items())
