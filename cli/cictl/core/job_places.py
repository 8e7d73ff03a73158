"""Where in a config.xml something differs: the path in people's words, and the steps that lead there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cictl.core.job_elements import plain_name, simple_name
from cictl.core.job_labels import identity_of, member_label, type_label, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.core.job_xml import Element

PATH_MARK = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs: PATH in people's words, BEFORE and AFTER as they may be shown (None: not there).

    STEPS leads to the smallest element that can be carried from one document to another to carry this change:
    tags, with the name of the member where a list holds several (`hudson.model.StringParameterDefinition[VERSION]`).
    """

    path: tuple[str, ...]
    before: str | None
    after: str | None
    steps: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """The path as one text, as `triggers` and `cron` with a mark between them."""
        return PATH_MARK.join(self.path)

    def __str__(self) -> str:
        return f"{self.field}: {_quoted(self.before)} → {_quoted(self.after)}"


class Place(NamedTuple):
    """Where a comparison is: a class or field name, the path to it, and whether steps can lead further down."""

    owner: str
    labels: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    is_pinned: bool = False

    def into(self, owner: str, label: str, step: str) -> Place:
        """Return the place one step further down, a field or member of class OWNER."""
        labels = (*self.labels, label) if label else self.labels
        return Place(owner, labels, self.steps if self.is_pinned else (*self.steps, step), self.is_pinned)

    def change(self, before: str | None, after: str | None, *labels: str) -> FieldChange:
        """Return that what is here, or below it in LABELS, is AFTER in place of BEFORE."""
        return FieldChange((*self.labels, *labels) or (words(self.owner),), before, after, self.steps)


class Numbering:
    """What members are called, and how steps lead to them: by name, by class where it is the only one, else not."""

    def __init__(self, before: Sequence[Element], after: Sequence[Element]) -> None:
        """Give names in two lists that stand for the same one, BEFORE and AFTER."""
        self._counts = Counter(each.tag for each in before) | Counter(each.tag for each in after)
        names = [Counter((each.tag, identity_of(each)) for each in side) for side in (before, after)]
        self._names = names[0] | names[1]

    def place(self, member: Element, side: Sequence[Element], outer: Place) -> Place:
        """Return where MEMBER of SIDE stands in OUTER."""
        owner, name, label = simple_name(plain_name(member.tag)), identity_of(member), member_label(member)
        if self._counts[member.tag] > 1 and (not name or self._names[member.tag, name] > 1):
            same = [each for each in side if each.tag == member.tag]
            position = next(index for index, each in enumerate(same, 1) if each is member)
            numbered = f"{label or type_label(member)} {position}"
            return outer._replace(owner=owner, labels=(*outer.labels, numbered), is_pinned=True)
        if not name:
            return outer.into(owner, label, member.tag)
        is_one_of_many = self._counts[member.tag] > 1
        return outer.into(owner, label or (name if is_one_of_many else ""), f"{member.tag}[{name}]")


def _quoted(value: str | None) -> str:
    return "nothing" if value is None else f'"{value}"'
