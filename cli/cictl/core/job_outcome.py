"""What became of each job of a plan that was applied, and what the whole run's exit status is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from cictl.core.job_names import ancestors_of, level_of
from cictl.core.job_plan import Action, ItemKey, JobPlan
from cictl.errors import ExitCode

_T = TypeVar("_T")


class Result(StrEnum):
    """What became of one job."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    LEFT = "left"
    CONFLICT = "conflict"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One job's result, with what there is to say of it."""

    key: ItemKey
    result: Result
    detail: str = ""

    @property
    def is_written(self) -> bool:
        """Whether Jenkins has what Git wants, by this run."""
        return self.result in {Result.CREATED, Result.UPDATED}


def exit_code_of(outcomes: Iterable[Outcome]) -> ExitCode:
    """Return the run's exit status: what failed weighs more than what was in the way."""
    results = {each.result for each in outcomes}
    if results & {Result.FAILED, Result.SKIPPED}:
        return ExitCode.FAR_SIDE_FAILED
    return ExitCode.CONFLICT if Result.CONFLICT in results else ExitCode.OK


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
        if above not in outcomes or outcomes[above].is_written or outcomes[above].result is Result.UNCHANGED:
            continue
        if above in plans and plans[above].action is Action.CREATE:
            return folder
    return None


def counted(outcomes: Sequence[Outcome]) -> str:
    """Return how many jobs came to which result, in words."""
    counts = {result: sum(each.result is result for each in outcomes) for result in Result}
    return ", ".join(f"{count} {result.value}" for result, count in counts.items() if count) or "nothing to do"
