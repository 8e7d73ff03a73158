"""Who moved which field since the last write: what was sent and what Jenkins made of it, beside Git and Jenkins now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from cictl.core.job_carry import is_disabled_by_hand
from cictl.core.job_changes import changes
from cictl.core.job_places import FieldChange

if TYPE_CHECKING:
    from cictl.core.job_xml import Element

DISABLED = ("disabled",)


class Side(StrEnum):
    """Who moved a field since the last write.

    ALIKE: both, to the same value. UNMANAGED: Git says nothing about it. UNKNOWN: there is no record of a last write.
    """

    GIT = "git"
    JENKINS = "jenkins"
    BOTH = "both"
    ALIKE = "alike"
    UNMANAGED = "unmanaged"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PlannedField:
    """One field that moved: what it was at the last write, and what Git and Jenkins have now (None: not there)."""

    path: tuple[str, ...]
    side: Side
    base: str | None = None
    git: str | None = None
    jenkins: str | None = None
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Base:
    """Our last write of a job: the config.xml that was SENT, and what Jenkins had made of it (SAVED)."""

    sent: str = field(repr=False)
    saved: str = field(repr=False)


def two_way(wanted: Element, there: Element) -> tuple[PlannedField, ...]:
    """Return what differs without a record of who moved it; a job disabled by hand alone is known for one."""
    return tuple(_of_unknown_origin(each, wanted, there) for each in changes(there, wanted))


def _of_unknown_origin(change: FieldChange, wanted: Element, there: Element) -> PlannedField:
    is_by_hand = change.steps == DISABLED and is_disabled_by_hand(wanted, there)
    side = Side.JENKINS if is_by_hand else Side.UNKNOWN
    return PlannedField(change.path, side, None, change.after, change.before, change.steps)


def three_way(wanted: Element, there: Element, sent: Element, saved: Element) -> tuple[PlannedField, ...]:
    """Return the fields that moved since SENT was written and Jenkins had made SAVED of it, Git's first."""
    by_git = changes(sent, wanted)
    by_jenkins = changes(saved, there)
    if by_git and by_jenkins:
        left = changes(there, wanted)
        return (*_beside(by_git, by_jenkins, left), *_only_in_jenkins(by_jenkins, by_git))
    return (*(_moved_by_git(each, Side.GIT) for each in by_git), *_only_in_jenkins(by_jenkins, ()))


def _beside(
    by_git: tuple[FieldChange, ...], by_jenkins: tuple[FieldChange, ...], left: tuple[FieldChange, ...]
) -> Iterable[PlannedField]:
    """Judge each field that Git moved by what Jenkins did there; LEFT is what still differs between the two."""
    for mine in by_git:
        met = [each for each in by_jenkins if touch(mine.steps, each.steps)]
        if not met:
            yield _moved_by_git(mine, Side.GIT)
            continue
        # What one deleted and the other renamed differs under a name that only the other's steps lead to.
        is_alike = not any(touch(each.steps, rest.steps) for each in (mine, *met) for rest in left)
        value = met[0].after if met[0].path == mine.path else str(met[0])
        yield replace(_moved_by_git(mine, Side.ALIKE if is_alike else Side.BOTH), jenkins=value)


def _only_in_jenkins(by_jenkins: tuple[FieldChange, ...], by_git: tuple[FieldChange, ...]) -> Iterable[PlannedField]:
    for each in by_jenkins:
        if not any(touch(each.steps, mine.steps) for mine in by_git):
            yield PlannedField(each.path, Side.JENKINS, each.before, each.before, each.after, each.steps)


def _moved_by_git(change: FieldChange, side: Side) -> PlannedField:
    return PlannedField(change.path, side, change.before, change.after, change.before, change.steps)


def touch(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two places are one, or one is inside the other."""
    return all(a == b for a, b in zip(one, other, strict=False))
