"""What a person changed between two config.xml documents, field by field; what a save alone changes is nothing.

It knows nothing of jobs in Jenkins or in Git: `job_plan` does the three-way comparison with it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from cictl.core.job_alignment import align
from cictl.core.job_defaults import (
    BLANKS,
    class_of,
    is_array,
    is_default,
    is_default_class,
    is_derived,
    is_fraction,
    is_inert_property,
    is_member,
    is_noise,
    is_ordered,
    is_verbatim,
    is_written_text,
    plain_name,
    says_nothing_alone,
    simple_name,
)
from cictl.core.job_labels import (
    atom_text,
    field_label,
    identity_of,
    is_atom,
    is_encrypted,
    member_label,
    shown_text,
    summary,
    type_label,
    words,
)
from cictl.core.job_shapes import standard_shape
from cictl.core.job_xml import Element, parse_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATH_MARK = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
_TRUTHS = frozenset({"true", "false"})
_MERE_HOLDERS = frozenset({"ParametersDefinitionProperty", "PipelineTriggersJobProperty", "BuildDiscarderProperty"})
_ENCRYPTED_NOTHING = 58  # characters, as long as what is encrypted is empty, or shorter than a block
_UNCOMPARED_ATTRIBUTES = frozenset({"plugin", "class", "reference", "resolves-to", "serialization", "defined-in"})


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


class _Place(NamedTuple):
    """Where a comparison is: a class or field name, the path to it, and whether steps can lead further down."""

    owner: str
    labels: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    is_pinned: bool = False

    def into(self, owner: str, label: str, step: str) -> _Place:
        labels = (*self.labels, label) if label else self.labels
        return _Place(owner, labels, self.steps if self.is_pinned else (*self.steps, step), self.is_pinned)

    def change(self, before: str | None, after: str | None, *labels: str) -> FieldChange:
        return FieldChange((*self.labels, *labels) or (words(self.owner),), before, after, self.steps)


def compare_configs(before: str, after: str) -> tuple[FieldChange, ...]:
    """Return what changed from the config.xml BEFORE to AFTER; raises MalformedConfig for what is none."""
    return () if before == after else changes(parse_config(before), parse_config(after))


def changes(before: Element, after: Element) -> tuple[FieldChange, ...]:
    """Return what a person changed from BEFORE to AFTER, in the order of the documents."""
    if before == after:
        return ()
    old, new = standard_shape(before), standard_shape(after)
    if plain_name(old.tag) != plain_name(new.tag):
        return (FieldChange(("kind",), type_label(old), type_label(new)),)
    return tuple(_children(old, new, _Place(simple_name(plain_name(old.tag)))))


def _quoted(value: str | None) -> str:
    return "nothing" if value is None else f'"{value}"'


def _children(before: Element, after: Element, place: _Place) -> Iterator[FieldChange]:
    """Compare what stands in two elements of one class: fields by their tags, the others as a list."""
    if before.children == after.children:
        return
    repeated = {
        tag for each in (before, after) for tag, count in Counter(c.tag for c in each.children).items() if count > 1
    }
    if any(is_array(each) or is_derived(each, side) for side in (before, after) for each in side.children):
        place = place._replace(is_pinned=True)  # what is in an array goes with the array, what is derived with its like
    old_fields, old_members = _parted(before, place.owner, repeated)
    new_fields, new_members = _parted(after, place.owner, repeated)
    for tag in {**old_fields, **new_fields}:
        yield from _field(old_fields.get(tag), new_fields.get(tag), place)
    if old_members != new_members:
        yield from _members(old_members, new_members, place, before.tag)


def _parted(element: Element, owner: str, repeated: set[str]) -> tuple[dict[str, Element], list[Element]]:
    fields: dict[str, Element] = {}
    members: list[Element] = []
    for child in element.children:
        if is_noise(owner, child) or is_derived(child, element):
            continue
        if is_array(child):
            members.extend(child.children)
        elif child.tag in repeated or is_member(child.tag):
            members.append(child)
        else:
            fields[child.tag] = child
    return fields, members


def _field(before: Element | None, after: Element | None, outer: _Place) -> Iterator[FieldChange]:
    present = before or after
    if present is None or before == after:
        return
    if (before is None or _is_empty(before) or after is None or _is_empty(after)) and (
        is_default(outer.owner, before) and is_default(outer.owner, after)
    ):
        return
    if (before is None or after is None) and says_nothing_alone(outer.owner, present.tag):
        return
    place = outer.into(_owner_in(before, after), field_label(outer.owner, present.tag), present.tag)
    if before is None or after is None:
        yield from _one_sided(before, after, present, place)
    else:
        yield from _element(before, after, place, outer.owner)


def _is_empty(element: Element) -> bool:
    return not element.children and not element.text.strip(BLANKS) and not class_of(element)


def _owner_in(before: Element | None, after: Element | None) -> str:
    """Return the class that the fields in an element belong to; the tag where none is named."""
    for each in (after, before):
        if each is not None and (named := class_of(each)):
            return simple_name(named)
    present = after or before
    return simple_name(plain_name(present.tag)) if present else ""


def _one_sided(before: Element | None, after: Element | None, present: Element, place: _Place) -> Iterator[FieldChange]:
    """Report a field that only one side has: a leaf or an object as a whole, a container by what it holds."""
    if class_of(present) or not present.children:
        yield place.change(_summary_of(before, place), _summary_of(after, place))
    else:
        empty = Element(present.tag)
        yield from _children(before or empty, after or empty, place)


def _summary_of(element: Element | None, place: _Place) -> str | None:
    return None if element is None else summary(element, place.labels)


def _element(before: Element, after: Element, place: _Place, owner: str) -> Iterator[FieldChange]:
    """Compare two elements that stand for the same thing."""
    old_class, new_class = class_of(before), class_of(after)
    if plain_name(before.tag) != plain_name(after.tag) or _classes_differ(before, after, old_class, new_class):
        # Which of several kinds it is must be named, even where its fields are clear without it.
        hidden = () if "." in before.tag or field_label(owner, before.tag) else (words(before.tag),)
        yield place.change(summary(before, place.labels), summary(after, place.labels), *hidden)
        return
    yield from _attributes(before, after, place)
    if before.children or after.children:
        yield from _children(before, after, place)
    else:
        yield from _leaf(before, after, place, owner)


def _classes_differ(before: Element, after: Element, old_class: str, new_class: str) -> bool:
    if old_class == new_class:
        return False
    if old_class and new_class:
        return True
    # Without a class it is the field's own type, or what Jenkins fills in for an element that holds nothing.
    empty, named = (before, new_class) if new_class else (after, old_class)
    return _is_empty(empty) and not is_default_class(named)


def _attributes(before: Element, after: Element, place: _Place) -> Iterator[FieldChange]:
    old, new = meant_attributes(before), meant_attributes(after)
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            shown_old, shown_new = (_shown(name, side.get(name), place) for side in (old, new))
            yield place.change(shown_old, shown_new, words(name))


def _shown(tag: str, text: str | None, place: _Place) -> str | None:
    return None if text is None else shown_text(tag, text, place.labels)


def _leaf(before: Element, after: Element, place: _Place, owner: str) -> Iterator[FieldChange]:
    old, new = meant_value(before), meant_value(after)
    if old == new or (not (old and new) and is_default(owner, before) and is_default(owner, after)):
        return
    if old.lower() == new.lower() and old.lower() in _TRUTHS and not is_written_text(before.tag):
        return
    if is_encrypted(old) != is_encrypted(new) and ((old and new) or len(old or new) <= _ENCRYPTED_NOTHING):
        return  # a secret, be it an empty one, that Jenkins encrypted when it saved, or does not show: not comparable
    labels = (*place.labels, owner)
    yield place.change(shown_text(before.tag, old, labels), shown_text(after.tag, new, labels))


def meant_attributes(element: Element) -> dict[str, str]:
    """Return the attributes of ELEMENT that say something of their own."""
    return {name: value for name, value in element.attributes if name not in _UNCOMPARED_ATTRIBUTES}


def meant_value(leaf: Element) -> str:
    """Return the text of LEAF as forms send it back, so that two that mean the same are equal."""
    if is_fraction(leaf.tag) and leaf.text.strip().isdecimal():
        return f"{int(leaf.text)}.0"
    return meant_text(leaf.text, is_verbatim=is_verbatim(leaf.tag))


def meant_text(text: str, *, is_verbatim: bool = False) -> str:
    """Return TEXT as forms send it back: line ends of one kind, and one line without blanks around it, as Java trims.

    Of several lines, or where IS_VERBATIM, only the newline that a text area loses and what ends TEXT are nothing: the
    indent of the first line is text. Before `#!` all counts, since a script's interpreter stands at its very start.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    blanks = "\n" if is_verbatim else BLANKS
    trimmed = text.strip(BLANKS)
    if not trimmed:
        return text.strip(blanks) if "\n" in text else text
    if trimmed.startswith("#!"):
        return text.rstrip(blanks)
    return text.removeprefix("\n").rstrip(blanks) if is_verbatim or "\n" in trimmed else trimmed


def _members(before: Sequence[Element], after: Sequence[Element], place: _Place, tag: str) -> Iterator[FieldChange]:
    ordered = is_ordered(tag)
    if all(is_atom(each) for each in (*before, *after)):
        yield from _atoms(before, after, place, is_ordered_list=ordered and all(map(_is_listed, (*before, *after))))
        return
    if tag == "properties":
        before, after = _without_inert(before, after), _without_inert(after, before)
    matched = align(before, after, is_same=_is_same)
    numbered = _Numbering(before, after)
    for old, new in matched.pairs:
        there = numbered.place(old, before, place)
        if old.tag != new.tag or identity_of(old) != identity_of(new):
            # No steps lead to both one of another class or name and to the old one: the list goes as a whole.
            there = there._replace(steps=place.steps, is_pinned=True)
        yield from _element(old, new, there, place.owner)
    for old in matched.removed:
        yield from _whole(old, numbered.place(old, before, place), place, is_added=False)
    for new in matched.added:
        yield from _whole(new, numbered.place(new, after, place), place, is_added=True)
    if ordered and matched.is_reordered(_is_same):
        yield place.change(_listing(old for old, _ in matched.pairs), _listing(matched.in_new_order), "order")


def _without_inert(side: Sequence[Element], other: Sequence[Element]) -> list[Element]:
    """Leave out the properties of SIDE that say nothing, but for those that say something in OTHER."""
    speaking = {each.tag for each in other if not is_inert_property(each)}
    return [each for each in side if each.tag in speaking or not is_inert_property(each)]


def _is_listed(atom: Element) -> bool:
    return is_ordered(atom.tag)


def _whole(member: Element, place: _Place, outer: _Place, *, is_added: bool) -> Iterator[FieldChange]:
    """Report a member that only one side has; a property that only holds a list by what is in it."""
    if place.owner in _MERE_HOLDERS:
        empty = Element(member.tag)
        yield from _children(*((empty, member) if is_added else (member, empty)), place)
        return
    shown = (
        place if len(place.labels) > len(outer.labels) else place._replace(labels=(*outer.labels, type_label(member)))
    )
    text = summary(member, shown.labels)
    yield shown.change(None, text) if is_added else shown.change(text, None)


@lru_cache(maxsize=4096)
def _is_same(before: Element, after: Element) -> bool:
    """Whether two members differ in nothing that a person could have changed.

    Remembered, because lists within lists ask it again on every level.
    """
    place = _Place(simple_name(plain_name(before.tag)))
    return next(_element(before, after, place, place.owner), None) is None


def _atoms(
    before: Sequence[Element], after: Sequence[Element], place: _Place, *, is_ordered_list: bool
) -> Iterator[FieldChange]:
    """Compare two lists of single values: as a whole where their order counts, else by what came and went."""
    old = [meant_text(atom_text(each)) for each in before]
    new = [meant_text(atom_text(each)) for each in after]
    if not is_ordered_list:
        gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
        old, new = sorted(gone.elements()), sorted(come.elements())
    if old != new:
        tag = (*before, *after)[0].tag
        label = () if is_ordered_list or is_member(tag) else (words(tag),)
        shown_old, shown_new = (", ".join(side) if side else None for side in (old, new))
        yield place.change(_shown(tag, shown_old, place), _shown(tag, shown_new, place), *label)


class _Numbering:
    """What members are called, and how steps lead to them: by name, by class where it is the only one, else not."""

    def __init__(self, before: Sequence[Element], after: Sequence[Element]) -> None:
        self._counts = Counter(each.tag for each in before) | Counter(each.tag for each in after)
        names = [Counter((each.tag, identity_of(each)) for each in side) for side in (before, after)]
        self._names = names[0] | names[1]

    def place(self, member: Element, side: Sequence[Element], outer: _Place) -> _Place:
        """Return where MEMBER of SIDE stands in OUTER."""
        owner, name, label = simple_name(plain_name(member.tag)), identity_of(member), member_label(member)
        if self._counts[member.tag] > 1 and not name:
            same = [each for each in side if each.tag == member.tag]
            position = next(index for index, each in enumerate(same, 1) if each is member)
            numbered = f"{label or type_label(member)} {position}"
            return outer._replace(owner=owner, labels=(*outer.labels, numbered), is_pinned=True)
        if not name or self._names[member.tag, name] != 1:
            return outer.into(owner, label, member.tag)
        is_one_of_many = self._counts[member.tag] > 1
        return outer.into(owner, label or (name if is_one_of_many else ""), f"{member.tag}[{name}]")


def _listing(members: Iterator[Element] | Sequence[Element]) -> str:
    return ", ".join(_called(each) for each in members)


def _called(member: Element) -> str:
    """Return a name for MEMBER in a list of its like: its own, or its class with the first line of what it holds."""
    if name := identity_of(member):
        return shown_text("", name)
    text = next((each.text for each in member.children if each.text), "").strip().splitlines()
    return f"{type_label(member)} {shown_text('', text[0])}" if text else type_label(member)
