"""The one error hierarchy and the exit codes; imports nothing of cictl."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process's exit status tells a script."""

    OK = 0
    BUG = 1
    USAGE = 2
    CONFIG = 3
    NOT_FOUND = 4
    NOT_ALLOWED = 5
    CONFLICT = 6
    UNREACHABLE = 7
    TIMED_OUT = 8
    FAR_SIDE_FAILED = 9
    GATE_UNHEALTHY = 10
    GATE_UNDECIDED = 11
    CHANGES_PRESENT = 20


class CictlError(Exception):
    """An error that a user can act on: what and where in the message, what next in the hint."""

    exit_code: ExitCode = ExitCode.BUG

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        """Keep MESSAGE (what is wrong, and where) and HINT (what to do next)."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageProblem(CictlError):
    """The command line asks for something that cannot be."""

    exit_code = ExitCode.USAGE


class ConfigInvalid(CictlError):
    """A configuration file, service.yaml, chart or manifest is wrong."""

    exit_code = ExitCode.CONFIG


class NotFound(CictlError):
    """What was named does not exist."""

    exit_code = ExitCode.NOT_FOUND


class FolderGone(NotFound):
    """The working directory is there no more."""

    def __init__(self) -> None:
        """Say how to get one."""
        message = "the folder that this was started in is gone"
        super().__init__(message, hint="change into one that is there, or into this one anew: cd .")


class NotAllowed(CictlError):
    """The far side refuses for lack of rights."""

    exit_code = ExitCode.NOT_ALLOWED


class Conflict(CictlError):
    """Somebody else drives, or it changed since it was read."""

    exit_code = ExitCode.CONFLICT


class Unreachable(CictlError):
    """A system does not answer."""

    exit_code = ExitCode.UNREACHABLE


class StartingUp(Unreachable):
    """A system answers that it is starting or restarting: later it will serve."""


class AnswerLost(Unreachable):
    """A write was sent and its answer never came: it may or may not have been done, so read and compare."""


class TimedOut(CictlError):
    """A deadline passed."""

    exit_code = ExitCode.TIMED_OUT


class FarSideFailed(CictlError):
    """A build, test, push or apply was refused or failed."""

    exit_code = ExitCode.FAR_SIDE_FAILED


class GateUnhealthy(CictlError):
    """A gate found the release unhealthy."""

    exit_code = ExitCode.GATE_UNHEALTHY


class GateUndecided(CictlError):
    """A gate could not tell: unknown or insufficient."""

    exit_code = ExitCode.GATE_UNDECIDED
