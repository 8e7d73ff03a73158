"""What a rollout's report says: every part typed, None or empty where the record does not know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from cictl.core.commits import Commit


class Status(StrEnum):
    """How the rollout ended, or that it has not."""

    SUCCEEDED = "succeeded"
    ROLLED_BACK = "rolled-back"
    SUPERSEDED = "superseded"
    FAILED = "failed"
    HELD = "held"
    UNDER_WAY = "under-way"


@dataclass(frozen=True, slots=True)
class Span:
    """One phase, or one step: from `began` to `ended` (seconds since the epoch; None: it goes on, or nobody knows).

    `step` counts from 1 and has a `weight` in percent; both are None in phases without steps. `why` it ended.
    """

    phase: str
    began: float
    ended: float | None = None
    step: int | None = None
    weight: int | None = None
    why: str = ""
    verdict: str | None = None

    @property
    def label(self) -> str:
        """Return what people call it."""
        return self.phase if self.step is None else f"step {self.step}"

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return None if self.ended is None else max(0.0, self.ended - self.began)


@dataclass(frozen=True, slots=True)
class Pods:
    """How many pods were ready, and wanted, of each release."""

    at: float
    old_ready: int
    old_wanted: int
    new_ready: int
    new_wanted: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What one look measured for one check, and what the check said.

    `bad` of `total` events, `e_value` of `e_needed` for ratios; [`low`, `high`] holds the true ratio with a confidence
    of 95 %, however often one looked. `reason` is "" where only the figures were kept; `label` says at whose end it is.
    """

    at: float
    verdict: str
    value: float | None = None
    reason: str = ""
    label: str = ""
    bad: int | None = None
    total: int | None = None
    e_value: float | None = None
    e_needed: float | None = None
    low: float | None = None
    high: float | None = None


class CheckKind(StrEnum):
    """What a check is."""

    TARGETS = "targets"  # whether the telemetry is whole
    TRAFFIC = "traffic"  # whether there is enough to tell
    RATIO = "ratio"
    VALUE = "value"
    OTHER = "other"  # the record's gate has none of that name


@dataclass(frozen=True, slots=True)
class CheckReport:
    """One check of the gate: its rule in words, its limit, the results at the end of each step, and each look."""

    name: str
    kind: CheckKind
    rule: str
    limit: float | None = None
    unit: str = ""
    is_minimum: bool = False
    queries: tuple[str, ...] = ()
    results: tuple[Measured, ...] = ()
    looks: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of the record: what was done or waited for, and why."""

    at: float
    what: str
    where: str
    why: str
    verdict: str | None = None
    gate: str = ""


@dataclass(frozen=True, slots=True)
class Undo:
    """How to go back, or why there is nothing to go back to: in words, and the command where there is one."""

    text: str
    command: str | None = None


@dataclass(frozen=True, slots=True)
class GateReport:
    """The gate as the release's record fixed it; `alpha` is the chance to abort a release that meets its limits."""

    name: str
    alpha: float
    every_seconds: float
    checks: tuple[CheckReport, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Times in seconds since the epoch; `made` is when the report was.

    `differences` is None where the release before is not known; `steps` are weights in percent with pauses in seconds.
    """

    service: str
    environment: str | None
    namespace: str
    deployment: str
    release: int
    status: Status
    headline: str
    why: str
    reason: str | None
    image: str
    image_before: str | None
    release_before: int | None
    is_first_install: bool
    commit: str | None
    commit_told: Commit | None
    strategy: str
    steps: tuple[tuple[int, float], ...]
    approved_by: str | None
    promoted_from: str | None
    undo_of: int | None
    given_reason: str | None
    started: float
    ended: float | None
    made: float
    spans: tuple[Span, ...] = ()
    pods: tuple[Pods, ...] = ()
    gate: GateReport | None = None
    happenings: tuple[Happening, ...] = ()
    differences: tuple[str, ...] | None = None
    undo: Undo = field(default_factory=lambda: Undo("not recorded"))

    @property
    def seconds(self) -> float | None:
        """How long the rollout took."""
        return None if self.ended is None else max(0.0, self.ended - self.started)

    @property
    def is_over(self) -> bool:
        """Whether nothing of the rollout is still to come."""
        return self.status not in {Status.HELD, Status.UNDER_WAY}
