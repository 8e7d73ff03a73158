"""Which step of a build failed, and why, out of what the builder printed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LAST_LINES = 10
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_STEP = re.compile(r"#(\d+) (\[.+)")
_ERROR = re.compile(r"#(\d+) ERROR: (.*)")
_OUTPUT = re.compile(r"#(\d+) \d+\.\d+ ?(.*)")
_CLASSIC_STEP = re.compile(r"Step \d+/\d+ : (.*)")
_NOISE = re.compile(r"#\d+ sha256:[0-9a-f]+$| ---> |(?:Removing|Removed) intermediate container ")
_PREFIXES = re.compile(r"^(?:ERROR: )?(?:failed to solve(?: with frontend \S+)?: |failed to create LLB definition: )+")


@dataclass(frozen=True, slots=True)
class BuildFailure:
    """`step` is the instruction that failed, None if it never came to one; `lines` are the last it printed."""

    reason: str
    step: str | None = None
    lines: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """All of it, for the error's message."""
        at = f" at {self.step}" if self.step else ""
        return "\n".join([f"the build failed{at}: {self.reason}", *(f"  {line}" for line in self.lines)])


def without_colour(line: str) -> str:
    """Return LINE without escape sequences, and without what ends it."""
    return _ANSI.sub("", line).rstrip()


def is_noise(line: str) -> bool:
    """Whether LINE tells only the builder itself something: identities of steps, layers and containers."""
    return _NOISE.match(line) is not None


def buildkit_failure(lines: Sequence[str]) -> BuildFailure:
    """Return what BuildKit's plain progress LINES say of the step that failed."""
    failed = next((match for line in lines if (match := _ERROR.match(line))), None)
    if failed is None:
        last = next((line for line in reversed(lines) if line.strip()), "the builder said nothing")
        return BuildFailure(_PREFIXES.sub("", last.strip()))
    number = failed[1]
    step = next((match[2] for line in lines if (match := _STEP.match(line)) and match[1] == number), None)
    printed = [match[2] for line in lines if (match := _OUTPUT.match(line)) and match[1] == number]
    return BuildFailure(failed[2], step, tuple(printed[-_LAST_LINES:]))


def classic_failure(lines: Sequence[str], reason: str) -> BuildFailure:
    """Return what the engine's own builder said in LINES before it gave up for REASON."""
    step, printed = None, list[str]()
    for line in lines:
        if match := _CLASSIC_STEP.match(line):
            step, printed = match[0], []
        elif line.strip() and not is_noise(line):
            printed.append(line)
    return BuildFailure(reason, step, tuple(printed[-_LAST_LINES:]))
