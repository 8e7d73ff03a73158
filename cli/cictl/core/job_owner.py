"""Who owns the jobs of a tree: what stands in their marks, so that no other tree's jobs are taken for one's own.

A team's own jobs bear its name. Another tree is told by the repository that it is in and the path below, the same on
every machine; only where nothing tells that, by its folder's name, which other trees may share.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cictl.core.job_marks import can_mark
from cictl.core.repository_address import repository_name

NAMELESS = "cictl"
_UNSAFE = re.compile(r"(?<=-)-|[<>\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class TreePlace:
    """Where a tree is: its folder's NAME, the ADDRESS of its repository's origin, the path BELOW that one's root."""

    name: str
    address: str | None = None
    below: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """NAME stands in the marks; FORMERS are what cictl put there before, the newest first.

    IS_COMMON: nothing but a folder's name tells it from others.
    """

    name: str
    formers: tuple[str, ...] = ()
    is_common: bool = False


def owner_of_trees(trees: Sequence[TreePlace], *, owner: str, folder: str) -> Owner:
    """Return who owns the jobs of TREES, none of which is the platform's own `jobs/`.

    OWNER is what cictl.yaml says, FOLDER the team's; either may be empty.
    """
    team = owner or folder or NAMELESS
    if not trees:
        return _owner(team, [folder or NAMELESS])
    is_common = not (owner or folder) and any(_repository(each) is None for each in trees)
    former = f"{folder or NAMELESS}: {' '.join(each.name for each in trees)}"
    name = f"{team}: {' '.join(_name_of(each) for each in trees)}"
    return _owner(name, [former], is_common=is_common)


def _owner(name: str, formers: Sequence[str], *, is_common: bool = False) -> Owner:
    safe = _safe(name)
    return Owner(safe, tuple(each for each in dict.fromkeys(formers) if each != safe and can_mark(each)), is_common)


def _safe(name: str) -> str:
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", name).strip()


def _name_of(tree: TreePlace) -> str:
    repository = _repository(tree)
    if repository is None:
        return tree.name
    return f"{repository}//{tree.below}" if tree.below else repository


def _repository(tree: TreePlace) -> str | None:
    return repository_name(tree.address) if tree.address else None
