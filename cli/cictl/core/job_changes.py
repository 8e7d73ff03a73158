"""What a person changed between two config.xml documents, field by field; what a save alone changes is nothing.

It knows nothing of jobs in Jenkins or in Git: `job_plan` does the three-way comparison with it.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from cictl.core.job_alignment import align
from cictl.core.job_declared import undeclared
from cictl.core.job_defaults import (
    is_default,
    is_default_class,
    is_derived,
    is_inert_property,
    is_noise,
    is_same_default,
    is_ticked,
    says_nothing_alone,
)
from cictl.core.job_elements import (
    BLANKS,
    class_of,
    holds_members,
    is_array,
    is_member,
    is_ordered,
    is_written_text,
    keeps_order,
    plain_name,
    simple_name,
)
from cictl.core.job_labels import (
    atom_text,
    field_label,
    identity_of,
    is_atom,
    is_encrypted,
    shown_text,
    summary,
    type_label,
    words,
)
from cictl.core.job_meaning import meant_attributes, meant_text, meant_value
from cictl.core.job_places import FieldChange, Numbering, Place
from cictl.core.job_xml import Element, parse_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TRUTHS = frozenset({"true", "false"})
_MERE_HOLDERS = frozenset({"ParametersDefinitionProperty", "PipelineTriggersJobProperty", "BuildDiscarderProperty"})
_ENCRYPTED_NOTHING = 58  # characters, as long as what is encrypted is empty, or shorter than a block


def compare_configs(before: str, after: str) -> tuple[FieldChange, ...]:
    """Return what changed from the config.xml BEFORE to AFTER; raises MalformedConfig for what is none."""
    return () if before == after else changes(parse_config(before), parse_config(after))


def changes(before: Element, after: Element) -> tuple[FieldChange, ...]:
    """Return what a person changed from BEFORE to AFTER, in the order of the documents."""
    if before == after:
        return ()
    old, new = undeclared(before, after)
    if plain_name(old.tag) != plain_name(new.tag):
        return (FieldChange(("kind",), type_label(old), type_label(new)),)
    return tuple(_children(old, new, Place(simple_name(plain_name(old.tag)))))


def _children(before: Element, after: Element, place: Place) -> Iterator[FieldChange]:
    """Compare what stands in two elements of one class: fields by their tags, the others as a list."""
    if before.children == after.children:
        return
    repeated = _repeated(before) | _repeated(after)
    if all(holds_members(each) for each in (before, after) if each.children):
        repeated.update(each.tag for side in (before, after) for each in side.children)
    if any(is_array(each) or is_derived(each, side) for side in (before, after) for each in side.children):
        place = place._replace(is_pinned=True)  # what is in an array goes with the array, what is derived with its like
    old_fields, old_members = _parted(before, place.owner, repeated)
    new_fields, new_members = _parted(after, place.owner, repeated)
    for tag in {**old_fields, **new_fields}:
        yield from _field(old_fields.get(tag), new_fields.get(tag), place)
    if old_members != new_members:
        is_ordered_list = keeps_order(before) and keeps_order(after)
        yield from _members(old_members, new_members, place, before.tag, is_ordered_list=is_ordered_list)


def _repeated(element: Element) -> set[str]:
    """Return the tags that ELEMENT holds several of; a field that a generator wrote twice is no list."""
    counts = Counter(each.tag for each in element.children)
    return {
        tag
        for tag, count in counts.items()
        if count > 1 and (is_member(tag) or len({each for each in element.children if each.tag == tag}) > 1)
    }


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


def _field(before: Element | None, after: Element | None, outer: Place) -> Iterator[FieldChange]:
    present = before or after
    if present is None or before == after:
        return
    if (before is None or _is_empty(before) or after is None or _is_empty(after)) and (
        is_default(outer.owner, before) and is_default(outer.owner, after)
    ):
        return
    if (before is None or after is None) and says_nothing_alone(outer.owner, present.tag):
        return
    is_text = any(each is not None and not each.children and each.text.strip(BLANKS) for each in (before, after))
    label = field_label(outer.owner, present.tag, is_text=is_text)
    place = outer.into(_owner_in(before, after), label, present.tag)
    if before is None or after is None:
        is_whole = not present.children or is_ticked(outer.owner, present.tag)
        yield from _one_sided(before, after, present, place, is_whole=is_whole)
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


def _one_sided(
    before: Element | None, after: Element | None, present: Element, place: Place, *, is_whole: bool
) -> Iterator[FieldChange]:
    """Report a field that only one side has: as a whole where IS_WHOLE or an object, a container by what it holds."""
    if is_whole or class_of(present):
        yield place.change(_summary_of(before, place), _summary_of(after, place))
    else:
        empty = Element(present.tag)
        yield from _children(before or empty, after or empty, place)


def _summary_of(element: Element | None, place: Place) -> str | None:
    return None if element is None else summary(element, place.labels)


def _element(before: Element, after: Element, place: Place, owner: str) -> Iterator[FieldChange]:
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


def _attributes(before: Element, after: Element, place: Place) -> Iterator[FieldChange]:
    old, new = meant_attributes(before), meant_attributes(after)
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            shown_old, shown_new = (_shown(name, side.get(name), place) for side in (old, new))
            yield place.change(shown_old, shown_new, words(name))


def _shown(tag: str, text: str | None, place: Place) -> str | None:
    return None if text is None else shown_text(tag, text, place.labels)


def _leaf(before: Element, after: Element, place: Place, owner: str) -> Iterator[FieldChange]:
    old, new = meant_value(before), meant_value(after)
    if old == new or (not (old and new) and is_default(owner, before) and is_default(owner, after)):
        return
    if is_same_default(owner, before, after):
        return
    if old.lower() == new.lower() and old.lower() in _TRUTHS and not is_written_text(before.tag):
        return
    if is_encrypted(old) != is_encrypted(new) and ((old and new) or len(old or new) <= _ENCRYPTED_NOTHING):
        return  # a secret, be it an empty one, that Jenkins encrypted when it saved, or does not show: not comparable
    labels = (*place.labels, owner)
    yield place.change(shown_text(before.tag, old, labels), shown_text(after.tag, new, labels))


def _members(
    before: Sequence[Element], after: Sequence[Element], place: Place, tag: str, *, is_ordered_list: bool
) -> Iterator[FieldChange]:
    if all(is_atom(each) for each in (*before, *after)):
        yield from _atoms(
            before, after, place, is_ordered_list=is_ordered_list and all(map(_is_listed, (*before, *after)))
        )
        return
    if tag == "properties":
        before, after = _without_inert(before, after), _without_inert(after, before)
    matched = align(before, after, is_same=_is_same)
    numbered = Numbering(before, after)
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
    if is_ordered_list and matched.is_reordered(_is_same):
        yield place.change(_listing(old for old, _ in matched.pairs), _listing(matched.in_new_order), "order")


def _without_inert(side: Sequence[Element], other: Sequence[Element]) -> list[Element]:
    """Leave out the properties of SIDE that say nothing, but for those that say something in OTHER."""
    speaking = {each.tag for each in other if not is_inert_property(each)}
    return [each for each in side if each.tag in speaking or not is_inert_property(each)]


def _is_listed(atom: Element) -> bool:
    return is_ordered(atom.tag)


def _whole(member: Element, place: Place, outer: Place, *, is_added: bool) -> Iterator[FieldChange]:
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
    place = Place(simple_name(plain_name(before.tag)))
    return next(_element(before, after, place, place.owner), None) is None


def _atoms(
    before: Sequence[Element], after: Sequence[Element], place: Place, *, is_ordered_list: bool
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


def _listing(members: Iterator[Element] | Sequence[Element]) -> str:
    return ", ".join(_called(each) for each in members)


def _called(member: Element) -> str:
    """Return a name for MEMBER in a list of its like: its own, or its class with the first line of what it holds."""
    if name := identity_of(member):
        return shown_text("", name)
    text = next((each.text for each in member.children if each.text), "").strip().splitlines()
    return f"{type_label(member)} {shown_text('', text[0])}" if text else type_label(member)
