"""Which members of one list are those of another: equal ones first, then by name, then what was renamed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from cictl.core.job_defaults import is_default
from cictl.core.job_elements import plain_name, simple_name
from cictl.core.job_labels import identity_of, source_id

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from cictl.core.job_xml import Element

# How many candidates are looked at for one member: lists of hundreds that all changed are told apart by their order.
_MAX_CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class Alignment:
    """PAIRS in the old order, with the members that only one side has."""

    pairs: tuple[tuple[Element, Element], ...]
    removed: tuple[Element, ...]
    added: tuple[Element, ...]
    in_new_order: tuple[Element, ...]

    def is_reordered(self, is_same: Callable[[Element, Element], bool]) -> bool:
        """Whether the members that both sides have stand in another order, and it can be told."""
        places = zip(self.pairs, self.in_new_order, strict=True)
        return any(new is not moved and not is_same(new, moved) for (_, new), moved in places)


class _Matching:
    """The pairs found so far, by their positions."""

    def __init__(self, before: Sequence[Element], after: Sequence[Element]) -> None:
        self.before, self.after = before, after
        self.pairs: dict[int, int] = {}
        self._taken: set[int] = set()

    def left(self) -> tuple[list[int], list[int]]:
        olds = [index for index in range(len(self.before)) if index not in self.pairs]
        return olds, [index for index in range(len(self.after)) if index not in self._taken]

    def pair(self, old: int, new: int) -> None:
        self.pairs[old] = new
        self._taken.add(new)

    def pair_by(
        self,
        key: Callable[[Element], Hashable | None],
        *,
        is_alike: Callable[[Element, Element], bool],
        is_in_place: bool = False,
    ) -> None:
        """Pair what is left and has the same key (None: no key), first with first.

        IS_IN_PLACE: only what comes behind the same neighbour that both sides have.
        """
        olds, news = self.left()
        old_gaps, new_gaps = self._gaps() if is_in_place else ({}, {})
        waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
        for new in news:
            waiting[key(self.after[new]), new_gaps.get(new)].append(new)
        for old in olds:
            name = key(self.before[old])
            if name is None:
                continue
            wanted = (name, old_gaps.get(old))
            candidates = islice(waiting[wanted], _MAX_CANDIDATES)
            found = next((new for new in candidates if is_alike(self.before[old], self.after[new])), None)
            if found is not None:
                waiting[wanted].remove(found)
                self.pair(old, found)

    def _gaps(self) -> tuple[dict[int, int], dict[int, int]]:
        """Return for each position, of both sides, that of the last before it in AFTER that is paired."""
        old_gaps, new_gaps, last = {}, {}, -1
        for old in range(len(self.before)):
            old_gaps[old] = last
            last = self.pairs.get(old, last)
        last = -1
        for new in range(len(self.after)):
            new_gaps[new] = last
            last = new if new in self._taken else last
        return old_gaps, new_gaps


def align(
    before: Sequence[Element], after: Sequence[Element], *, is_same: Callable[[Element, Element], bool]
) -> Alignment:
    """Return which member of AFTER is which of BEFORE; IS_SAME says that two differ in nothing that counts."""
    found = _Matching(before, after)
    counts = Counter(each.tag for each in before) | Counter(each.tag for each in after)
    found.pair_by(lambda each: each, is_alike=_always)
    found.pair_by(lambda each: source_id(each) or None, is_alike=_always)
    found.pair_by(_name_and_tag, is_alike=_always)
    found.pair_by(identity_of_named, is_alike=_always)
    found.pair_by(lambda each: each.tag, is_alike=is_same)
    for is_alike in (_resembles, lambda old, new: _is_only(old, counts) or _is_renamed(old, new)):
        for is_in_place in (True, False):
            found.pair_by(lambda each: each.tag, is_alike=is_alike, is_in_place=is_in_place)
    olds, news = found.left()
    pairs = tuple((before[old], after[found.pairs[old]]) for old in sorted(found.pairs))
    in_new_order = tuple(after[new] for new in sorted(found.pairs.values()))
    return Alignment(pairs, tuple(before[i] for i in olds), tuple(after[i] for i in news), in_new_order)


def identity_of_named(member: Element) -> Hashable | None:
    """Return the name of MEMBER, whatever its class; None where it has none, so that nothing pairs by it."""
    return identity_of(member) or None


def _name_and_tag(member: Element) -> Hashable | None:
    name = identity_of(member)
    return (member.tag, name) if name else None


def _always(_old: Element, _new: Element) -> bool:
    return True


def _is_only(member: Element, counts: Counter[str]) -> bool:
    """Whether MEMBER is the only one of its class, and not called by a name of its own."""
    return counts[member.tag] == 1 and not member.text_of("name")


def _is_renamed(old: Element, new: Element) -> bool:
    """Whether NEW may be OLD under another name: nameless, or at least half of what they say beyond it is equal."""
    if not identity_of(old):
        return True
    said_before, said_after = _said(old), _said(new)
    common = sum((said_before & said_after).values())
    return 2 * common >= max(said_before.total(), said_after.total())


def _resembles(old: Element, new: Element) -> bool:
    """Whether NEW, which is nameless, begins and ends as OLD does, for at least half of the shorter of their texts."""
    if identity_of(old):
        return False
    one, other = (max((each.text for each in side.children), key=len, default="") for side in (old, new))
    shorter = min(len(one), len(other))
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    return 0 < shorter <= 2 * (start + end)


def _common(one: str, other: str) -> int:
    """Return how many characters ONE and OTHER begin with alike."""
    alike, tried = 0, min(len(one), len(other))
    while alike < tried:
        middle = (alike + tried + 1) // 2
        if one[alike:middle] == other[alike:middle]:
            alike = middle
        else:
            tried = middle - 1
    return alike


def _said(member: Element) -> Counter[Element]:
    """Return the fields of MEMBER that tell it from others of its class: no defaults, and not its name."""
    owner, name = simple_name(plain_name(member.tag)), identity_of(member)
    return Counter(each for each in member.children if each.text != name and not is_default(owner, each))
