"""People's answers to builds that wait: found, given once, and read back, since an answer may be lost or come late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from cictl.clock import Clock, sleep_until
from cictl.core.build_answers import answers, asks_for_values, ever_asked_for_values, linked_input
from cictl.core.console_notes import ConsoleText
from cictl.core.jenkins_builds import Build, LogPosition, WaitingInput
from cictl.core.spelling import suggestion
from cictl.errors import AnswerLost, CictlError, Conflict, FarSideFailed, NotFound, UsageProblem
from cictl.services.build_patience import Patience

_LOOKED_AT = 100
_SETTLE_SECONDS = 30.0
_LOOK_EVERY_SECONDS = 0.5


class Builds(Protocol):
    """The builds of one Jenkins."""

    def build(self, full_name: str, number: int) -> Build | None:
        """Return the build, None where there is none of that number."""

    def builds(self, full_name: str, *, limit: int = 20) -> tuple[Build, ...]:
        """Return the newest builds, the newest first."""

    def waiting_inputs(self, full_name: str, number: int) -> tuple[WaitingInput, ...]:
        """Return what the build asks people."""

    def proceed(self, full_name: str, number: int, input_id: str, parameters: Mapping[str, str] | None = None) -> None:
        """Answer an input with yes."""

    def abort(self, full_name: str, number: int, input_id: str) -> None:
        """Answer an input with no."""

    def read_log(self, full_name: str, number: int, start: int, sink: Callable[[bytes], None]) -> LogPosition:
        """Give SINK what the log has from START on, and return where to go on."""


@dataclass(frozen=True, slots=True)
class Question:
    """An input that a build waits at."""

    build: Build
    asked: WaitingInput

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"{self.asked.input_id!r} of {self.build.label}"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was read back; `said` is what the log says of it, "" where it says nothing yet."""

    question: Question
    said: str
    build: Build


@dataclass(frozen=True, slots=True)
class AnswerDesk:
    """Answers the inputs of builds."""

    builds: Builds
    clock: Clock
    patience: Patience

    def find(self, full_name: str, *, number: int | None = None, input_id: str | None = None) -> Question:
        """Return the one question that waits; NotFound if there is none, UsageProblem if there are several."""
        builds = self._candidates(full_name, number)
        waiting = [Question(build, asked) for build in builds for asked in self._inputs(build, input_id)]
        found = [each for each in waiting if input_id in {None, each.asked.input_id}]
        if len(found) > 1:
            named = "; ".join(f"--build {each.build.number} --input {each.asked.input_id}" for each in found)
            raise UsageProblem(f"{len(found)} questions of {full_name} wait", hint=f"name one: {named}")
        if not found:
            raise _nothing_waits(full_name, number, input_id, waiting)
        return found[0]

    def approve(self, question: Question, values: Mapping[str, str], *, is_bare_fine: bool = False) -> Answered:
        """Say yes, with VALUES for what it asks; UsageProblem if it asks for values and gets none, or for others.

        Jenkins would let the build go on without them, even without defaults; IS_BARE_FINE wants that.
        """
        if values:
            self._check_names(question, values)
        elif not is_bare_fine and self._needs_values(question):
            hint = "give them with -p NAME=VALUE, as the Jenkinsfile names them; without them, it gets no defaults"
            raise UsageProblem(f"{question.label} asks for parameters", hint=hint)
        build, input_id = question.build, question.asked.input_id
        send = partial(self.builds.proceed, build.full_name, build.number, input_id, values)
        return self._answer(question, send, "Approved by")

    def reject(self, question: Question) -> Answered:
        """Say no."""
        build, input_id = question.build, question.asked.input_id
        return self._answer(
            question, partial(self.builds.abort, build.full_name, build.number, input_id), "Rejected by"
        )

    def _candidates(self, full_name: str, number: int | None) -> list[Build]:
        if number is None:
            return [build for build in self.builds.builds(full_name, limit=_LOOKED_AT) if build.is_building]
        build = self.builds.build(full_name, number)
        if build is None:
            raise NotFound(f"{full_name} has no build {number}", hint="'cictl build list' shows those that are kept")
        return [build]

    def _inputs(self, build: Build, input_id: str | None) -> tuple[WaitingInput, ...]:
        try:
            return self.builds.waiting_inputs(build.full_name, build.number)
        except FarSideFailed:
            # An older plugin: its log holds the id, or else the user knows it from the Jenkinsfile.
            known = input_id or linked_input(self._raw_log(build))
            if known is None:
                raise
            return (WaitingInput(known, ""),)

    def _check_names(self, question: Question, values: Mapping[str, str]) -> None:
        """Raise UsageProblem for what it does not ask: Jenkins' own answer to that is an error that says nothing."""
        known = question.asked.parameters
        if not known and not ever_asked_for_values(self._log(question.build)):
            raise UsageProblem(f"{question.label} asks for no parameters", hint="leave -p out")
        if unknown := next((name for name in values if known and name not in known), None):
            raise UsageProblem(f"{question.label} asks for no parameter {unknown!r}", hint=suggestion(unknown, known))

    def _needs_values(self, question: Question) -> bool:
        return bool(question.asked.parameters) or asks_for_values(self._log(question.build))

    def _answer(self, question: Question, send: Callable[[], None], word: str) -> Answered:
        before = len(answers(self._log(question.build)))
        try:
            send()
        except AnswerLost as problem:
            answered = self._read_back(question, before, problem)
            if not answered.said.startswith(word):
                said = answered.said or f"the build ended as {answered.build.result}"
                message = f"{question.label} does not wait any more, and not by this answer: {said}"
                raise Conflict(message, hint="read the build's log: 'cictl build log'") from problem
            return answered
        return self._read_back(question, before, None)

    def _read_back(self, question: Question, before: int, problem: AnswerLost | None) -> Answered:
        """Return what became of the answer, once the question does not wait any more."""
        deadline = self.clock.monotonic() + _SETTLE_SECONDS
        while self.patience.ask(lambda: self._still_waits(question), deadline=deadline):
            if self.clock.monotonic() >= deadline:
                message = f"{question.label} still waits, though it was answered"
                raise FarSideFailed(message, hint="look at the build in Jenkins, or answer again") from problem
            sleep_until(deadline, self.clock, at_most=_LOOK_EVERY_SECONDS)
        said = answers(self.patience.ask(lambda: self._log(question.build)))
        build = self.patience.ask(lambda: self.builds.build(question.build.full_name, question.build.number))
        return Answered(question, said[-1] if len(said) > before else "", build or question.build)

    def _still_waits(self, question: Question) -> bool:
        build = question.build
        try:
            waiting = self.builds.waiting_inputs(build.full_name, build.number)
        except FarSideFailed:
            return False  # Jenkins does not tell what waits; it took the answer
        return question.asked.input_id in {each.input_id for each in waiting}

    def _log(self, build: Build) -> str:
        text = ConsoleText()
        return text.feed(self._raw_log(build)) + text.end()

    def _raw_log(self, build: Build) -> bytes:
        pieces: list[bytes] = []
        self.builds.read_log(build.full_name, build.number, 0, pieces.append)
        return b"".join(pieces)


def _nothing_waits(full_name: str, number: int | None, input_id: str | None, waiting: list[Question]) -> CictlError:
    if waiting and input_id is not None:
        known = [each.asked.input_id for each in waiting]
        return NotFound(f"{full_name} asks nothing called {input_id!r}", hint=suggestion(input_id, known))
    which = f"{full_name} #{number}" if number is not None else f"no build of {full_name}"
    hint = "it may have been answered already, or not come so far: 'cictl build log' shows it"
    message = f"{which} does not wait for an answer" if number is not None else f"{which} waits for an answer"
    return NotFound(message, hint=hint)
