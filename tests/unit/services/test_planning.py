from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from cictl.core.holding import HELD_MIN_READY_SECONDS
from cictl.core.plan import Plan
from cictl.core.record import ObjectName
from cictl.core.rollout_state import Phase, to_labels
from cictl.core.wanted import Wanted
from cictl.errors import CictlError, ConfigInvalid, Conflict, FarSideFailed, NotAllowed, NotFound
from tests.unit.rollout_cases import CAREFUL, DIRECT, OWN, STABLE, UNGATED, a_record, a_state
from tests.unit.rollout_cluster import World
from tests.unit.rollout_model import Model
from tests.unit.rollout_objects import Json, template_of

SERVICE: Json = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"}, "spec": {"port": 1}}
MANIFEST: Json = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "shop", "labels": {"app": "shop"}},
    "spec": {
        "replicas": 8,
        "minReadySeconds": 4,
        "selector": {"matchLabels": {"app": "shop"}},
        "template": template_of("v2"),
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
    },
}


@pytest.fixture
def world() -> World:
    return World(Model(replicas=5, own=OWN))


def wanted(**changes: Any) -> Wanted:  # noqa: ANN401 - of any field
    return replace(Wanted("shop", "prod", "shop", "v2", CAREFUL), **changes)


def chart(**changes: Any) -> Wanted:  # noqa: ANN401 - of any field
    return wanted(**{"deployment_object": MANIFEST, "objects": (SERVICE,), **changes})


def plan(world: World, want: Wanted | None = None) -> Plan:
    found = world.rollouts.plan(want or wanted())
    assert world.cluster.wrote() == [], "planning changes nothing"
    return found


def test_a_deployment_of_others_gets_the_image_and_nothing_else(world: World) -> None:
    found = plan(world)
    record = found.record
    assert (record.template, record.stable_template) == (template_of("v2"), STABLE)
    assert (record.own, record.new_own, record.replicas) == (OWN, OWN, None)
    assert (record.revision, record.selector, record.is_adopted) == (1, "app=shop", True)
    assert (found.token, found.replicas, found.image_before) == (1, 5, "v1")
    assert found.differences
    assert not found.is_empty


def test_hold_promotion_and_abort_are_tried(world: World) -> None:
    plan(world)
    assert [call[1] for call in world.cluster.calls if call[0] == "try"] == [
        "Deployment",
        "Deployment",
        "Deployment",
        "Pod",
    ]


def test_a_chart_brings_its_own_values_scale_and_objects(world: World) -> None:
    found = plan(world, chart())
    record = found.record
    assert (record.own, record.new_own.min_ready_seconds, record.replicas) == (OWN, 4, 8)
    assert record.created_objects == (ObjectName("v1", "Service", "shop"),)
    assert found.changed == ()


def test_what_promotion_changes_is_named(world: World) -> None:
    world.cluster.apply("prod", {**SERVICE, "spec": {"port": 9}})
    world.cluster.calls.clear()
    found = plan(world, chart())
    assert (found.changed, found.record.created_objects) == ((ObjectName("v1", "Service", "shop"),), ())


def test_a_scale_that_an_autoscaler_decides_is_left_to_it(world: World) -> None:
    scaler = {"scaleTargetRef": {"kind": "Deployment", "name": "shop"}, "minReplicas": 2}
    hpa = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "shop"}, "spec": scaler}
    world.cluster.objects["HorizontalPodAutoscaler", "shop"] = hpa
    assert plan(world, chart()).record.replicas is None


def test_a_first_install_has_no_steps(world: World) -> None:
    world.model.deployment = None
    record = plan(world, chart()).record
    assert (record.strategy.steps, record.stable_template) == ((), None)
    assert world.model.deployment is None


def test_the_same_again_is_no_change(world: World) -> None:
    assert plan(world, wanted(image="v1")).is_empty


def test_numbers_and_tokens_go_on(world: World) -> None:
    world.store.finish(world.store.create(a_record(revision=4)), Phase.SUCCEEDED, "", "")
    world.model.live["metadata"]["labels"] |= to_labels(replace(a_state(Phase.SUCCEEDED), token=9, release=6))
    world.cluster.calls.clear()
    found = plan(world)
    assert (found.record.revision, found.token) == (7, 10)


def test_the_release_that_runs_is_found_by_its_template(world: World) -> None:
    for revision, image in ((1, "v0"), (2, "v1")):
        stored = world.store.create(a_record(revision=revision, template=template_of(image)))
        world.store.finish(stored, Phase.SUCCEEDED, "", "")
    world.cluster.calls.clear()
    assert plan(world).record.stable_release == 2


def under_way(world: World) -> None:
    world.model.live["metadata"]["labels"] |= to_labels(a_state())


def left_held(world: World) -> None:
    world.model.edit(minReadySeconds=HELD_MIN_READY_SECONDS)


def broken_labels(world: World) -> None:
    world.model.live["metadata"]["labels"] |= {**to_labels(a_state()), "cictl.dev/phase": "nonsense"}


def newer_labels(world: World) -> None:
    world.model.live["metadata"]["labels"] |= {**to_labels(a_state()), "cictl.dev/state-version": "2"}


def gone(world: World) -> None:
    world.model.deployment = None


def forbidden(world: World) -> None:
    world.cluster.forbidden = {("patch", "ReplicaSet"), ("update", "Lease")}


def changed_meanwhile(world: World) -> None:
    world.fail("try", "Deployment", Conflict("PATCH /apis/apps/v1: the server rejected our request (HTTP 422)"))


def refused_pod(world: World) -> None:
    world.fail("try", "Pod", NotAllowed("violates PodSecurity"))


def refused_later(phase: str) -> Callable[[World], None]:
    """Return a policy that lets the hold pass, and refuses the write of PHASE."""

    def refuse(world: World) -> None:
        patch = world.cluster.patch

        def judge(kind: str, namespace: str, name: str, operations: Sequence[Json], *, dry_run: bool = False) -> Json:
            answer = patch(kind, namespace, name, operations, dry_run=dry_run)
            if answer["metadata"]["labels"].get("cictl.dev/phase") == phase:
                raise NotAllowed(f"no {phase} on Fridays", hint="ask on Monday")
            return answer

        world.cluster.patch = judge  # type: ignore[method-assign]

    return refuse


def quota(world: World) -> None:
    full = {"hard": {"pods": "5"}, "used": {"pods": "5"}}
    body = {"kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": "5"}}, "status": full}
    world.cluster.objects["ResourceQuota", "q"] = body


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (under_way, Conflict, "stepping"),
        (left_held, Conflict, "left held"),
        (broken_labels, Conflict, "cictl rollout abort"),
        (newer_labels, Conflict, "reads 1"),
        (gone, NotFound, "no Deployment shop"),
        (changed_meanwhile, Conflict, "shop: the Deployment was changed while the plan was made"),
        (forbidden, NotAllowed, "you may not patch ReplicaSet, update Lease in namespace prod"),
        (refused_pod, FarSideFailed, "violates PodSecurity"),
        (refused_later("promoting"), NotAllowed, "no promoting on Fridays"),
        (refused_later("aborting"), NotAllowed, "no aborting on Fridays"),
        (quota, FarSideFailed, "no room for 1 pods"),
    ],
)
def test_what_keeps_it_from_starting(
    world: World, change: Callable[[World], None], error: type[CictlError], words: str
) -> None:
    change(world)
    with pytest.raises(error) as caught:
        world.rollouts.plan(wanted())
    assert words in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.hint
    assert world.cluster.wrote() == []


def test_a_conflict_says_who_drives(world: World) -> None:
    under_way(world)
    world.lease("shop")._write(None)
    with pytest.raises(Conflict, match="its driver is driver-1"):
        world.rollouts.plan(wanted())


def test_several_containers_need_a_name(world: World) -> None:
    template = template_of("v1")
    template["spec"]["containers"] = [{"name": name, "image": "x"} for name in ("one", "two")]
    world.model.edit(template=template)
    for _ in range(3):
        world.model.settle()
        world.model.now += 10
    with pytest.raises(ConfigInvalid, match="several containers"):
        plan(world)
    with pytest.raises(ConfigInvalid, match="has no container 'three'") as caught:
        plan(world, wanted(container="three"))
    assert caught.value.hint == "name one with --container: one, two"


def test_an_undo_brings_the_template_of_then(world: World) -> None:
    want = wanted(template=template_of("v0"), undo_of=3, strategy=DIRECT, image="v0")
    record = plan(world, want).record
    assert (record.template, record.undo_of, record.strategy.steps) == (template_of("v0"), 3, ())
    assert UNGATED.gate is None
