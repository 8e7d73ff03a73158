"""Writes one job: reads it once more, sends it, has Jenkins save it its own way, and reads what came of it.

Jenkins has no compare-and-set, so what is there is looked at right before the write, and again after it. An answer that
is lost is no failure: what is there tells whether it was done.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from cictl.core.job_changes import changes
from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_intents import Write
from cictl.core.job_marks import owner_of
from cictl.core.job_outcome import Outcome, Result
from cictl.core.job_plan import ItemKey
from cictl.core.job_records import written_base
from cictl.core.job_shapes import is_folder, standard_shape
from cictl.core.job_swallowed import read_back
from cictl.core.job_three_way import Base
from cictl.core.job_veil import veiled
from cictl.core.job_write import CannotSend
from cictl.core.job_xml import Element, MalformedConfig, parse_config
from cictl.errors import AnswerLost, CictlError, Conflict, TimedOut, Unreachable

_ATTEMPTS = 3
MOVED = "it was changed in Jenkins since the plan"


class Items(Protocol):
    """Jobs, folders and views of one Jenkins."""

    def config_xml(self, full_name: str) -> str | None:
        """Return a job's config.xml."""

    def create(self, full_name: str, xml: str) -> None:
        """Create a job; Conflict if the name is taken."""

    def update(self, full_name: str, xml: str) -> None:
        """Replace a job's config.xml."""

    def describe(self, full_name: str, description: str) -> None:
        """Set a job's description, upon which Jenkins saves it."""

    def view_xml(self, full_name: str) -> str | None:
        """Return a view's config.xml."""

    def create_view(self, full_name: str, xml: str) -> None:
        """Create a view; Conflict if the name is taken."""

    def update_view(self, full_name: str, xml: str) -> None:
        """Replace a view's config.xml."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write; BASE is what is to be kept of it, None where nobody knows what is there."""

    outcome: Outcome
    base: Base | None = field(default=None, repr=False)
    is_jenkins_away: bool = False


@dataclass(frozen=True, slots=True)
class JobWriter:
    """Writes to ITEMS."""

    items: Items

    def write(self, write: Write) -> Written:
        """Do WRITE; whatever comes in the way is in the result."""
        try:
            return self._created(write) if write.live is None else self._updated(write)
        except MalformedConfig as error:
            return _ended(write, Result.FAILED, error.message)
        except CictlError as error:
            outcome = Outcome(write.key, Result.FAILED, error.message)
            return Written(outcome, is_jenkins_away=isinstance(error, Unreachable | TimedOut))

    def _created(self, write: Write) -> Written:
        was_lost = False
        for _ in range(_ATTEMPTS):
            try:
                self._create(write)
            except (AnswerLost, Conflict) as error:
                was_lost = was_lost or isinstance(error, AnswerLost)
                there = self._document(write.key)
                if there is None and isinstance(error, AnswerLost):
                    continue  # creating it twice is refused, so trying again is safe
                if there is None:
                    return _ended(write, Result.FAILED, error.message)
                if not _is_ours(write.text, there, was_lost=was_lost):
                    return _ended(write, Result.CONFLICT, "something of that name was made since the plan")
            return self._settled(write, write.text, Result.CREATED)
        return _ended(write, Result.FAILED, "Jenkins' answers are lost again and again")

    def _updated(self, write: Write) -> Written:
        there = self._document(write.key)
        if there is None:
            return _ended(write, Result.CONFLICT, "it was deleted in Jenkins since the plan")
        text: str | CannotSend = write.text
        if there != write.live:
            if fingerprint(veiled(there)) != write.plan.fingerprint:
                return _ended(write, Result.CONFLICT, MOVED)
            text = write.again(there)
        if isinstance(text, CannotSend):
            return _ended(write, Result.CONFLICT, text.reason)
        self._update(write.key, text)
        return self._settled(write, text, Result.UPDATED)

    def _create(self, write: Write) -> None:
        create = self.items.create_view if write.key.is_view else self.items.create
        create(write.key.full_name, write.text)

    def _update(self, key: ItemKey, text: str) -> None:
        update = self.items.update_view if key.is_view else self.items.update
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                update(key.full_name, text)
            except AnswerLost:
                # The same text twice is the same as once, and the lock keeps others of us away.
                there = self._document(key)
                if there is not None and not changes(parse_config(text), parse_config(there)):
                    return
                if attempt == _ATTEMPTS or there is None:
                    raise
            else:
                return

    def _settled(self, write: Write, text: str, result: Result) -> Written:
        sent = parse_config(text)
        if not (write.key.is_view or is_folder(sent)):
            # A view is written anew whenever it is read; a folder would hand its description to its primary view.
            self._describe(write.key.full_name, sent.text_of("description"))
        saved = self._document(write.key)
        if saved is None:
            return _ended(write, Result.FAILED, "Jenkins said that it took it, and it is not there")
        found = parse_config(saved)
        if not _is_same_job(sent, found):
            return _ended(write, Result.FAILED, "what is there after the write is not what was sent")
        seen = read_back(sent, found)
        base = written_base(write.rendered, saved, old=write.base, kept=write.kept)
        if seen.lost:
            detail = f"Jenkins dropped what no plugin of its has: {', '.join(seen.lost)}"
            return Written(Outcome(write.key, Result.FAILED, detail), base)
        detail = "; ".join(f"Jenkins made of {each}" for each in seen.otherwise)
        return Written(Outcome(write.key, result, detail), base)

    def _describe(self, full_name: str, description: str) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self.items.describe(full_name, description)
            except AnswerLost:
                if attempt == _ATTEMPTS:
                    raise
            else:
                return

    def _document(self, key: ItemKey) -> str | None:
        return self.items.view_xml(key.full_name) if key.is_view else self.items.config_xml(key.full_name)


def _is_same_job(sent: Element, found: Element) -> bool:
    """Whether FOUND is of the kind of what was SENT, and bears its mark: a proxy's page is XML, too."""
    marks = (owner_of(each.text_of("description")) for each in (sent, found))
    return standard_shape(sent).tag == standard_shape(found).tag and next(marks) == next(marks)


def _is_ours(text: str, there: str, *, was_lost: bool) -> bool:
    """Whether THERE is what TEXT, whose answer was lost, has become; else it must be the same to the last field."""
    sent, found = parse_config(text), parse_config(there)
    if was_lost:
        return owner_of(found.text_of("description")) == owner_of(sent.text_of("description"))
    return not changes(sent, found)


def _ended(write: Write, result: Result, detail: str) -> Written:
    return Written(Outcome(write.key, result, detail))
