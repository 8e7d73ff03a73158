"""Writes one job: reads it once more, sends it, has Jenkins save it its own way, and reads what came of it.

Jenkins has no compare-and-set, so what is there is looked at right before the write, and again after it. An answer that
is lost is no failure: what is there tells whether it was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cictl.core.job_changes import changes
from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_intents import Write, is_done
from cictl.core.job_marks import owner_of
from cictl.core.job_outcome import DONE_ALREADY, Outcome, Result
from cictl.core.job_plan import ItemKey
from cictl.core.job_records import written_base
from cictl.core.job_shapes import is_folder, standard_shape
from cictl.core.job_swallowed import read_back
from cictl.core.job_three_way import Base
from cictl.core.job_veil import veiled
from cictl.core.job_write import CannotSend
from cictl.core.job_xml import Element, parse_config
from cictl.errors import CictlError, Conflict
from cictl.services.jobs_documents import Documents, document_of
from cictl.services.jobs_session import Attempt

_ATTEMPTS = 3
MOVED = "it was changed in Jenkins since the plan"
LOST_AGAIN = "Jenkins' answers are lost again and again, and it is not done"


class Items(Documents, Protocol):
    """Jobs, folders and views of one Jenkins."""

    def create(self, full_name: str, xml: str) -> None:
        """Create a job; Conflict if the name is taken."""

    def update(self, full_name: str, xml: str) -> None:
        """Replace a job's config.xml."""

    def describe(self, full_name: str, description: str) -> None:
        """Set a job's description, upon which Jenkins saves it."""

    def create_view(self, full_name: str, xml: str) -> None:
        """Create a view; Conflict if the name is taken."""

    def update_view(self, full_name: str, xml: str) -> None:
        """Replace a view's config.xml."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write; BASE is what is to be kept of it, None where nobody knows what is there."""

    outcome: Outcome
    base: Base | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class JobWriter:
    """Writes to ITEMS; LATEST are our last writes as they are on record now, by whichever run."""

    items: Items
    latest: Mapping[ItemKey, Base] = field(default_factory=dict, repr=False)

    def write(self, write: Write) -> Written:
        """Do WRITE; whatever comes in the way is in the result."""
        attempt = Attempt(write.key)
        try:
            return self._created(write, attempt) if write.live is None else self._updated(write, attempt)
        except CictlError as error:
            return Written(attempt.judged(error))

    def _created(self, write: Write, attempt: Attempt) -> Written:
        for _ in range(_ATTEMPTS):
            try:
                with attempt.sending():
                    self._create(write)
            except Conflict as error:
                return self._taken(write, attempt, error)
            if not attempt.was_lost:
                return self._settled(write, write.text, Result.CREATED)
            if (there := document_of(self.items, write.key)) is not None:
                return self._found(write, there, attempt)
        return _ended(write, Result.FAILED, LOST_AGAIN)  # creating it twice is refused, so trying again was safe

    def _taken(self, write: Write, attempt: Attempt, error: Conflict) -> Written:
        there = document_of(self.items, write.key)
        return _ended(write, Result.FAILED, error.message) if there is None else self._found(write, there, attempt)

    def _found(self, write: Write, there: str, attempt: Attempt) -> Written:
        """Judge what is THERE under the name: what the lost request made, what another run did, or a stranger."""
        if attempt.was_lost and owner_of(_said_by(there)) == owner_of(_said_by(write.text)):
            return self._settled(write, write.text, Result.CREATED)
        return self._done_already(write, there) or _ended(
            write, Result.CONFLICT, "something of that name was made since the plan"
        )

    def _updated(self, write: Write, attempt: Attempt) -> Written:
        there = document_of(self.items, write.key)
        if there is None:
            return _ended(write, Result.CONFLICT, "it was deleted in Jenkins since the plan")
        text: str | CannotSend = write.text
        if there != write.live:
            if fingerprint(veiled(there)) != write.plan.fingerprint:
                return self._done_already(write, there) or _ended(write, Result.CONFLICT, MOVED)
            text = write.again(there)
        if isinstance(text, CannotSend):
            return _ended(write, Result.CONFLICT, text.reason)
        if not self._update(write.key, text, attempt):
            return _ended(write, Result.FAILED, LOST_AGAIN)
        return self._settled(write, text, Result.UPDATED)

    def _done_already(self, write: Write, there: str) -> Written | None:
        """Return that another run, which planned the same, has done WRITE; None where something else is THERE."""
        if not is_done(write, there, self.latest.get(write.key)):
            return None
        base = written_base(write.rendered, there, old=write.base, kept=write.kept)
        return Written(Outcome(write.key, Result.UNCHANGED, DONE_ALREADY), base)

    def _create(self, write: Write) -> None:
        create = self.items.create_view if write.key.is_view else self.items.create
        create(write.key.full_name, write.text)

    def _update(self, key: ItemKey, text: str, attempt: Attempt) -> bool:
        """Send TEXT and return whether it is there; the same twice is the same as once, and the lock keeps us alone."""
        update = self.items.update_view if key.is_view else self.items.update
        for _ in range(_ATTEMPTS):
            attempt.was_lost = False
            with attempt.sending():
                update(key.full_name, text)
            if not attempt.was_lost:
                return True
            there = document_of(self.items, key)
            if there is None or not changes(parse_config(text), parse_config(there)):
                return there is not None
        return False

    def _settled(self, write: Write, text: str, result: Result) -> Written:
        sent = parse_config(text)
        if not (write.key.is_view or is_folder(sent)):
            # A view is written anew whenever it is read; a folder would hand its description to its primary view.
            self._describe(write.key, sent.text_of("description"))
        saved = document_of(self.items, write.key)
        if saved is None:
            return _ended(write, Result.FAILED, "Jenkins said that it took it, and it is not there")
        found = parse_config(saved)
        if not _is_same_job(sent, found):
            return _ended(write, Result.FAILED, "what is there after the write is not what was sent")
        seen = read_back(sent, found)
        base = written_base(write.rendered, saved, old=write.base, kept=write.kept, gone=seen.gone)
        if seen.lost:
            detail = f"Jenkins dropped what no plugin of its has: {', '.join(seen.lost)}"
            return Written(Outcome(write.key, Result.FAILED, detail), base)
        detail = "; ".join(f"Jenkins made of {each}" for each in seen.otherwise)
        return Written(Outcome(write.key, result, detail), base)

    def _describe(self, key: ItemKey, description: str) -> None:
        """Have Jenkins save the job: it is written by now, so a save whose answer stays lost takes nothing from it."""
        for _ in range(_ATTEMPTS):
            attempt = Attempt(key)
            with attempt.sending():
                self.items.describe(key.full_name, description)
            if not attempt.was_lost:
                return


def _is_same_job(sent: Element, found: Element) -> bool:
    """Whether FOUND is of the kind of what was SENT, and bears its mark: a proxy's page is XML, too."""
    marks = (owner_of(each.text_of("description")) for each in (sent, found))
    return standard_shape(sent).tag == standard_shape(found).tag and next(marks) == next(marks)


def _said_by(xml: str) -> str:
    return parse_config(xml).text_of("description")


def _ended(write: Write, result: Result, detail: str) -> Written:
    return Written(Outcome(write.key, result, detail))
