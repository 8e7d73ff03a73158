"""What bringing back from a backup would do: which jobs are made, which are there already, which cannot come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cictl.core.job_carry import REDACTED, redacted_fields
from cictl.core.job_changes import changes
from cictl.core.job_entails import entailed_by_write
from cictl.core.job_labels import type_label
from cictl.core.job_names import ancestors_of, folded, level_of, parent_of
from cictl.core.job_plan import ItemKey
from cictl.core.job_shapes import standard_shape
from cictl.core.job_xml import Element, MalformedConfig, parse_config, serialise

_FIRST_NUMBER = 1


@dataclass(frozen=True, slots=True)
class SavedItem:
    """A job, folder or view as it was: its config.xml, and the number that its next build would have had."""

    key: ItemKey
    xml: str = field(repr=False)
    next_build_number: int | None = None


class RestoreAction(StrEnum):
    """What is done with one saved item."""

    CREATE = "create"
    OVERWRITE = "overwrite"
    UNCHANGED = "unchanged"
    PRESENT = "present"  # something has its name, and stays
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Restoration:
    """What is done with one saved item, and why; XML is what is sent."""

    item: SavedItem
    action: RestoreAction
    xml: str = field(default="", repr=False)
    notes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    @property
    def key(self) -> ItemKey:
        """What it is."""
        return self.item.key

    @property
    def is_write(self) -> bool:
        """Whether something is sent to Jenkins."""
        return self.action in {RestoreAction.CREATE, RestoreAction.OVERWRITE}


def chosen_items(
    saved: Iterable[SavedItem], is_chosen: Callable[[str], bool], is_there: Callable[[str], bool]
) -> tuple[SavedItem, ...]:
    """Return those of SAVED that IS_CHOSEN tells by full name, and the folders around them that are not there."""
    everything = tuple(saved)
    chosen = {each.key for each in everything if is_chosen(each.key.full_name)}
    around = {folded(above) for key in chosen for above in ancestors_of(key.full_name) if not is_there(above)}
    needed = (each for each in everything if each.key in chosen or _is_folder_in(each.key, around))
    return tuple(sorted(needed, key=_outermost_first))


def plan_restore(
    items: Iterable[SavedItem],
    live: Mapping[ItemKey, str],
    is_there: Callable[[str], bool],
    *,
    overwrite: bool,
    lossy: bool,
) -> tuple[Restoration, ...]:
    """Return what is done with ITEMS, folders first; LIVE holds the config.xml of those that are in Jenkins now.

    IS_THERE tells of any folder by its full name. OVERWRITE replaces what is there; LOSSY sends a document whose
    secrets are asterisks with empty ones in their place.
    """
    made: set[str] = set()
    planned: list[Restoration] = []
    for item in sorted(items, key=_outermost_first):
        each = _planned(item, live.get(item.key), overwrite=overwrite, lossy=lossy)
        folder = parent_of(item.key.full_name)
        if each.is_write and folder and folded(folder) not in made and not is_there(folder):
            each = _refused(item, f"its folder {folder} is not there, and does not come back either")
        if each.is_write and not item.key.is_view:
            made.add(folded(item.key.full_name))
        planned.append(each)
    return tuple(planned)


def _planned(item: SavedItem, live: str | None, *, overwrite: bool, lossy: bool) -> Restoration:
    try:
        root = parse_config(item.xml, where=f"the saved config.xml of {item.key.full_name}")
    except MalformedConfig as error:
        return _refused(item, error.message)
    hidden = redacted_fields(root)
    if hidden and not lossy:
        reason = f"its secrets were hidden when it was saved ({', '.join(hidden)}); --lossy restores it without them"
        return _refused(item, reason)
    lost = (f"comes back without its secrets: {', '.join(hidden)}",) if hidden else ()
    sent = serialise(_without_asterisks(root)) if hidden else item.xml
    if live is None:
        notes = (*lost, *entailed_by_write(root, None), *_build_notes(item))
        return Restoration(item, RestoreAction.CREATE, sent, notes)
    return _over(item, root, sent, live, overwrite=overwrite, notes=lost)


def _over(
    item: SavedItem, root: Element, sent: str, live: str, *, overwrite: bool, notes: tuple[str, ...]
) -> Restoration:
    try:
        there = parse_config(live, where=f"config.xml of {item.key.full_name}")
    except MalformedConfig as error:
        return _refused(item, error.message)
    moved = tuple(each.field for each in changes(there, root))
    if not moved:
        return Restoration(item, RestoreAction.UNCHANGED)
    if not overwrite:
        return Restoration(
            item, RestoreAction.PRESENT, notes=("it is there, and differs; --overwrite replaces it",), fields=moved
        )
    if standard_shape(root).tag != standard_shape(there).tag:
        return _refused(item, f"Jenkins cannot turn a {type_label(there)} into a {type_label(root)}: delete it first")
    return Restoration(item, RestoreAction.OVERWRITE, sent, (*notes, *entailed_by_write(root, there)), moved)


def _build_notes(item: SavedItem) -> tuple[str, ...]:
    number = item.next_build_number
    if number is None or number <= _FIRST_NUMBER:
        return ()
    return (f"its builds #1 to #{number - 1} are gone" if number > _FIRST_NUMBER + 1 else "its build #1 is gone",)


def _without_asterisks(element: Element) -> Element:
    if not element.children:
        return element._replace(text="") if element.text == REDACTED else element
    return element.with_children(tuple(_without_asterisks(each) for each in element.children))


def _refused(item: SavedItem, reason: str) -> Restoration:
    return Restoration(item, RestoreAction.REFUSED, notes=(reason,))


def _is_folder_in(key: ItemKey, names: set[str]) -> bool:
    return not key.is_view and folded(key.full_name) in names


def _outermost_first(item: SavedItem) -> tuple[int, bool, str]:
    return (level_of(item.key.full_name), item.key.is_view, item.key.full_name)
