"""Promotion: what ran healthy in one environment is released, by digest, into the next; it rolls nothing out itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from cictl.core.commits import Commit, committed, is_dirty
from cictl.core.past_releases import Past, PastRelease
from cictl.core.promotion import Case, Obstacle, Refusal, Rules, choose, doubts, refusals
from cictl.errors import (
    CictlError,
    Conflict,
    FarSideFailed,
    GateUndecided,
    GateUnhealthy,
    NotAllowed,
    NotFound,
)
from cictl.services.release_store import StoredRelease

_ERRORS: dict[Obstacle, type[CictlError]] = {
    Obstacle.NOT_FOUND: NotFound,
    Obstacle.UNCOMMITTED: Conflict,
    Obstacle.UNHEALTHY: GateUnhealthy,
    Obstacle.UNPROVEN: GateUndecided,
    Obstacle.TOO_YOUNG: GateUndecided,
    Obstacle.IMAGE_GONE: NotFound,
    Obstacle.OLDER: Conflict,
    Obstacle.FROZEN: NotAllowed,
    Obstacle.NOT_PERMITTED: NotAllowed,
}
_OF_TIME = {Obstacle.FROZEN, Obstacle.TOO_YOUNG}


class Memory(Protocol):
    """What an environment remembers of a service."""

    def releases(self) -> Sequence[StoredRelease]:
        """Return every release that is kept, oldest first."""

    def running(self) -> int | None:
        """Return the release whose pods run."""

    def now(self) -> float:
        """Return the API server's time in seconds since the epoch."""


class History(Protocol):
    """What Git remembers."""

    def between(self, old: str, new: str) -> tuple[Commit, ...]:
        """Return the commits of NEW that OLD lacks."""

    def last_change(self, commit: str) -> Commit:
        """Return the newest commit up to COMMIT that changed the service."""

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether NEW holds all of OLD."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user asks of a promotion; at most one of `revision` and `digest`."""

    revision: int | None = None
    digest: str | None = None
    allow_older: bool = False
    approved_by: str | None = None
    is_only_planned: bool = False


@dataclass(frozen=True, slots=True)
class Promotion:
    """What may be promoted: the release, the commits that come with it (None: nobody knows), and what is unsure.

    With `refused` it may not yet, and is only shown: time alone lifts what stands against it.
    """

    source: str
    release: PastRelease
    commits: tuple[Commit, ...] | None
    returns_to: PastRelease | None
    notes: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    refused: CictlError | None = None


class Promotions:
    """Judges promotions of one service from one environment into the next."""

    def __init__(
        self, service: str, source: Memory, target: Memory, history: History, has_image: Callable[[str], bool]
    ) -> None:
        """Read SOURCE and TARGET; HAS_IMAGE says whether the registry still has repository@digest."""
        self._service = service
        self._source, self._target = source, target
        self._history, self._has_image = history, has_image

    def judge(self, source: str, rules: Rules, asked: Asked) -> Promotion:
        """Return what may go from environment SOURCE into that of RULES; raise everything that stands against it.

        What time lifts keeps nobody from planning.
        """
        before, after = past_of(source, self._source), past_of(rules.environment, self._target)
        chosen = choose(before, revision=asked.revision, digest=asked.digest)
        if isinstance(chosen, Refusal):
            raise self._refused([chosen])
        running = after.get(after.running)
        case = Case(
            now=self._target.now(),
            source=before,
            target=after,
            candidate=chosen,
            has_image=self._has_image(chosen.image),
            is_older=self._is_older(chosen, running),
            authors=self._authors(chosen) if rules.approval.four_eyes else None,
            approved_by=asked.approved_by,
        )
        found = refusals(case, rules, allow_older=asked.allow_older, is_only_planned=asked.is_only_planned)
        problem = self._refused(found) if found else None
        if problem is not None and not (asked.is_only_planned and {each.obstacle for each in found} <= _OF_TIME):
            raise problem
        commits = self._commits(chosen, running)
        return Promotion(source, chosen, commits, running, doubts(case), rules.approval.by, problem)

    def _refused(self, found: Sequence[Refusal]) -> CictlError:
        first, *others = found
        message = f"{self._service}: {first.message}"
        message += "".join(f"\n  also: {each.message} ({each.hint})" for each in others)
        return _ERRORS[first.obstacle](message, hint=first.hint)

    def _is_older(self, chosen: PastRelease, running: PastRelease | None) -> bool | None:
        """Whether all of CHOSEN is in what runs, None where Git cannot tell."""
        if running is None or not chosen.commit or not running.commit or chosen.commit == running.commit:
            return None
        with suppress(NotFound, FarSideFailed):
            return self._history.is_ancestor(chosen.commit, running.commit)
        return None

    def _authors(self, chosen: PastRelease) -> tuple[str, ...] | None:
        with suppress(NotFound, FarSideFailed):
            return (self._history.last_change(chosen.commit or "").email,)
        return None

    def _commits(self, chosen: PastRelease, running: PastRelease | None) -> tuple[Commit, ...] | None:
        if running is None or not chosen.commit or not running.commit:
            return None
        with suppress(NotFound, FarSideFailed):
            return self._history.between(running.commit, chosen.commit)
        return None


def past_of(environment: str, memory: Memory) -> Past:
    """Return what ENVIRONMENT remembers."""
    releases = tuple(map(_past_release, memory.releases()))
    return Past(environment, releases, memory.running() if releases else None)


def _past_release(stored: StoredRelease) -> PastRelease:
    record = stored.record
    return PastRelease(
        revision=stored.revision,
        image=record.image,
        commit=committed(record.commit) if record.commit else None,
        outcome=stored.outcome,
        began=record.created,
        ended=stored.ended,
        reason=stored.reason,
        undo_of=record.undo_of,
        why=stored.why,
        gate=record.gate.name if record.gate else None,
        is_dirty=is_dirty(record.commit),
    )
