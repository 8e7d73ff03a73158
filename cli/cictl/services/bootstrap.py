"""Brings a fresh Jenkins to a working one, part by part: all is planned first, each step is done and read back.

A part looks, plans and acts by itself; here stands only what holds for all: their order, what waits for what, and that
one failure does not stop what has nothing to do with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cictl.core.bootstrap_plan import Part, Standing, Step, obstacle, refused_by, waiting, with_proof
from cictl.errors import AnswerLost, CictlError, StartingUp, TimedOut, Unreachable


class Work(Protocol):
    """One part."""

    @property
    def part(self) -> Part:
        """Which part it is."""

    def plan(self) -> tuple[Step, ...]:
        """Look, and return what is to be done; nothing is changed."""

    def apply(self, step: Step) -> Step:
        """Look again, do STEP, read back, and return how it stands."""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The parts in their order; SAY tells people what is going on, WAIT returns once a Jenkins that starts serves."""

    works: Sequence[Work]
    say: Callable[[str], None]
    wait: Callable[[], object] = lambda: None

    def plan(self) -> tuple[Step, ...]:
        """Return every step; Unreachable or TimedOut if Jenkins goes away meanwhile."""
        steps: list[Step] = []
        for work in self.works:
            steps += _waiting(work, steps) or _planned(work)
        return with_proof(steps)

    def apply(self, planned: Iterable[Step]) -> tuple[Step, ...]:
        """Do the PLANNED steps that are to be done, and return how each stands; once Jenkins is away, none is tried."""
        planned = tuple(planned)
        results: list[Step] = []
        is_away = False
        for work in self.works:
            if wait := _waiting(work, results):
                results += wait
                continue
            for step in (each for each in planned if each.part is work.part):
                if is_away and step.is_to_do:
                    results.append(waiting(step.part, step.subject, "Jenkins"))
                    continue
                result, went_away = self._done(work, step, results)
                is_away |= went_away
                results.append(result)
        return tuple(results)

    def _done(self, work: Work, step: Step, results: Sequence[Step]) -> tuple[Step, bool]:
        """Return how STEP stands, and whether Jenkins went away with it."""
        if not step.is_to_do:
            return step, False
        if _is_in_vain(step, results):
            return waiting(step.part, step.subject, step.after), False
        self.say(f"{step.part}: {step.subject}")
        try:
            return self._applied(work, step), False
        except CictlError as error:
            is_away = isinstance(error, Unreachable) and not isinstance(error, AnswerLost)
            return refused_by(error, step.part, step.subject), is_away

    def _applied(self, work: Work, step: Step) -> Step:
        """Do STEP; where Jenkins restarts meanwhile, look again and go on once it is back."""
        try:
            return work.apply(step)
        except StartingUp:
            self.wait()
            return work.apply(step)


def _waiting(work: Work, steps: Sequence[Step]) -> tuple[Step, ...]:
    what = obstacle(work.part, steps)
    return () if what is None else (waiting(work.part, "all", what),)


def _planned(work: Work) -> tuple[Step, ...]:
    try:
        return work.plan()
    except (Unreachable, TimedOut):
        raise
    except CictlError as error:
        return (refused_by(error, work.part, "plan"),)


def _is_in_vain(step: Step, results: Iterable[Step]) -> bool:
    return any(
        each.part is step.part and each.subject == step.after and each.standing is Standing.REFUSED for each in results
    )
