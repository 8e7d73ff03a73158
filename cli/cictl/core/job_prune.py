"""Which jobs and views of ours may be deleted since Git no longer makes them, and why the others stay.

It errs on the side of keeping: whatever it is not sure of stays, with the reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cictl.core.job_names import ancestors_of, folded, level_of, parent_of
from cictl.core.job_plan import ItemKey

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

MOST_DELETIONS = 5
MOST_PERCENT = 10
_SHOWN_NAMES = 3
_LIMIT = re.compile(r"(?P<number>\d{1,9})(?P<percent>%?)")


@dataclass(frozen=True, slots=True)
class Found:
    """A job, folder or view that is in Jenkins; OWNER is whom its mark names."""

    key: ItemKey
    owner: str | None = None
    is_folder: bool = False
    is_computed: bool = False
    is_primary_view: bool = False


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something of ours that Git no longer makes; STAYS says why it is kept nonetheless, None if it may go."""

    found: Found
    stays: str | None = None

    @property
    def key(self) -> ItemKey:
        """What it is."""
        return self.found.key


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who we are: OWNER stands in our marks, WRITTEN is what we have a record of writing.

    FELLOWS are other owners of cictl's own making, and OWN_NAMES items of its own without a mark: they are nobody
    else's, so a folder with them holds no foreign jobs. FORMERS are what an earlier cictl called us. LEFT_BEHIND is
    what may be ours though it does not bear our mark, with why.
    """

    owner: str
    written: Collection[ItemKey]
    fellows: Collection[str] = ()
    own_names: Collection[str] = ()
    formers: Collection[str] = ()
    left_behind: Mapping[ItemKey, tuple[str, ...]] = field(default_factory=dict)

    def is_ours(self, found: Found) -> bool:
        """Whether FOUND bears our mark."""
        return found.owner == self.owner

    def is_foreign(self, found: Found) -> bool:
        """Whether FOUND is somebody else's."""
        return not (self.is_ours(found) or found.owner in self.fellows or found.key.full_name in self.own_names)


def leftovers(
    found: Iterable[Found],
    wanted: Iterable[ItemKey],
    us: Ownership,
    *,
    is_chosen: Callable[[str], bool] = lambda _: True,
) -> tuple[Leftover, ...]:
    """Return what of FOUND is ours and not WANTED: views, then jobs, the innermost first; IS_CHOSEN tells by name.

    Views come first, since Jenkins takes a job that is deleted out of them, which would change them.
    """
    everything = tuple(found)
    wanted = tuple(wanted)
    kept_names = {_folded(key) for key in wanted}
    ours = [each for each in everything if us.is_ours(each) and _folded(each.key) not in kept_names]
    chosen = [each for each in ours if is_chosen(each.key.full_name)]
    foreign = _foreign_by_folder((each for each in everything if not _is_still_ours(each, us, kept_names)), us)
    inside = _by_folder(each for each in everything if not each.key.is_view)
    homes = {above for key in wanted for above in map(folded, ancestors_of(key.full_name))}
    judged: dict[ItemKey, Leftover] = {}
    for each in sorted(chosen, key=_innermost_first):
        remaining = [one.key.full_name for one in inside[folded(each.key.full_name)] if _remains(one, judged)]
        reason = _reason_to_stay(each, us, foreign, homes, [] if each.key.is_view else remaining)
        judged[each.key] = Leftover(each, reason)
    left = (each for each in everything if each.key in us.left_behind and _folded(each.key) not in kept_names)
    named = (each for each in left if is_chosen(each.key.full_name))
    return (*judged.values(), *(Leftover(each, "; ".join(us.left_behind[each.key])) for each in named))


def owned_count(found: Iterable[Found], us: Ownership) -> int:
    """Return how many of FOUND are ours, without views: those have no builds to lose."""
    return sum(us.is_ours(each) and not each.key.is_view for each in found)


def most_deletions(asked: str | None, owned: int) -> int:
    """Return how many of OWNED jobs may go at once: what ASKED says, as in "20" or "25%".

    By default 10 %, but at least one and never more than 5. Raises ValueError for an ASKED that is neither.
    """
    if asked is None:
        return min(MOST_DELETIONS, max(1, owned * MOST_PERCENT // 100))
    found = _LIMIT.fullmatch(asked.strip())
    if not found:
        raise ValueError(f"{asked!r} is neither a number nor a percentage")
    number = int(found["number"])
    return owned * number // 100 if found["percent"] else number


def listed(names: Iterable[str]) -> str:
    """Return the first of NAMES, and how many more there are."""
    every = sorted(names)
    shown = ", ".join(every[:_SHOWN_NAMES])
    return f"{shown} and {len(every) - _SHOWN_NAMES} more" if len(every) > _SHOWN_NAMES else shown


def _reason_to_stay(
    each: Found, us: Ownership, foreign: Mapping[str, list[str]], homes: Collection[str], remaining: list[str]
) -> str | None:
    name, folder = folded(each.key.full_name), parent_of(each.key.full_name)
    if each.is_primary_view:
        return "it is its folder's primary view, which Jenkins does not delete"
    if not each.key.is_view and name in homes:
        return "jobs that Git makes belong into it"
    if each.key not in us.written:
        return "there is no record of cictl writing it: it may be a copy, or was renamed in Jenkins"
    if inner := foreign.get(name, []) if not each.key.is_view else []:
        return f"it holds jobs of others: {listed(inner)}"
    if folder and not each.key.is_view and (others := foreign.get(folded(folder))):
        return f"its folder {folder} holds jobs of others: {listed(others)}"
    return f"it holds what stays: {listed(remaining)}" if remaining else None


def _is_still_ours(found: Found, us: Ownership, kept_names: Collection[ItemKey]) -> bool:
    """Whether Git makes FOUND, and only its mark is an old one."""
    return found.owner in us.formers and _folded(found.key) in kept_names


def _remains(found: Found, judged: Mapping[ItemKey, Leftover]) -> bool:
    verdict = judged.get(found.key)
    return verdict is None or verdict.stays is not None


def _foreign_by_folder(found: Iterable[Found], us: Ownership) -> dict[str, list[str]]:
    return {
        folder: [each.key.full_name for each in inside if us.is_foreign(each)]
        for folder, inside in _by_folder(each for each in found if not each.key.is_view).items()
    }


def _by_folder(found: Iterable[Found]) -> defaultdict[str, list[Found]]:
    inside: defaultdict[str, list[Found]] = defaultdict(list)
    for each in found:
        inside[folded(parent_of(each.key.full_name))].append(each)
    return inside


def _folded(key: ItemKey) -> ItemKey:
    """Return KEY as Jenkins compares it: names of views are compared as they stand."""
    return key if key.is_view else ItemKey(folded(key.full_name))


def _innermost_first(found: Found) -> tuple[bool, int, str]:
    return (not found.key.is_view, -level_of(found.key.full_name), found.key.full_name)
