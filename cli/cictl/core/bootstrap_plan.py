"""What bootstrap would do and did, step by step: which parts wait for which, and how the run ends; it does nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from cictl.errors import CictlError, ExitCode, NotAllowed


class Part(StrEnum):
    """What bootstrap sees to, in this order."""

    ACCESS = "access"
    PLUGINS = "plugins"
    FOLDERS = "folders"
    CREDENTIALS = "credentials"
    AGENT = "agent"
    JOBS = "jobs"
    TRIGGERS = "triggers"
    SMOKE = "smoke"


NEEDS: Mapping[Part, frozenset[Part]] = {
    Part.ACCESS: frozenset(),
    Part.PLUGINS: frozenset({Part.ACCESS}),
    Part.FOLDERS: frozenset({Part.ACCESS, Part.PLUGINS}),
    Part.CREDENTIALS: frozenset({Part.FOLDERS}),
    Part.AGENT: frozenset({Part.ACCESS}),
    Part.JOBS: frozenset({Part.FOLDERS}),
    Part.TRIGGERS: frozenset({Part.ACCESS, Part.PLUGINS}),
    Part.SMOKE: frozenset({Part.FOLDERS, Part.AGENT}),
}


class Standing(StrEnum):
    """What becomes of a step, or became of it."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    UNVERIFIED = "unverified"


PLANNED_WORDS = {Standing.CREATED: "create", Standing.CHANGED: "change"}
_DOES_SOMETHING = frozenset(PLANNED_WORDS)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing of a part: SUBJECT is its name, TODO what people do next, LINES more of it.

    A step that is refused stops the parts in BLOCKS; None is all that need its own part. AFTER is the subject of an
    earlier step of the same part that this one needs.
    """

    part: Part
    subject: str
    standing: Standing
    detail: str = ""
    todo: str = ""
    lines: tuple[str, ...] = ()
    exit_code: ExitCode = ExitCode.OK
    blocks: frozenset[Part] | None = None
    after: str = ""

    @property
    def is_to_do(self) -> bool:
        """Whether something is to be written for it."""
        return self.standing in _DOES_SOMETHING

    @property
    def planned_word(self) -> str:
        """What a plan calls it: what would be done."""
        return PLANNED_WORDS.get(self.standing, self.standing.value)


def refused(
    part: Part,
    subject: str,
    why: str,
    todo: str = "",
    *,
    exit_code: ExitCode = ExitCode.FAR_SIDE_FAILED,
    blocks: frozenset[Part] | None = None,
) -> Step:
    """Return the step that cannot be: WHY, and what to do about it."""
    return Step(part, subject, Standing.REFUSED, why, todo, exit_code=exit_code, blocks=blocks)


def refused_by(error: CictlError, part: Part, subject: str) -> Step:
    """Return the step that ERROR ended."""
    return refused(part, subject, error.message, error.hint or "", exit_code=error.exit_code)


def obstacle(part: Part, steps: Iterable[Step]) -> str | None:
    """Return which of the earlier STEPS is in PART's way, None if none is."""
    for step in steps:
        if step.standing is Standing.REFUSED and part in _blocked_by(step):
            return f"{step.part}: {step.subject}"
    return None


def waiting(part: Part, subject: str, what: str) -> Step:
    """Return the step that waits for WHAT, whose refusal decides how the run ends."""
    return refused(part, subject, f"it waits for {what}, which was refused", exit_code=ExitCode.OK)


def exit_code(steps: Iterable[Step]) -> ExitCode:
    """Return how a run that did STEPS ends: as the first refusal says; a missing right tells less than a failure."""
    codes = [step.exit_code for step in steps if step.standing is Standing.REFUSED and step.exit_code]
    return next((code for code in codes if code is not NotAllowed.exit_code), codes[0] if codes else ExitCode.OK)


def check_exit_code(steps: Iterable[Step]) -> ExitCode:
    """Return how a check ends: 0 where all is as it should be, 20 where a run would write, else as refusals say."""
    steps = tuple(steps)
    if code := exit_code(steps):
        return code
    return ExitCode.CHANGES_PRESENT if any(step.is_to_do for step in steps) else ExitCode.OK


def _blocked_by(step: Step) -> frozenset[Part]:
    if step.blocks is not None:
        return step.blocks
    return frozenset(part for part in Part if step.part in NEEDS[part])


def with_proof(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return STEPS, with the smoke build anew where an earlier one would change what it proves."""
    steps = tuple(steps)
    if not any(step.is_to_do and step.part in NEEDS[Part.SMOKE] | {Part.PLUGINS} for step in steps):
        return steps
    return tuple(
        replace(step, standing=Standing.CHANGED, detail=f"built anew; {step.detail}")
        if step.part is Part.SMOKE and step.standing is Standing.UNCHANGED
        else step
        for step in steps
    )
