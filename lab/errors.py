"""What can go wrong in the lab, and the exit code of each."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How ``python -m lab`` ends."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REQUIREMENT_MISSING = 3
    NOT_RUNNING = 4
    TIMED_OUT = 8


class LabError(Exception):
    """Something the user can act on: what went wrong, and in ``hint`` what to do next."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep the message and the hint."""
        super().__init__(message)
        self.hint = hint


class UsageError(LabError):
    """The command line cannot mean anything."""

    exit_code = ExitCode.USAGE


class RequirementError(LabError):
    """The machine cannot run the native lab."""

    exit_code = ExitCode.REQUIREMENT_MISSING


class NotRunningError(LabError):
    """The lab, or the part that was asked for, is not running."""

    exit_code = ExitCode.NOT_RUNNING


class TimedOutError(LabError):
    """A part did not become ready in time."""

    exit_code = ExitCode.TIMED_OUT
