"""Lets one run of cictl at a time write jobs: a job in Jenkins is the lock, since making one twice is refused.

It is advisory: Jenkins itself knows nothing of it, so each write looks at what is there all the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from cictl.clock import Clock, sleep_until
from cictl.core.jenkins_items import joined
from cictl.core.job_keeping import LOCK_NAME, STALE_SECONDS, Lock, admin_folder, admin_xml, lock_xml, read_lock
from cictl.core.quantities import format_duration
from cictl.errors import AnswerLost, CictlError, Conflict, NotAllowed, NotFound

_ATTEMPTS = 5
RENEW_SECONDS = 20.0
_LOOK_EVERY_SECONDS = 2.0


class LockInUse(Conflict):
    """Another run holds the lock, and lives."""


class Items(Protocol):
    """The jobs of one Jenkins."""

    def config_xml(self, full_name: str) -> str | None:
        """Return a job's config.xml."""

    def create(self, full_name: str, xml: str) -> None:
        """Create a job; Conflict if the name is taken."""

    def update(self, full_name: str, xml: str) -> None:
        """Replace a job's config.xml."""

    def delete(self, full_name: str) -> bool:
        """Delete a job."""


class Process(Protocol):
    """The process itself, and what it can tell of others."""

    @property
    def who(self) -> str:
        """Who runs it, for people."""

    @property
    def token(self) -> str:
        """What it is known by."""

    def is_dead(self, token: str) -> bool:
        """Whether the process known by TOKEN is surely no more."""


@dataclass(slots=True)
class Held:
    """The lock, while it is ours."""

    items: Items
    name: str
    lock: Lock
    now: Callable[[], float]
    clock: Clock
    _renewed: float = field(init=False)

    def __post_init__(self) -> None:
        self._renewed = self.clock.monotonic()

    def check(self) -> None:
        """Raise Conflict if somebody took the lock over."""
        there = _seen(self.items.config_xml(self.name))
        if there is None or there.holder != self.lock.holder:
            who = there.who if there else "somebody"
            raise Conflict(f"{who} took over while this run wrote jobs", hint="see 'cictl jobs plan' for what is left")

    def renew(self) -> None:
        """Show a sign of life now and then; raise Conflict if somebody took the lock over."""
        if self.clock.monotonic() - self._renewed < RENEW_SECONDS:
            return
        self._renewed = self.clock.monotonic()
        self.check()
        self.lock = self.lock.renewed_at(self.now())
        self.items.update(self.name, lock_xml(self.lock))


@dataclass(frozen=True, slots=True)
class JobsLock:
    """The lock on the jobs of the team's FOLDER; NOW is Jenkins' time. TELL says whose lock was broken, and why.

    A run of another is waited for PATIENCE_SECONDS: most are done by then, and what they did is found done.
    """

    items: Items
    folder: str
    process: Process
    now: Callable[[], float]
    clock: Clock
    tell: Callable[[str], None] = lambda _: None
    take_over: bool = False
    patience_seconds: float = 0.0

    @property
    def name(self) -> str:
        """The full name of the job that is the lock."""
        return joined(admin_folder(self.folder), LOCK_NAME)

    @contextmanager
    def held(self) -> Iterator[Held]:
        """Hold the lock; Conflict, which says by whom, where another run goes on to hold it."""
        now = self.now()
        mine = Lock(uuid.uuid4().hex, self.process.who, self.process.token, now, now)
        try:
            self._acquire_patiently(mine)
            yield Held(self.items, self.name, mine, self.now, self.clock)
        finally:
            self._release(mine)

    def look_after(self) -> bool:
        """Take away a lock that a dead run left, tell of one in use, and return whether there is none now.

        For runs that have nothing to write: such a lock is in nobody's way yet, but must not lie there unseen.
        """
        with suppress(NotAllowed):  # who may not see it has nothing to say of it
            if (xml := self.items.config_xml(self.name)) is None:
                return True
            there = _seen(xml)
            if self._reason_to_break(there) is not None:
                self._break(there)
                return True
            problem = self._in_use(there)
            self.tell(f"{problem.message}; {problem.hint}")
        return False

    def is_left(self) -> bool:
        """Whether a lock is there that nobody holds any more: that of a dead run, or of an earlier one of ours."""
        with suppress(NotAllowed):  # as above
            there = _seen(self.items.config_xml(self.name))
            if there is not None:
                return there.process == self.process.token or self._reason_to_break(there) is not None
        return False

    def take_away(self) -> None:
        """Take such a lock away; raise what Jenkins has against it."""
        if self.is_left():
            self.items.delete(self.name)

    def _acquire_patiently(self, mine: Lock) -> None:
        deadline = self.clock.monotonic() + self.patience_seconds
        is_told = False
        while True:
            try:
                return self._acquire(mine)
            except LockInUse as problem:
                if self.clock.monotonic() >= deadline:
                    raise
                if not is_told:
                    self.tell(f"{problem.message}; waiting for it")
                is_told = True
            sleep_until(deadline, self.clock, at_most=_LOOK_EVERY_SECONDS)

    def _acquire(self, mine: Lock) -> None:
        for _ in range(_ATTEMPTS):
            try:
                self.items.create(self.name, lock_xml(mine))
            except (AnswerLost, Conflict):
                if self._is_mine_or_broken(mine):
                    return
            except NotFound:
                self._make_folder()
            else:
                return
        raise Conflict(f"the lock {self.name} comes and goes: others write jobs", hint="try again in a minute")

    def _make_folder(self) -> None:
        """Make the folder that the lock is in: whoever comes first from another tool has run no bootstrap."""
        name = admin_folder(self.folder)
        try:
            self.items.create(name, admin_xml())
        except NotFound as error:
            hint = "run 'cictl bootstrap', which makes the team's folder"
            raise NotFound(f"there is no folder {self.folder} in Jenkins", hint=hint) from error
        except (AnswerLost, Conflict):
            if self.items.config_xml(name) is None:
                raise

    def _is_mine_or_broken(self, mine: Lock) -> bool:
        """Whether the lock is ours after all; one that is stale is broken, and then it is to be tried again."""
        xml = self.items.config_xml(self.name)
        there = _seen(xml)
        if there is not None and there.holder == mine.holder:
            return True
        if xml is None:
            return False
        if self._reason_to_break(there) is None:
            raise self._in_use(there)
        self._break(there)
        return False

    def _break(self, there: Lock | None) -> None:
        who = there.who if there else "nobody known"
        self.tell(f"the lock of {who} is broken: {self._reason_to_break(there)}")
        if _seen(self.items.config_xml(self.name)) == there:  # else somebody else broke it, and holds his own
            self.items.delete(self.name)

    def _reason_to_break(self, there: Lock | None) -> str | None:
        if self.take_over:
            return "--take-over says so"
        if there is None:
            return None
        if self.process.is_dead(there.process):
            return "that process is no more"
        silence = self.now() - there.renewed
        return f"no sign of life for {format_duration(round(silence))}" if silence > STALE_SECONDS else None

    def _in_use(self, there: Lock | None) -> Conflict:
        if there is None:
            hint = "look at it in Jenkins; --take-over deletes it"
            return Conflict(f"{self.name} is there, and no lock of this cictl", hint=hint)
        age = format_duration(round(max(0.0, self.now() - there.since)))
        later = format_duration(STALE_SECONDS)
        hint = f"wait for it; if it is dead, --take-over goes on, as any run does {later} after its last sign of life"
        return LockInUse(f"{there.who} writes jobs, since {age}", hint=hint)

    def _release(self, mine: Lock) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                there = _seen(self.items.config_xml(self.name))
                if there is not None and there.holder == mine.holder:
                    self.items.delete(self.name)
            except CictlError as error:
                if attempt < _ATTEMPTS and isinstance(error, AnswerLost):
                    continue
                self.tell(f"the lock {self.name} could not be taken away: {error.message}")
            return


def _seen(xml: str | None) -> Lock | None:
    if xml is None:
        return None
    try:
        return read_lock(xml)
    except (ValueError, CictlError):
        return None
