"""What a rollout remembers, in labels of the Deployment: read, written and compared here alone.

Labels, never annotations: the controller copies annotations to the ReplicaSet and `kubectl rollout undo` puts that copy
back, which would lose or resurrect a rollout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

STATE_VERSION = 1
PREFIX = "cictl.dev/"
RELEASE, PHASE, STEP, SINCE = f"{PREFIX}release", f"{PREFIX}phase", f"{PREFIX}step", f"{PREFIX}since"
TOKEN, REASON, VERSION = f"{PREFIX}token", f"{PREFIX}reason", f"{PREFIX}state-version"
STATE_LABELS = (RELEASE, PHASE, STEP, SINCE, TOKEN, REASON, VERSION)


class Phase(StrEnum):
    """Where a rollout is."""

    PREPARING = "preparing"
    STEPPING = "stepping"
    PROMOTING = "promoting"
    WATCHING = "watching"
    ABORTING = "aborting"
    SUCCEEDED = "succeeded"
    ROLLED_BACK = "rolled-back"
    SUPERSEDED = "superseded"
    FAILED = "failed"  # nothing to go back to: an undo that did not come up

    @property
    def is_terminal(self) -> bool:
        """Whether the Deployment is written no more; its other objects may still have to go back."""
        return self in {Phase.SUCCEEDED, Phase.ROLLED_BACK, Phase.SUPERSEDED, Phase.FAILED}

    @property
    def is_judged(self) -> bool:
        """Whether the new release's pods and gate are looked at."""
        return self in {Phase.STEPPING, Phase.PROMOTING, Phase.WATCHING}


class Reason(StrEnum):
    """Why a rollout left the way to `succeeded`; a label's value, so that any driver ends it alike."""

    NONE = "none"
    GATE_UNHEALTHY = "gate-unhealthy"
    GATE_UNKNOWN = "gate-unknown"
    GATE_INSUFFICIENT = "gate-insufficient"
    PODS_FAILED = "pods-failed"
    TIMED_OUT = "timed-out"
    BY_USER = "by-user"
    OTHER_TEMPLATE = "other-template"
    FIELDS_CHANGED = "fields-changed"
    PAUSED = "paused"
    UNDONE = "undone"
    SCALED_TO_ZERO = "scaled-to-zero"  # the Deployment, or what was left of stable
    GONE = "deployment-gone"

    @property
    def supersedes(self) -> bool:
        """Whether somebody else's change ended the rollout."""
        return self in _SUPERSEDING


_SUPERSEDING = frozenset(
    {
        Reason.OTHER_TEMPLATE,
        Reason.FIELDS_CHANGED,
        Reason.PAUSED,
        Reason.UNDONE,
        Reason.SCALED_TO_ZERO,
        Reason.GONE,
    },
)


class StateUnreadable(ValueError):
    """The labels are not ones that this version writes."""


@dataclass(frozen=True, slots=True)
class RolloutState:
    """`since` is when the phase or step began, in seconds since the epoch by the API server; `step` counts from 0."""

    release: int
    phase: Phase
    step: int
    since: float
    token: int
    reason: Reason = Reason.NONE


class StateNewer(StateUnreadable):
    """The labels are of a newer version, and so none of our business."""


def to_labels(state: RolloutState) -> dict[str, str]:
    """Return the labels that stand for STATE."""
    return {
        RELEASE: str(state.release),
        PHASE: state.phase.value,
        STEP: str(state.step),
        SINCE: f"{state.since:.1f}",
        TOKEN: str(state.token),
        REASON: state.reason.value,
        VERSION: str(STATE_VERSION),
    }


def from_labels(labels: Mapping[str, str]) -> RolloutState | None:
    """Return the state that LABELS hold, None where there is none.

    Raises StateUnreadable for labels of a newer version or ones that a person has broken.
    """
    if PHASE not in labels:
        return None
    if (version := labels.get(VERSION, "")) != str(STATE_VERSION):
        message = f"label {VERSION} is {version!r}, this cictl reads {STATE_VERSION}"
        raise (StateNewer if version.isdigit() else StateUnreadable)(message)
    try:
        return RolloutState(
            release=int(labels[RELEASE]),
            phase=Phase(labels[PHASE]),
            step=int(labels[STEP]),
            since=float(labels[SINCE]),
            token=int(labels[TOKEN]),
            reason=Reason(labels[REASON]),
        )
    except (KeyError, ValueError) as problem:
        message = f"the labels {PREFIX}* cannot be read: {problem}"
        raise StateUnreadable(message) from problem


def as_far_as_readable(labels: Mapping[str, str]) -> RolloutState | None:
    """Return the state that LABELS hold, None also where a person has broken them; StateNewer for a newer version's."""
    try:
        return from_labels(labels)
    except StateNewer:
        raise
    except StateUnreadable:
        return None
