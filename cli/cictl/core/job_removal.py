"""One deletion that a prune plans, what it takes with it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from cictl.core.job_carry import redacted_fields
from cictl.core.job_changes import changes
from cictl.core.job_entails import entailed_by_delete
from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_marks import owner_of
from cictl.core.job_names import folded, parent_of
from cictl.core.job_plan import ItemKey
from cictl.core.job_prune import Leftover, listed
from cictl.core.job_shapes import is_folder
from cictl.core.job_three_way import Base
from cictl.core.job_veil import veiled
from cictl.core.job_xml import Element, MalformedConfig, parse_config, serialise

CHANGED = "it was changed since"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of a leftover: its config.xml (None: it is gone), what BUSY it is with, its BRANCHES."""

    xml: str | None = field(repr=False)
    busy: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Removal:
    """A leftover that goes, unless STAYS says why not; FINGERPRINT is of the config.xml that was seen."""

    key: ItemKey
    is_folder: bool = False
    is_computed: bool = False
    fingerprint: str = ""
    stays: str | None = None
    entails: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What people call it."""
        if self.key.is_view:
            return "view"
        return "folder" if self.is_folder else "computed folder" if self.is_computed else "job"


def removal_of(leftover: Leftover, seen: Seen | None, *, owner: str, base: Base | None = None) -> Removal:
    """Return what is to be done with LEFTOVER; SEEN is None where it stays anyhow, so that nothing was read."""
    found = leftover.found
    removal = Removal(found.key, found.is_folder, found.is_computed, stays=leftover.stays)
    if leftover.stays is not None or seen is None:
        return removal
    if seen.xml is None:
        return replace(removal, stays="it is gone already")
    try:
        root = parse_config(seen.xml, where=f"config.xml of {found.key.full_name}")
    except MalformedConfig as error:
        return replace(removal, stays=error.message)
    if owner_of(root.text_of("description")) != owner:
        return replace(removal, stays="its config.xml does not bear our mark")
    if seen.busy:
        return replace(removal, stays=f"something runs or waits: {listed(seen.busy)}")
    edited = changes(parse_config(base.saved), parse_config(veiled(seen.xml))) if base else ()
    warnings = [f"edited in Jenkins since the last write: {listed(each.field for each in edited)}"] if edited else []
    if hidden := redacted_fields(root):
        warnings.append(f"its secrets are hidden from this user, so the backup lacks them: {listed(hidden)}")
    if seen.branches:
        warnings.append(f"its own jobs go too, and come back only by a scan: {listed(seen.branches)}")
    return replace(removal, fingerprint=_seen_as(root), entails=entailed_by_delete(root), warnings=tuple(warnings))


def settled(removals: Iterable[Removal]) -> tuple[Removal, ...]:
    """Return REMOVALS, the innermost first, where folders stay that hold what stays."""
    return tuple(_settled(removals))


def reason_not_to(removal: Removal, seen: Seen, *, owner: str, inside: tuple[str, ...] = ()) -> str | None:
    """Return why what was planned must not be done to what is SEEN now; INSIDE is what the folder still holds."""
    if seen.xml is None:
        return None
    try:
        root = parse_config(seen.xml)
    except MalformedConfig as error:
        return error.message
    if owner_of(root.text_of("description")) != owner or _seen_as(root) != removal.fingerprint:
        return CHANGED
    if seen.busy:
        return f"something runs or waits: {listed(seen.busy)}"
    return f"it holds {listed(inside)}" if inside else None


def _seen_as(root: Element) -> str:
    """Return the fingerprint of ROOT without a folder's views: those lose the jobs that are deleted before it."""
    kept = (each for each in root.children if not (is_folder(root) and each.tag == "folderViews"))
    return fingerprint(serialise(root.with_children(tuple(kept))))


def _settled(removals: Iterable[Removal]) -> Iterator[Removal]:
    held: dict[str, list[str]] = {}
    for each in removals:
        names = held.get(folded(each.key.full_name), []) if each.is_folder else []
        now = replace(each, stays=f"it holds what stays: {listed(names)}") if names and each.stays is None else each
        if now.stays is not None and not now.key.is_view:
            held.setdefault(folded(parent_of(now.key.full_name)), []).append(now.key.full_name)
        yield now
