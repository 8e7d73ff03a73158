"""Part three: the team's folders, each with the shared library; what a folder holds goes along when it is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from cictl.core.bootstrap_folders import (
    Foreign,
    Repository,
    folder_chain,
    folder_xml,
    foreign,
    has_libraries_of,
    has_words_of,
    repository_steps,
    updated_folder,
)
from cictl.core.bootstrap_plan import Part, Standing, Step, refused
from cictl.core.jenkins_items import Item
from cictl.core.rendered_job import RenderedJob
from cictl.errors import AnswerLost, Conflict, ExitCode, FarSideFailed


class Items(Protocol):
    """The items of one Jenkins."""

    def item(self, full_name: str) -> Item | None:
        """Return what FULL_NAME is."""

    def config_xml(self, full_name: str) -> str | None:
        """Return its document."""

    def create(self, full_name: str, xml: str) -> None:
        """Create it; Conflict if the name is taken."""

    def update(self, full_name: str, xml: str) -> None:
        """Replace its document."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The part; RENDERED returns the folders below FOLDER, OWNER is who owns those, and who takes them from TAKES_FROM.

    A folder below the team's own that bears another owner's mark, or none at all, is never written.
    """

    items: Items
    folder: str
    owner: str
    repositories: Sequence[Repository]
    rendered: Callable[[], Sequence[RenderedJob]]
    takes_from: Collection[str] = ()
    part = Part.FOLDERS

    def plan(self) -> tuple[Step, ...]:
        """Look which folders are there, and whether the library is registered on those below the team's own."""
        if problems := tuple(repository_steps(self.repositories)):
            return problems
        return (*self._own(), *(self._below(each) for each in self.rendered()))

    def apply(self, step: Step) -> Step:
        """Create the folder, or register the library on it."""
        wanted = next((each.xml for each in self.rendered() if each.full_name == step.subject), None)
        live = self.items.config_xml(step.subject)
        if live is None:
            self._create(step.subject, folder_xml() if wanted is None else updated_folder(wanted, None, self.owner))
        elif wanted is not None and not has_libraries_of(live, wanted):
            if (why := self._foreign(step.subject, live)) is not None:
                raise Conflict(f"{step.subject}: {why.reason}", hint=why.todo)
            self._update(step.subject, updated_folder(wanted, live, self.owner))
        return self._read_back(step, wanted)

    def _own(self) -> Iterator[Step]:
        above = ""
        for full_name in folder_chain(self.folder):
            item = self.items.item(full_name)
            if item is None:
                yield replace(_step(full_name, Standing.CREATED, "the team's own folder"), after=above)
            elif item.is_folder:
                yield _step(full_name, Standing.UNCHANGED, "there")
            else:
                yield _no_folder(item)
            above = full_name

    def _below(self, wanted: RenderedJob) -> Step:
        item = self.items.item(wanted.full_name)
        if item is None:
            step = _step(wanted.full_name, Standing.CREATED, "with the shared library")
            return replace(step, after=wanted.full_name.rpartition("/")[0])
        if not item.is_folder:
            return _no_folder(item)
        if item.name != wanted.full_name.rpartition("/")[2]:
            return _in_other_capitals(item, wanted.full_name)
        live = self.items.config_xml(wanted.full_name)
        if live is None or has_libraries_of(live, wanted.xml):
            return _step(wanted.full_name, Standing.UNCHANGED, "there, with the shared library")
        if (why := self._foreign(wanted.full_name, live)) is not None:
            return refused(Part.FOLDERS, wanted.full_name, why.reason, why.todo, exit_code=ExitCode.CONFLICT)
        words = "" if has_words_of(live, wanted.xml) else ", and its description becomes Git's"
        detail = f"the shared library is registered{words}; what it holds stays"
        return _step(wanted.full_name, Standing.CHANGED, detail)

    def _foreign(self, full_name: str, live: str) -> Foreign | None:
        return foreign(full_name, live, (self.owner, *self.takes_from))

    def _create(self, full_name: str, xml: str) -> None:
        try:
            self.items.create(full_name, xml)
        except (AnswerLost, Conflict):
            if self.items.item(full_name) is None:
                raise

    def _update(self, full_name: str, xml: str) -> None:
        try:
            self.items.update(full_name, xml)
        except AnswerLost:
            if self.items.item(full_name) is None:
                raise

    def _read_back(self, step: Step, wanted: str | None) -> Step:
        item = self.items.item(step.subject)
        if item is None or not item.is_folder:
            hint = "install the plugin cloudbees-folder, and look at Jenkins' log"
            raise FarSideFailed(f"Jenkins took the folder {step.subject}, and it is not there", hint=hint)
        if wanted is not None and not has_libraries_of(self.items.config_xml(step.subject) or "", wanted):
            hint = "install the plugin pipeline-groovy-lib, and run this again"
            raise FarSideFailed(f"Jenkins dropped the shared library from {step.subject}", hint=hint)
        return step


def _step(subject: str, standing: Standing, detail: str) -> Step:
    return Step(Part.FOLDERS, subject, standing, detail)


def _in_other_capitals(item: Item, wanted: str) -> Step:
    why = f"to Jenkins it has the same name as {item.full_name!r}, which is there"
    todo = "rename that one in Jenkins, or name another folder in cictl.yaml"
    return refused(Part.FOLDERS, wanted, why, todo, exit_code=ExitCode.CONFLICT)


def _no_folder(item: Item) -> Step:
    why = f"it is there, and no folder: {item.class_name.rpartition('.')[2]}"
    todo = "rename it in Jenkins, or name another folder in cictl.yaml"
    return refused(Part.FOLDERS, item.full_name, why, todo, exit_code=ExitCode.CONFLICT)
