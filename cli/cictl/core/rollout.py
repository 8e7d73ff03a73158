"""What a rollout is and what one look at it shows: the two arguments of `decide`."""

from __future__ import annotations

from dataclasses import dataclass

from cictl.core.rollout_state import Reason, RolloutState
from cictl.core.strategy import Strategy
from cictl.core.verdict import GateResult
from cictl.core.workload import Deployment, HeldFields, ReplicaSet


@dataclass(frozen=True, slots=True)
class Rollout:
    """What was fixed before the first act; any driver reads the same from the release's record.

    `stable_key` and `canary_key` identify the two pod templates (None: there was no Deployment). `own` are the held
    fields to give back on the way back, `new_own` those that the new release brings. `may_double` says whether quota
    has room for maxSurge 100 %. `replicas` is what the new release asks for, None where it leaves that to others, and
    `own_replicas` what there were before.
    """

    release: int
    token: int
    strategy: Strategy
    canary_key: str
    stable_key: str | None
    own: HeldFields
    new_own: HeldFields
    may_double: bool = True
    is_undo: bool = False
    replicas: int | None = None
    own_replicas: int | None = None

    @property
    def is_first_install(self) -> bool:
        """Whether there is nothing to go back to."""
        return self.stable_key is None


@dataclass(frozen=True, slots=True)
class PodTrouble:
    """A pod that will not come up, its grace over: why, in words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look. `now` is seconds since the epoch by the API server; `gate` the newest look since this step began.

    `is_gate_due` says that this driver has still to take its first look: that is no verdict, however late it is.

    `sick_stable` counts stable's unready pods that were there before the phase or step began.
    `worry` is what ails a pod though its grace is not over, "" where nothing does. `objects_applied` says whether
    this driver has brought the other objects to what the phase asks for.
    """

    now: float
    deployment: Deployment | None
    state: RolloutState | None
    stable: ReplicaSet | None = None
    canary: ReplicaSet | None = None
    trouble: PodTrouble | None = None
    worry: str = ""
    gate: GateResult | None = None
    is_gate_due: bool = False
    objects_applied: bool = True
    sick_stable: int = 0

    @property
    def is_canary_ready(self) -> bool:
        """Whether every pod that the new release should have now is ready."""
        return self.canary is not None and self.canary.is_settled


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until` (seconds since the epoch, None: until something changes)."""

    why: str
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """One conditional write of the Deployment: the next state, and what goes with it.

    `template` is "stable" or "canary" where the pod template is replaced, `fields` the held fields to write, `replicas`
    the scale, None where they stay.
    """

    state: RolloutState
    why: str
    fields: HeldFields | None = None
    template: str | None = None
    replicas: int | None = None
    unpause: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """Repair the split: set one ReplicaSet's replicas, if they are still what was read."""

    replica_set: ReplicaSet
    replicas: int
    why: str


@dataclass(frozen=True, slots=True)
class ApplyObjects:
    """Bring the release's other objects (Service, HPA …) to the new form, or back to stable's."""

    new: bool
    why: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Take back a first install."""

    reason: Reason
    why: str


@dataclass(frozen=True, slots=True)
class End:
    """The rollout is over: its last state is on the Deployment, or the Deployment is gone."""

    state: RolloutState
    why: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop driving, without a write. `held`: undecided and told to hold; else somebody else drives."""

    why: str
    held: bool = False


Action = Wait | Write | Scale | ApplyObjects | Remove | End | Stop
