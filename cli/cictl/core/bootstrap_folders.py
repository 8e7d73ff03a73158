"""The team's own folder: its document, whether it must be written, and which repositories Jenkins cannot take."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from shlex import quote

from cictl.core.bootstrap_plan import Part, Step, refused
from cictl.core.jenkins_items import FOLDER_CLASS
from cictl.core.job_carry import Redacted, carry_over
from cictl.core.job_changes import changes
from cictl.core.job_marks import owner_of, put_mark, written_text
from cictl.core.job_write import marked
from cictl.core.job_xml import Element, parse_config, serialise
from cictl.core.repository_address import repository_problem
from cictl.errors import ExitCode, NotAllowed

OWNER = "cictl bootstrap"
LEVELS = ("ci", "deploy", "admin")
_LIBRARIES = "org.jenkinsci.plugins.workflow.libs.FolderLibraries"
_DESCRIPTION = "Pipelines of the platform; 'cictl bootstrap' made this folder, and cictl.yaml says what is in it."


def folder_chain(folder: str) -> tuple[str, ...]:
    """Return FOLDER ("a/b") and those above it, the outermost first; none for the top itself."""
    parts = [part for part in folder.split("/") if part]
    return tuple("/".join(parts[: depth + 1]) for depth in range(len(parts)))


def folder_xml() -> str:
    """Return the document that creates the team's own folder."""
    description = Element("description", text=put_mark(_DESCRIPTION, OWNER))
    root = Element(FOLDER_CLASS, children=(description, Element("properties")))
    return serialise(root)


def updated_folder(wanted: str, live: str | None, owner: str) -> str:
    """Return what to send so that LIVE becomes WANTED, with OWNER's mark and what LIVE holds; None is a new folder.

    Raise NotAllowed where LIVE is shown with asterisks for its secrets, which they would become.
    """
    root = parse_config(wanted)
    if live is not None:
        carried = carry_over(root, parse_config(live))
        if isinstance(carried, Redacted):
            raise NotAllowed(f"the folder's {carried.reason}", hint="have Job/Configure granted there")
        root = carried.root
    return serialise(marked(root, owner))


@dataclass(frozen=True, slots=True)
class Foreign:
    """Why a folder that is there is not ours to write, and what people do about it."""

    reason: str
    todo: str


def foreign(full_name: str, live: str, owners: Collection[str]) -> Foreign | None:
    """Return why the folder LIVE is not ours to write; None where it bears the mark of one of OWNERS.

    Bootstrap makes no folder without a mark, not even one that it is killed at: one that bears none is somebody's.
    """
    owner = owner_of(parse_config(live).text_of("description"))
    if owner in owners:
        return None
    take = "" if owner is None else f" --from {quote(owner)}"
    todo = f"if it is yours, run 'cictl jobs adopt{take} --job {quote(full_name)}', and this again"
    reason = "it is there and bears no mark of cictl's" if owner is None else f"it belongs to {owner}"
    return Foreign(reason, f"{todo}; else name another folder in cictl.yaml")


def has_libraries_of(live: str, wanted: str) -> bool:
    """Whether the folder LIVE has the libraries of WANTED registered, as Jenkins would read both."""
    theirs, ours = (_libraries(parse_config(each)) if each else None for each in (live, wanted))
    if ours is None or theirs is None:
        return ours is None
    return not changes(_only(theirs), _only(ours))


def has_words_of(live: str, wanted: str) -> bool:
    """Whether people read the same description of the folder LIVE as of WANTED; its mark is no part of it."""
    theirs, ours = (written_text(parse_config(each).text_of("description")) for each in (live, wanted))
    return theirs == ours


def _libraries(root: Element) -> Element | None:
    properties = root.child("properties")
    return properties.child(_LIBRARIES) if properties else None


def _only(libraries: Element) -> Element:
    """Return a folder that has LIBRARIES and nothing else."""
    return Element(FOLDER_CLASS, children=(Element("properties", children=(libraries,)),))


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that Jenkins is to check out, and WHERE cictl.yaml names it."""

    address: str
    where: str


def repository_steps(repositories: Iterable[Repository]) -> Iterator[Step]:
    """Yield a refusal for each of REPOSITORIES that Jenkins cannot check out."""
    for each in repositories:
        if problem := repository_problem(each.address):
            todo = f"let {each.where} in cictl.yaml be an address of http, https or ssh"
            yield refused(Part.FOLDERS, each.where, problem, todo, exit_code=ExitCode.CONFIG)
