"""How a driver's run ended, and what the shell is told of it."""

from __future__ import annotations

from dataclasses import dataclass

from cictl.core.record import ReleaseRecord
from cictl.core.rollout_state import Phase, Reason
from cictl.errors import ExitCode

_EXIT_CODES = {
    Reason.GATE_UNHEALTHY: ExitCode.GATE_UNHEALTHY,
    Reason.GATE_UNKNOWN: ExitCode.GATE_UNDECIDED,
    Reason.GATE_INSUFFICIENT: ExitCode.GATE_UNDECIDED,
    Reason.PODS_FAILED: ExitCode.FAR_SIDE_FAILED,
    Reason.TIMED_OUT: ExitCode.TIMED_OUT,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`log` holds the last lines of the container that failed, where one did; `held` says it was left at its step."""

    service: str
    namespace: str
    release: int
    phase: Phase
    reason: Reason
    why: str
    image: str
    log: tuple[str, ...] = ()
    held: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """What the driver's process exits with; someone else's abort or change is a conflict for it."""
        if self.held:
            return ExitCode.GATE_UNDECIDED
        if self.phase is Phase.SUCCEEDED:
            return ExitCode.OK
        return _EXIT_CODES.get(self.reason, ExitCode.CONFLICT)


def outcome_of(
    record: ReleaseRecord, phase: Phase, reason: Reason, why: str, *, log: tuple[str, ...] = (), held: bool = False
) -> Outcome:
    """Return how the rollout of RECORD's release ended."""
    return Outcome(record.service, record.namespace, record.revision, phase, reason, why, record.image, log, held)
