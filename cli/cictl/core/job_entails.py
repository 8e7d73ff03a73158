"""What a write of a config.xml sets off beside the change itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.core.job_labels import atom_text, is_atom, member_label
from cictl.core.job_shapes import is_computed_folder, is_folder, is_view, standard_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cictl.core.job_xml import Element

_PIPELINE_TRIGGERS = "org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty"


def entailed_by_write(desired: Element, live: Element | None, kept: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return what writing DESIRED over LIVE (None: it is created) brings about; KEPT is carried over from LIVE."""
    return tuple(_entailed(desired, live, kept))


def entailed_by_delete(live: Element) -> tuple[str, ...]:
    """Return what deleting LIVE takes with it."""
    if is_view(live):
        return ()
    if is_computed_folder(live):
        return ("deletes its branch jobs and all their builds",)
    return ("deletes everything in it",) if is_folder(live) else ("deletes its builds",)


def _entailed(desired: Element, live: Element | None, kept: tuple[str, ...]) -> Iterator[str]:
    if is_computed_folder(desired):
        what = "organisation" if desired.tag.endswith("OrganizationFolder") else "repository"
        yield f"will {'rescan' if live else 'scan'} the {what}"
    if kept:
        yield f"carries over {', '.join(kept)}"
    triggers = _triggers(desired)
    if triggers and (live is None or triggers != _triggers(live)) and not is_computed_folder(desired):
        yield f"builds start by themselves: {', '.join(triggers)}"


def _triggers(root: Element) -> tuple[str, ...]:
    shaped = standard_shape(root)
    held = shaped.child("properties")
    property_ = held.child(_PIPELINE_TRIGGERS) if held else None
    triggers = (property_ or shaped).child("triggers")
    return tuple(_trigger(each) for each in triggers.children) if triggers else ()


def _trigger(trigger: Element) -> str:
    said = next((atom_text(each) for each in trigger.children if is_atom(each) and each.text), "")
    return f"{member_label(trigger)} {' '.join(said.split())}".strip()
