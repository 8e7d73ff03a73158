from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cictl.core.refusals import Autoscaler, read_autoscalers, refusals
from cictl.core.rollout_state import Phase, RolloutState
from cictl.core.strategy import Strategy
from cictl.core.wanted import Wanted
from cictl.core.workload import ReplicaSet
from tests.unit.rollout_cases import (
    CANARY_KEY,
    CAREFUL,
    DIRECT,
    OWN,
    STABLE_KEY,
    SWAPPED,
    a_deployment,
    a_replica_set,
    a_state,
)
from tests.unit.rollout_objects import Json


def wanted(strategy: Strategy = CAREFUL, **changes: Any) -> Wanted:  # noqa: ANN401 - of any field
    return replace(Wanted("shop", "prod", "shop", "reg/shop@sha256:1", strategy), **changes)


def refused(
    want: Wanted | None = None,
    state: RolloutState | None = None,
    replica_sets: tuple[ReplicaSet, ...] = (a_replica_set(STABLE_KEY, 5),),
    scalers: tuple[Autoscaler, ...] = (),
    **changes: Any,  # noqa: ANN401 - of any field
) -> list[tuple[str, bool]]:
    live = a_deployment(**{"held": OWN, "template_key": STABLE_KEY, **changes})
    return [(found.message, found.conflict) for found in refusals(want or wanted(), live, state, replica_sets, scalers)]


def test_a_deployment_at_rest_is_welcome() -> None:
    assert refused() == []
    assert refused(state=a_state(Phase.SUCCEEDED)) == []
    assert refused(scalers=(Autoscaler("HorizontalPodAutoscaler/shop", 1),)) == []


GITOPS: dict[str, Any] = {"annotations": {"argocd.argoproj.io/tracking-id": "x"}}


@pytest.mark.parametrize(
    ("changes", "conflict", "words"),
    [
        pytest.param(
            {"state": a_state(step=1)}, True, "release 7 of shop in prod is stepping (step 2)", id="under-way"
        ),
        pytest.param({"held": a_deployment().held}, True, "left held", id="left-held"),
        pytest.param({"paused": True}, True, "is paused", id="paused"),
        pytest.param(GITOPS, True, "Argo CD manages", id="argo-cd"),
        pytest.param({"labels": {"kustomize.toolkit.fluxcd.io/name": "x"}}, True, "Flux manages", id="flux"),
        pytest.param(
            {"replica_sets": (a_replica_set(STABLE_KEY, 5), a_replica_set(CANARY_KEY, 1))},
            True,
            "a rolling update of shop is under way",
            id="not-at-rest",
        ),
        pytest.param({"held": replace(OWN, strategy_type="Recreate")}, False, "has strategy Recreate", id="recreate"),
        pytest.param({"replicas": 0}, False, "scaled to zero", id="zero"),
        pytest.param({"want": wanted(direct_only=("it mounts x",))}, False, "it mounts x", id="direct-only"),
        pytest.param({"scalers": (Autoscaler("S", 0),)}, False, "may scale to zero", id="autoscaler-to-zero"),
    ],
)
def test_what_keeps_a_canary_from_starting(changes: dict[str, Any], conflict: bool, words: str) -> None:
    found = refused(**changes)
    assert len(found) == 1
    assert words in found[0][0]
    assert found[0][1] is conflict


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"held": replace(OWN, strategy_type="Recreate")}, id="recreate"),
        pytest.param({"replicas": 0}, id="zero"),
        pytest.param({"scalers": (Autoscaler("S", 0),)}, id="autoscaler-to-zero"),
        pytest.param({"want": wanted(DIRECT, direct_only=("it mounts x",))}, id="direct-only"),
    ],
)
def test_what_a_direct_release_does_not_mind(changes: dict[str, Any]) -> None:
    assert refused(**{"want": wanted(DIRECT), **changes}) == []


def test_an_undo_starts_on_what_is_not_at_rest() -> None:
    sets = (a_replica_set(STABLE_KEY, 5), a_replica_set(CANARY_KEY, 1))
    assert refused(wanted(DIRECT, undo_of=2), replica_sets=sets) == []


def test_gitops_can_be_allowed() -> None:
    assert refused(wanted(allow_gitops=True), **GITOPS) == []


@pytest.mark.parametrize(("minimum", "is_refused"), [(1, False), (2, False), (5, False)])
def test_a_swapped_step_leaves_stable_a_pod(minimum: int, is_refused: bool) -> None:
    assert bool(refused(wanted(SWAPPED), scalers=(Autoscaler("S", minimum),))) is is_refused


def test_every_refusal_says_what_next() -> None:
    live = a_deployment(paused=True, **GITOPS)
    found = refusals(wanted(), live, None, (), (Autoscaler("S", 0),))
    assert len(found) == 4
    assert all(each.hint for each in found)


def scaler(name: str = "shop", kind: str = "Deployment", **spec: object) -> Json:
    return {"metadata": {"name": "hpa"}, "spec": {"scaleTargetRef": {"kind": kind, "name": name}, **spec}}


def test_autoscalers_of_this_deployment() -> None:
    external = {
        "type": "External",
        "external": {"metric": {"name": "queue"}, "target": {"type": "AverageValue"}},
    }
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}}
    value = {"type": "Object", "object": {"metric": {"name": "hits"}, "target": {"type": "Value"}}}
    raw = [
        scaler(minReplicas=3, metrics=[external, cpu, value]),
        scaler("other"),
        scaler(kind="StatefulSet"),
        scaler(),
    ]
    assert read_autoscalers(raw, "shop") == (
        Autoscaler("HorizontalPodAutoscaler/hpa", 3, ("queue",)),
        Autoscaler("HorizontalPodAutoscaler/hpa", 1),
    )
