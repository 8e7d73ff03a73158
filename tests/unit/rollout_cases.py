"""Ready-made rollouts and looks at them, so that a row of the decision table is one line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cictl.core.decide import decide
from cictl.core.gate import Gate, RatioCheck, ValueCheck
from cictl.core.holding import stages
from cictl.core.record import ObjectName, ReleaseRecord
from cictl.core.rollout import PodTrouble, Rollout, Snapshot, Write
from cictl.core.rollout_state import Phase, Reason, RolloutState, to_labels
from cictl.core.strategy import Capacity, OnInsufficient, OnUnknown, Step, Strategy
from cictl.core.verdict import GateResult, Verdict
from cictl.core.workload import Condition, Deployment, HeldFields, ReplicaSet, template_key
from tests.unit.rollout_objects import template_of

NOW = 1_700_000_000.0
OWN = HeldFields(5, 600, "25%", 1)
NEW_OWN = HeldFields(10, 300, "50%", 0)
AT_ONCE, WITHOUT_LOSS = HeldFields(0, 600, "100%", "100%"), HeldFields(0, 600, "100%", 0)
STABLE, CANARY, THIRD = template_of("v1"), template_of("v2"), template_of("v3")
STABLE_KEY, CANARY_KEY, THIRD_KEY = template_key(STABLE), template_key(CANARY), template_key(THIRD)
GATE = Gate("default", (RatioCheck("errors", "bad", "total", 0.01), ValueCheck("p99", "q", 0.3, 3, unit="seconds")))
CAREFUL = Strategy(
    "careful",
    (Step(20, 60.0), Step(60, 120.0)),
    gate="default",
    watch_seconds=600.0,
    deadline_seconds=1000.0,
    abort_patience_seconds=30.0,
)
DIRECT = replace(CAREFUL, name="direct", steps=())
SWAPPED = replace(CAREFUL, capacity=Capacity.SWAPPED)
UNGATED = replace(CAREFUL, gate=None)
HOLDING = replace(CAREFUL, on_unknown=OnUnknown.HOLD, on_insufficient=OnInsufficient.HOLD)
PROCEEDING = replace(CAREFUL, on_insufficient=OnInsufficient.PROCEED)


def a_rollout(strategy: Strategy = CAREFUL, **changes: Any) -> Rollout:  # noqa: ANN401 - of any field
    base = Rollout(7, 3, strategy, CANARY_KEY, STABLE_KEY, OWN, NEW_OWN)
    return replace(base, **changes)


ROLLOUT = a_rollout()
FIRST = a_rollout(DIRECT, stable_key=None)
UNDO = a_rollout(DIRECT, is_undo=True)


def a_state(
    phase: Phase = Phase.STEPPING, *, step: int = 0, ago: float = 0.0, token: int = 3, reason: Reason = Reason.NONE
) -> RolloutState:
    """Return the state of release 7 whose phase or step began AGO seconds before NOW."""
    return RolloutState(7, phase, step, NOW - ago, token, reason)


def a_deployment(**changes: Any) -> Deployment:  # noqa: ANN401 - of any field
    base = Deployment(
        name="shop",
        namespace="prod",
        uid="uid-shop",
        generation=4,
        observed_generation=4,
        resource_version="100",
        labels={"app": "shop"},
        annotations={},
        selector={"matchLabels": {"app": "shop"}},
        replicas=5,
        paused=False,
        held=stages(CAREFUL, 0)[0],
        template=CANARY,
        template_key=CANARY_KEY,
        conditions={},
        managed_fields=(),
        total_pods=6,
        updated_pods=1,
        ready_pods=6,
        available_pods=5,
    )
    return replace(base, **changes)


def a_replica_set(key: str, wanted: int, *, pods: int | None = None, ready: int | None = None) -> ReplicaSet:
    pods = wanted if pods is None else pods
    return ReplicaSet(
        name=f"shop-{key[:5]}",
        uid=f"uid-{key[:5]}",
        resource_version="50",
        is_observed=True,
        wanted=wanted,
        pods=pods,
        ready=pods if ready is None else ready,
        available=pods if ready is None else ready,
        template={},
        template_key=key,
        revision=1,
        labels={},
        failure=None,
    )


def a_gate(verdict: Verdict | None) -> GateResult | None:
    return None if verdict is None else GateResult("default", verdict, f"it is {verdict.value}", NOW)


def a_look(
    state: RolloutState | None = None,
    deployment: Deployment | None = None,
    *,
    split: tuple[int, int] = (5, 1),
    verdict: Verdict | None = None,
    trouble: str | None = None,
    **changes: Any,  # noqa: ANN401 - of any field
) -> Snapshot:
    """Return a look at step 1 of CAREFUL, settled at 5 + 1, unless told otherwise."""
    state = state or a_state()
    deployment = deployment or a_deployment()
    base = Snapshot(
        now=NOW,
        deployment=replace(deployment, labels={**deployment.labels, **to_labels(state)}),
        state=state,
        stable=a_replica_set(STABLE_KEY, split[0]),
        canary=a_replica_set(CANARY_KEY, split[1]),
        trouble=PodTrouble(trouble) if trouble else None,
        gate=a_gate(verdict),
    )
    return replace(base, **changes)


def a_promoted(**changes: Any) -> Deployment:  # noqa: ANN401 - of any field
    """Return a Deployment all of whose pods are the new release's."""
    base = a_deployment(held=NEW_OWN, total_pods=5, updated_pods=5, ready_pods=5, available_pods=5)
    return replace(base, **changes)


def a_progress(reason: str, *, ago: float = 0.0) -> dict[str, Condition]:
    return {"Progressing": Condition("False", reason, "it took too long", NOW - ago)}


def a_record(**changes: Any) -> ReleaseRecord:  # noqa: ANN401 - of any field
    base = ReleaseRecord(
        service="shop",
        namespace="prod",
        revision=7,
        deployment="shop",
        selector="app=shop",
        image="reg/shop@sha256:" + "a" * 64,
        created=NOW,
        template=CANARY,
        stable_template=STABLE,
        own=OWN,
        new_own=NEW_OWN,
        strategy=CAREFUL,
        gate=GATE,
        created_objects=(ObjectName("v1", "Service", "shop"),),
    )
    return replace(base, **changes)


def write_of(rollout: Rollout, now: Snapshot) -> Write:
    """Return what is written at NOW; AssertionError with what is done instead."""
    action = decide(rollout, now)
    assert isinstance(action, Write), action
    return action


def promoted(phase: Phase = Phase.PROMOTING, *, ago: float = 0.0, **changes: Any) -> Snapshot:  # noqa: ANN401 - of any field
    """Return a look at a release that every pod is of, AGO seconds after PHASE began."""
    return a_look(a_state(phase, ago=ago), a_promoted(), split=(0, 5), **changes)
