"""How a Deployment's own rolling update is held at a split and let go again: numbers only, no phases.

The rules follow the Deployment controller of Kubernetes (pkg/controller/deployment): `maxSurge` rounds up,
`maxUnavailable` rounds down, a new ReplicaSet grows to N + maxSurge pods in all but never beyond N, and old pods go
while N - maxUnavailable stay available. Pods that are Ready but never available (minReadySeconds) therefore serve and
replace nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from cictl.core.strategy import Capacity, Strategy
from cictl.core.workload import HeldFields, IntOrPercent

HELD_MIN_READY_SECONDS = 2147483000
HELD_PROGRESS_DEADLINE_SECONDS = 2147483647
WHOLE = "100%"
NO_SLACK_SURGE = "1%"
_NAMES = tuple(field.name for field in fields(HeldFields))


@dataclass(frozen=True, slots=True)
class Split:
    """How many pods each release is to have."""

    stable: int
    canary: int

    @property
    def share(self) -> float:
        """The canary's share of the pods, 0 to 1."""
        return self.canary / max(1, self.stable + self.canary)


def is_held(fields: HeldFields) -> bool:
    """Whether these are fields that only a held rollout has."""
    return fields.min_ready_seconds == HELD_MIN_READY_SECONDS


def surge_pods(value: IntOrPercent, replicas: int) -> int:
    """Return maxSurge in pods: percentages round up."""
    return -(-_percent(value) * replicas // 100) if isinstance(value, str) else value


def unavailable_pods(value: IntOrPercent, replicas: int) -> int:
    """Return maxUnavailable in pods: percentages round down."""
    return _percent(value) * replicas // 100 if isinstance(value, str) else value


def _percent(value: str) -> int:
    return int(value.removesuffix("%"))


def split_of(fields: HeldFields, replicas: int) -> Split:
    """Return where the controller comes to rest with these held FIELDS at N = REPLICAS."""
    gone = unavailable_pods(fields.max_unavailable, replicas)
    return Split(stable=replicas - gone, canary=min(replicas, gone + surge_pods(fields.max_surge, replicas)))


def stages(strategy: Strategy, step: int) -> tuple[HeldFields, ...]:
    """Return the writes that bring step STEP about, in order: one on top of N, two when capacity is swapped.

    Swapped steps grow first and take stable's pods away only once the new ones are ready, so that never fewer than N
    are ready.
    """
    weight = strategy.steps[step].weight
    if strategy.capacity is Capacity.EXTRA:
        return (_held(f"{weight}%", 0),)
    before = strategy.steps[step - 1].weight if step else 0
    gone: IntOrPercent = f"{before}%" if before else 0
    return (_held(f"{weight - before}%", gone), _held(NO_SLACK_SURGE, f"{weight}%"))


def _held(max_surge: IntOrPercent, max_unavailable: IntOrPercent) -> HeldFields:
    return HeldFields(HELD_MIN_READY_SECONDS, HELD_PROGRESS_DEADLINE_SECONDS, max_surge, max_unavailable)


def settled_split(strategy: Strategy, step: int, replicas: int) -> Split:
    """Return what step STEP really gives with N = REPLICAS."""
    return split_of(stages(strategy, step)[-1], replicas)


def promoting_fields(own: HeldFields, *, may_double: bool) -> HeldFields:
    """Return the fields that let the rest go: the Deployment's own, as fast as the quota allows."""
    return replace(own, max_surge=WHOLE, max_unavailable=0) if may_double and own.is_rolling else own


def given_back(held: HeldFields, own: HeldFields, *, may_double: bool) -> HeldFields:
    """Return the fields at the end of a promotion: OWN, but what somebody else wrote while it went on stays theirs."""
    fast = promoting_fields(own, may_double=may_double)
    kept = {name: now for name in _NAMES if (now := getattr(held, name)) != getattr(fast, name)}
    return replace(own, **kept)


def aborting_fields(own: HeldFields, *, at_once: bool) -> HeldFields:
    """Return the fields that bring stable back; AT_ONCE takes the canary's pods without waiting for stable's."""
    soon = replace(own, min_ready_seconds=0)
    return replace(soon, max_surge=WHOLE, max_unavailable=WHOLE if at_once else 0) if own.is_rolling else soon
