"""What became of each job that a run was to write, mark, delete or bring back, and what the run's exit status is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from cictl.core.job_names import ancestors_of, level_of
from cictl.core.job_plan import Action, ItemKey, JobPlan
from cictl.errors import CictlError, Conflict, ExitCode, NotAllowed, TimedOut, Unreachable

_T = TypeVar("_T")
DONE_ALREADY = "somebody else has done it already"
NOBODY_KNOWS = "it was sent, and Jenkins went away: nobody knows whether it was done"


class Result(StrEnum):
    """What became of one job."""

    CREATED = "created"
    UPDATED = "updated"
    ADOPTED = "adopted"
    DELETED = "deleted"
    RESTORED = "restored"
    UNCHANGED = "unchanged"  # it is as it was to be, and not by this run
    GONE = "gone"  # somebody else deleted it
    LEFT = "left"
    CONFLICT = "conflict"  # it is not as it was when the plan was made, or the lock is somebody else's
    FAILED = "failed"
    UNKNOWN = "unknown"  # it was sent, and neither its answer came nor can Jenkins be asked
    SKIPPED = "skipped"  # nothing was sent


_WRITTEN = frozenset({Result.CREATED, Result.UPDATED, Result.ADOPTED, Result.RESTORED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One job's result, with what there is to say of it; IS_AWAY: Jenkins did not answer, so no other is tried.

    WANTS_RIGHT says what to have granted, where a right is missing.
    """

    key: ItemKey
    result: Result
    detail: str = ""
    is_away: bool = False
    wants_right: str = ""

    @property
    def is_written(self) -> bool:
        """Whether Jenkins has what was wanted, by this run."""
        return self.result in _WRITTEN

    @property
    def is_there(self) -> bool:
        """Whether Jenkins has what was wanted, whoever did it."""
        return self.is_written or self.result is Result.UNCHANGED


def failure(key: ItemKey, error: CictlError, *, is_sent: bool) -> Outcome:
    """Return what ERROR, for which KEY was not done, comes to; IS_SENT: Jenkins may have done it all the same."""
    if isinstance(error, Unreachable | TimedOut):
        if is_sent:
            return Outcome(key, Result.UNKNOWN, f"{NOBODY_KNOWS} ({error.message})", is_away=True)
        return Outcome(key, Result.SKIPPED, error.message, is_away=True)
    result = Result.CONFLICT if isinstance(error, Conflict) else Result.FAILED
    wants_right = (error.hint or error.message) if isinstance(error, NotAllowed) else ""
    return Outcome(key, result, error.message, wants_right=wants_right)


def exit_code_of(outcomes: Iterable[Outcome]) -> ExitCode:
    """Return the run's exit status: failure weighs most, then a Jenkins that is away, then conflict."""
    outcomes = tuple(outcomes)
    results = {each.result for each in outcomes}
    if Result.FAILED in results:
        return ExitCode.FAR_SIDE_FAILED
    if any(each.is_away for each in outcomes):
        return ExitCode.UNREACHABLE
    if Result.CONFLICT in results:
        return ExitCode.CONFLICT
    return ExitCode.FAR_SIDE_FAILED if Result.SKIPPED in results else ExitCode.OK


def stages_of(items: Mapping[ItemKey, _T]) -> Iterator[tuple[_T, ...]]:
    """Yield ITEMS so that each folder is in an earlier stage than what is in it; views come last, as they name jobs."""
    jobs = [key for key in items if not key.is_view]
    for level in sorted({level_of(key.full_name) for key in jobs}):
        yield tuple(items[key] for key in jobs if level_of(key.full_name) == level)
    if views := tuple(items[key] for key in items if key.is_view):
        yield views


def missing_folder(key: ItemKey, outcomes: Mapping[ItemKey, Outcome], plans: Mapping[ItemKey, JobPlan]) -> str | None:
    """Return the folder of KEY that should have been created and was not, None if all are there."""
    for folder in ancestors_of(key.full_name):
        above = ItemKey(folder)
        if above not in outcomes or outcomes[above].is_there:
            continue
        if above in plans and plans[above].action is Action.CREATE:
            return folder
    return None


def counted(outcomes: Sequence[Outcome]) -> str:
    """Return how many jobs came to which result, in words."""
    counts = {result: sum(each.result is result for each in outcomes) for result in Result}
    return ", ".join(f"{count} {result.value}" for result, count in counts.items() if count) or "nothing to do"
