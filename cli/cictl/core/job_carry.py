"""What must go along when a config.xml is replaced, and what must never be posted back.

A POST of config.xml replaces all of it: credentials, libraries, rights and views of a folder go unless they are sent
back, and a job that someone disabled runs again. Someone without Configure is shown `********` for each secret;
posted back, that is the new secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cictl.core.job_declared import declared_in, held_in, with_declared
from cictl.core.job_defaults import is_default_class
from cictl.core.job_elements import class_of, plain_name
from cictl.core.job_labels import field_label, member_label
from cictl.core.job_shapes import is_folder, standard_shape
from cictl.core.job_xml import Element

if TYPE_CHECKING:
    from collections.abc import Iterator

REDACTED = "********"
CREDENTIALS = "com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider$FolderCredentialsProperty"
_OLD_VIEWS = ("views", "viewsTabBar", "primaryView")
_FOLDER_PARTS = ("folderViews", "healthMetrics", "icon")


@dataclass(frozen=True, slots=True)
class Carried:
    """What can be sent: ROOT, and what of it was KEPT from the live document, as people call it."""

    root: Element
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Redacted:
    """Nothing may be sent: these FIELDS of the live document are shown as asterisks to whoever read it."""

    fields: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why, and what to do."""
        return f"secrets are redacted ({', '.join(self.fields)}): read it as someone with Configure on the folder"


def carry_over(
    desired: Element, live: Element, *, sent: Element | None = None, keeps_disabled: bool = True
) -> Carried | Redacted:
    """Return DESIRED with what LIVE has and DESIRED says nothing about.

    What was in SENT, our last write, and is not in DESIRED was taken away in Git and is not carried over.
    """
    kept: list[Element] = []
    root = desired
    if keeps_disabled and is_disabled_by_hand(desired, live, sent=sent):
        root, kept = with_field(root, Element("disabled", text="true")), [Element("disabled")]
    if (actions := live.child("actions")) and actions.children:
        root = _with_declared(with_field(root, actions), live, sent)
    if is_folder(live):
        root, carried = _with_folder_parts(root, live, sent)
        kept += carried
    if found := tuple(_redacted_in(root)):
        return Redacted(found)
    return Carried(root, tuple(dict.fromkeys(map(_called, kept))))


def redacted_fields(root: Element) -> tuple[str, ...]:
    """Return the fields of ROOT that hold asterisks in place of a secret; such a document is never posted back."""
    return tuple(_redacted_in(root))


def is_disabled_by_hand(desired: Element, live: Element, *, sent: Element | None = None) -> bool:
    """Whether LIVE is disabled and neither DESIRED nor SENT, our last write, says so or the contrary."""
    is_silent = not desired.text_of("disabled") and (sent is None or not sent.text_of("disabled"))
    return is_silent and live.text_of("disabled") == "true"


def managed_properties(desired: Element, sent: Element | None) -> frozenset[str]:
    """Return the tags of the properties that Git says or said something about."""
    sides = [side.child("properties") for side in (desired, sent) if side]
    tags = {plain_name(each.tag) for properties in sides if properties for each in properties.children}
    return frozenset(tags - {CREDENTIALS})


def is_unmanaged(steps: tuple[str, ...], desired: Element, sent: Element | None) -> bool:
    """Whether the field of a folder that STEPS lead to is none of Git's, so that it is carried over and no drift."""
    if not is_folder(desired) or not steps:
        return False
    if steps[0] in _FOLDER_PARTS:
        return _is_silent(desired, steps[0]) and (sent is None or _is_silent(sent, steps[0]))
    if steps[0] != "properties" or not steps[1:]:
        return False
    return plain_name(steps[1].partition("[")[0]) not in managed_properties(desired, sent)


def with_field(root: Element, field: Element) -> Element:
    """Return ROOT with FIELD in place of its child of that tag, at the end if there is none."""
    if not root.child(field.tag):
        return root.with_children((*root.children, field))
    return root.with_children(tuple(field if each.tag == field.tag else each for each in root.children))


def _with_declared(root: Element, live: Element, sent: Element | None) -> Element:
    """Keep what the Jenkinsfile of LIVE said of its job, so that its triggers need not wait for the next build."""
    told = declared_in(live)
    if not told:
        return root
    by_git = held_in(standard_shape(root)) | (held_in(standard_shape(sent)) if sent else frozenset())
    return with_declared(root, live, told - by_git)


def _with_folder_parts(root: Element, live: Element, sent: Element | None) -> tuple[Element, list[Element]]:
    root, kept = _with_properties(root, live, sent)
    for tag in _FOLDER_PARTS:
        part = live.child(tag)
        if part and _is_silent(root, tag) and (sent is None or _is_silent(sent, tag)):
            if tag == "folderViews":
                root = root.with_children(tuple(each for each in root.children if each.tag not in _OLD_VIEWS))
            if part != root.child(tag):
                root = with_field(root, part)
                kept += [part] if _says_something(part) else []
    return root, kept


def _with_properties(root: Element, live: Element, sent: Element | None) -> tuple[Element, list[Element]]:
    """Put the properties of LIVE that Git does not manage before its own; credentials are never Git's."""
    managed = managed_properties(root, sent)
    theirs = live.child("properties") or Element("properties")
    kept = [each for each in theirs.children if plain_name(each.tag) not in managed]
    if not kept:
        return root, []
    ours = root.child("properties") or Element("properties")
    own = [each for each in ours.children if plain_name(each.tag) != CREDENTIALS]
    return with_field(root, ours.with_children((*kept, *own))), kept


def _is_silent(root: Element, tag: str) -> bool:
    """Whether ROOT says no more about TAG than a generator that fills in defaults."""
    if tag == "folderViews" and (old := root.child("views")) and old.children and not root.child(tag):
        return False
    part = root.child(tag)
    return part is None or not _says_something(part)


def _says_something(part: Element) -> bool:
    if part.tag == "folderViews":
        views = part.child("views")
        shown = views.children if views else ()
        return any(not each.tag.endswith("AllView") for each in shown)
    return bool(part.children) if not class_of(part) else not is_default_class(class_of(part).rpartition(".")[2])


def _redacted_in(element: Element, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield where asterisks stand; ids and names on the way tell one credential from the next."""
    for child in element.children:
        if child.children:
            label = member_label(child) if "." in child.tag else ""
            yield from _redacted_in(child, (*path, label) if label else path)
        elif child.text == REDACTED:
            yield " ".join((*path, field_label("", child.tag)))


def _called(part: Element) -> str:
    return member_label(part) if "." in part.tag else field_label("", part.tag) or "views"
