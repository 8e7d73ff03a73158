"""How a release is to come in: steps of weight and pause, and what to do when nothing can be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Capacity(StrEnum):
    """Where the canary's pods come from."""

    EXTRA = "extra"  # on top of the N that run
    SWAPPED = "swapped"  # in place of stable's, so that capacity and cost stay


class OnUnknown(StrEnum):
    """What to do at the deadline when telemetry was missing, stale or erring."""

    ABORT = "abort"
    HOLD = "hold"


class OnInsufficient(StrEnum):
    """What to do at the deadline when there was too little traffic to tell."""

    HOLD = "hold"
    PROCEED = "proceed"
    ABORT = "abort"


@dataclass(frozen=True, slots=True)
class Step:
    """WEIGHT is the share of pods in percent (1 to 99), PAUSE how long at least to look."""

    weight: int
    pause_seconds: float


@dataclass(frozen=True, slots=True)
class Strategy:
    """No steps: `direct`. All times in seconds; `deadline_seconds` bounds each step's judgement beyond its pause."""

    name: str
    steps: tuple[Step, ...] = ()
    capacity: Capacity = Capacity.EXTRA
    gate: str | None = None
    watch_seconds: float = 0.0
    deadline_seconds: float = 1800.0
    abort_patience_seconds: float = 30.0
    on_unknown: OnUnknown = OnUnknown.ABORT
    on_insufficient: OnInsufficient = OnInsufficient.ABORT
