"""Why pods do not serve: findings from what the API says of them, each with a grace of its kind; reads no clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class FindingKind(StrEnum):
    """What keeps a pod from serving; the gravest and most telling first."""

    OOM = "oom"
    INVALID_IMAGE = "invalid-image"
    PULL_ERROR = "pull-error"
    CONFIG_ERROR = "config-error"
    START_ERROR = "start-error"
    CRASH_LOOP = "crash-loop"
    EVICTED = "evicted"
    REFUSED = "refused"
    QUOTA = "quota"
    UNSCHEDULABLE = "unschedulable"
    MOUNT_ERROR = "mount-error"
    SANDBOX_ERROR = "sandbox-error"
    NOT_READY = "not-ready"
    NOT_STARTED = "not-started"


_GRAVEST_FIRST = tuple(FindingKind)
_LOGGED = frozenset({FindingKind.OOM, FindingKind.CRASH_LOOP, FindingKind.NOT_READY, FindingKind.EVICTED})


@dataclass(frozen=True, slots=True)
class Graces:
    """How long, in seconds, each kind of trouble may last, since some of it is normal and passes."""

    pull_error: float = 20.0  # a registry can hiccup
    config_error: float = 10.0  # a Secret may be made by an operator at the same moment
    start_error: float = 10.0
    refused: float = 10.0  # webhooks restart
    quota: float = 30.0  # pods that are ending give room
    unschedulable: float = 120.0  # nodes scale
    mount_error: float = 60.0
    sandbox_error: float = 60.0
    not_ready: float = 60.0  # or the Deployment's progress deadline
    not_started: float = 300.0  # large images
    crash_restarts: int = 2


@dataclass(frozen=True, slots=True)
class PodFinding:
    """One thing wrong with a pod, or with a ReplicaSet that cannot make pods (`pod` then is empty).

    `since` is None where the API does not tell when it began. `log_of_previous` says whose log tells more: the running
    container's or that of the one before it.
    """

    pod: str
    kind: FindingKind
    reason: str
    container: str | None = None
    since: float | None = None
    grace_seconds: float = 0.0
    log_of_previous: bool = False

    def has_lasted(self, now: float) -> bool:
        """Whether it lasted longer than its kind's grace by NOW, seconds since the epoch by the API server."""
        if self.grace_seconds <= 0:
            return True
        return self.since is not None and now - self.since >= self.grace_seconds


@dataclass(frozen=True, slots=True)
class LogRequest:
    """Which container's log shows why."""

    pod: str
    container: str
    previous: bool
    tail_lines: int = 20


def worst_finding(findings: Iterable[PodFinding], now: float) -> PodFinding | None:
    """Return the gravest of FINDINGS whose grace has passed, the oldest of its kind; None while there is hope."""
    lasting = [finding for finding in findings if finding.has_lasted(now)]
    return min(lasting, key=_gravity, default=None)


def log_request(finding: PodFinding, *, tail_lines: int = 20) -> LogRequest | None:
    """Return the log to show with FINDING, None where no container has run."""
    if finding.kind not in _LOGGED or not finding.pod or not finding.container:
        return None
    return LogRequest(finding.pod, finding.container, finding.log_of_previous, tail_lines)


def _gravity(finding: PodFinding) -> tuple[int, float, str]:
    return _GRAVEST_FIRST.index(finding.kind), finding.since or 0.0, finding.pod


def by_gravity(findings: Sequence[PodFinding]) -> tuple[PodFinding, ...]:
    """Return FINDINGS, the gravest first."""
    return tuple(sorted(findings, key=_gravity))
