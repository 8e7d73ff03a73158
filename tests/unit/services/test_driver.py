from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cictl.core.acts import abort_by_user, first_write, resume_by_user
from cictl.core.patches import write_operations
from cictl.core.record import ReleaseRecord
from cictl.core.rollout_state import PHASE, TOKEN, Phase, Reason
from cictl.core.workload import read_deployment
from cictl.errors import CictlError, Conflict, ExitCode, NotAllowed, NotFound, Unreachable
from cictl.services.driver import Driver
from cictl.services.driver_tools import Tools
from cictl.services.release_store import StoredRelease
from tests.unit.rollout_cases import CANARY_KEY, OWN, STABLE, STABLE_KEY, UNGATED, a_record
from tests.unit.rollout_cluster import World
from tests.unit.rollout_model import Model
from tests.unit.rollout_objects import Json, template_of

RECORD = a_record(strategy=UNGATED, gate=None, new_own=OWN, created_objects=())
LOST = Unreachable("the answer was lost")
MANIFEST: Json = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "shop", "labels": {"app": "shop", "team": "a"}},
    "spec": {"template": {}},
}
SERVICE: Json = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"}, "spec": {"port": 1}}


def begun(record: ReleaseRecord = RECORD) -> tuple[World, StoredRelease]:
    """Return a world in which the first act of RECORD is done."""
    model = Model(replicas=5, own=OWN)
    model.now += 100
    model.settle()
    world = World(model)
    stored = world.store.create(record)
    write = first_write(record, 3, model.now)
    model.patch("Deployment", "shop", write_operations(read_deployment(model.live), write, record.templates()))
    return world, stored


def driver_of(world: World, stored: StoredRelease, token: int = 3) -> Driver:
    tools = Tools(
        cluster=world.cluster,
        live=world.live,
        store=world.store,
        objects=world.objects,
        clock=world.clock,
        reporter=world.notes,
    )
    return Driver(tools, stored, stored.record.rollout(token))


@pytest.fixture
def world() -> World:
    return begun()[0]


@pytest.fixture
def stored(world: World) -> StoredRelease:
    return world.store.get("shop", 7)


def test_a_rollout_goes_its_way(world: World, stored: StoredRelease) -> None:
    outcome = driver_of(world, stored).drive()
    assert (outcome.phase, outcome.reason, outcome.exit_code) == (Phase.SUCCEEDED, Reason.NONE, ExitCode.OK)
    assert world.notes.phases == ["stepping", "promoting", "succeeded"]
    assert (world.model.held, world.model.key, world.model.split) == (OWN, CANARY_KEY, (5,))
    assert world.store.get("shop", 7).outcome is Phase.SUCCEEDED
    assert world.store.evidence("shop", 7).events


FAULTS = [
    pytest.param("patch", "Deployment", LOST, False, id="write-not-done"),
    pytest.param("patch", "Deployment", LOST, True, id="write-done-answer-lost"),
    pytest.param("patch", "Deployment", Conflict("moved"), False, id="moved"),
    pytest.param("patch", "ConfigMap", LOST, True, id="outcome-answer-lost"),
    pytest.param("patch", "ConfigMap", NotFound("gone"), False, id="record-deleted"),
    pytest.param("apply", "ConfigMap", LOST, False, id="evidence-lost"),
]


@pytest.mark.parametrize(("verb", "kind", "error", "is_done"), FAULTS)
def test_it_goes_on_after_trouble(
    world: World, stored: StoredRelease, verb: str, kind: str, error: CictlError, is_done: bool
) -> None:
    for _ in range(2):
        world.fail(verb, kind, error, is_done=is_done)
    outcome = driver_of(world, stored).drive()
    assert outcome.phase is Phase.SUCCEEDED
    assert world.model.held == OWN


def test_after_trouble_everything_is_read_again(world: World, stored: StoredRelease) -> None:
    world.fail("patch", "Deployment", Conflict("moved"))
    driver_of(world, stored).drive()
    assert world.live.refreshed == 1


@pytest.mark.parametrize("error", [Conflict("moved"), NotFound("gone")])
def test_it_gives_up_in_the_end(world: World, stored: StoredRelease, error: CictlError) -> None:
    for _ in range(100):
        world.fail("patch", "Deployment", error)
    with pytest.raises(type(error)):
        driver_of(world, stored).drive()
    assert 20 < 100 - len(world.cluster.faults) < 60


def test_an_api_server_that_stays_away(world: World, stored: StoredRelease) -> None:
    for _ in range(10_000):
        world.fail("patch", "Deployment", LOST)
    before = world.clock.monotonic()
    with pytest.raises(Unreachable):
        driver_of(world, stored).drive()
    assert 200 < world.clock.monotonic() - before < 500
    assert len(world.cluster.faults) > 9_000, "it does not hammer"


def test_watches_that_stay_behind() -> None:
    world, stored = begun(replace(RECORD, strategy=replace(UNGATED, deadline_seconds=20.0)))
    world.live.problem = LOST
    with pytest.raises(Unreachable):
        driver_of(world, stored).drive()


def test_lacking_rights_end_it_at_once(world: World, stored: StoredRelease) -> None:
    world.fail("patch", "Deployment", NotAllowed("you may not"))
    with pytest.raises(NotAllowed):
        driver_of(world, stored).drive()


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param({TOKEN: "4"}, id="taken-over"),
        pytest.param({"cictl.dev/release": "8"}, id="a-newer-release"),
        pytest.param({"cictl.dev/state-version": "2"}, id="a-newer-cictl"),
        pytest.param({PHASE: "nonsense"}, id="broken"),
    ],
)
def test_it_stops_where_the_deployment_is_not_its_own(
    world: World, stored: StoredRelease, labels: dict[str, str]
) -> None:
    world.model.live["metadata"]["labels"] |= labels
    with pytest.raises(Conflict):
        driver_of(world, stored).drive()
    assert world.cluster.wrote("Deployment", "ReplicaSet") == []


def test_a_deployment_that_is_gone(world: World, stored: StoredRelease) -> None:
    world.live.script.append(lambda: setattr(world.model, "deployment", None))
    outcome = driver_of(world, stored).drive()
    assert (outcome.phase, outcome.reason) == (Phase.SUPERSEDED, Reason.GONE)
    assert world.store.get("shop", 7).outcome is Phase.SUPERSEDED


def test_kubectl_rollout_undo_in_the_middle(world: World, stored: StoredRelease) -> None:
    world.live.script.append(lambda: world.model.edit(template=STABLE))
    outcome = driver_of(world, stored).drive()
    assert (outcome.phase, outcome.reason, outcome.exit_code) == (Phase.SUPERSEDED, Reason.UNDONE, ExitCode.CONFLICT)
    assert (world.model.held, world.model.key) == (OWN, STABLE_KEY)


def test_scaling_in_the_middle_is_repaired(world: World, stored: StoredRelease) -> None:
    for size in (6, 5):
        world.live.script.append(lambda size=size: world.model.edit(replicas=size))  # type: ignore[misc]
    assert driver_of(world, stored).drive().phase is Phase.SUCCEEDED
    assert [call[1] for call in world.cluster.wrote("ReplicaSet")]


def broken(world: World) -> None:
    world.model.broken.add("v2")
    for pod in world.model.pods_of(CANARY_KEY):
        pod.ready_since = None


def test_pods_that_never_come_up(world: World, stored: StoredRelease) -> None:
    broken(world)
    outcome = driver_of(world, stored).drive()
    assert (outcome.phase, outcome.reason, outcome.exit_code) == (
        Phase.ROLLED_BACK,
        Reason.TIMED_OUT,
        ExitCode.TIMED_OUT,
    )
    assert "0 of 1 new pods ready at the deadline" in outcome.why
    assert (world.model.held, world.model.key, world.model.split) == (OWN, STABLE_KEY, (5,))


def test_other_objects_are_applied_at_promotion_and_taken_back() -> None:
    changed = {**SERVICE, "spec": {"port": 2}}
    record = a_record(
        strategy=replace(UNGATED, deadline_seconds=50),
        gate=None,
        new_own=OWN,
        objects=(changed,),
        deployment_object=MANIFEST,
        stable_release=6,
        created_objects=(),
    )
    world, stored = begun(record)
    world.store.create(replace(record, revision=6, objects=(SERVICE,)))
    world.cluster.apply("prod", SERVICE)
    ports: list[int] = []

    def note() -> None:
        ports.append(world.cluster.objects["Service", "shop"]["spec"]["port"])

    world.live.script = [note, *[lambda: None] * 40]
    original = world.model.settle

    def settle() -> None:
        phase = world.model.live["metadata"]["labels"][PHASE]
        if phase == "promoting" and world.cluster.objects["Service", "shop"]["spec"]["port"] == 2:
            ports.append(2)
            world.model.broken.add("v2")
        original()

    world.model.settle = settle  # type: ignore[method-assign]
    outcome = driver_of(world, stored).drive()
    assert (outcome.phase, outcome.reason) == (Phase.ROLLED_BACK, Reason.TIMED_OUT)
    assert ports[:2] == [1, 2]
    assert world.cluster.objects["Service", "shop"]["spec"]["port"] == 1


def test_a_driver_that_was_taken_over_applies_nothing() -> None:
    record = a_record(strategy=UNGATED, gate=None, new_own=OWN, objects=(SERVICE,), created_objects=())
    world, stored = begun(record)
    world.model.live["metadata"]["labels"][PHASE] = "promoting"
    driver = driver_of(world, stored)
    sight = driver.look()
    world.model.live["metadata"]["labels"][TOKEN] = "4"
    driver.look = lambda: sight  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        driver.drive()
    assert world.cluster.wrote("Service") == []


# First installs.


def first_install() -> tuple[World, StoredRelease]:
    record = a_record(
        strategy=replace(UNGATED, steps=(), deadline_seconds=50.0),
        gate=None,
        new_own=OWN,
        stable_template=None,
        objects=(SERVICE,),
        deployment_object=MANIFEST,
    )
    world, stored = begun(record)
    world.cluster.apply("prod", SERVICE)
    return world, stored


def test_a_first_install_that_fails_is_removed() -> None:
    world, stored = first_install()
    broken(world)
    outcome = driver_of(world, stored).drive()
    assert (outcome.phase, outcome.reason) == (Phase.ROLLED_BACK, Reason.TIMED_OUT)
    assert world.model.deployment is None
    assert ("Service", "shop") not in world.cluster.objects
    assert world.store.get("shop", 7).outcome is Phase.ROLLED_BACK


@pytest.mark.parametrize(
    ("verb", "kind", "is_done"),
    [
        pytest.param("delete", "Deployment", True, id="deleted-answer-lost"),
        pytest.param("delete", "Deployment", False, id="not-deleted"),
        pytest.param("delete", "Service", False, id="service-not-deleted"),
        pytest.param("patch", "ConfigMap", True, id="ending-noted-answer-lost"),
    ],
)
def test_a_removal_whose_answers_are_lost(verb: str, kind: str, is_done: bool) -> None:
    world, stored = first_install()
    broken(world)
    world.fail(verb, kind, LOST, is_done=is_done)
    outcome = driver_of(world, stored).drive()
    assert (outcome.phase, outcome.reason) == (Phase.ROLLED_BACK, Reason.TIMED_OUT)
    assert ("Service", "shop") not in world.cluster.objects
    assert world.store.get("shop", 7).outcome is Phase.ROLLED_BACK


# Orders.


ORDERS = [
    pytest.param(resume_by_user, Phase.SUCCEEDED, id="resume"),
    pytest.param(abort_by_user, Phase.ROLLED_BACK, id="abort"),
]


@pytest.mark.parametrize(("order", "phase"), ORDERS)
@pytest.mark.parametrize(
    ("error", "is_done"),
    [
        pytest.param(None, False, id="smooth"),
        pytest.param(LOST, False, id="lost"),
        pytest.param(LOST, True, id="answer-lost"),
        pytest.param(Conflict("moved"), False, id="moved"),
    ],
)
def test_an_order_takes_over(
    world: World,
    stored: StoredRelease,
    order: Callable[..., Any],
    phase: Phase,
    error: CictlError | None,
    is_done: bool,
) -> None:
    if error is not None:
        world.fail("patch", "Deployment", error, is_done=is_done)
    driver = driver_of(world, stored, token=4)
    driver.order(order)
    assert int(world.model.live["metadata"]["labels"][TOKEN]) == (5 if is_done else 4)
    assert driver.drive().phase is phase
    with pytest.raises(Conflict):
        driver_of(world, stored, token=3).drive()


@pytest.mark.parametrize(("order", "phase"), ORDERS)
def test_two_that_take_over_at_once_have_two_tokens(
    world: World, stored: StoredRelease, order: Callable[..., Any], phase: Phase
) -> None:
    one, other = driver_of(world, stored, token=4), driver_of(world, stored, token=4)
    one.order(order)
    other.order(order)
    assert other.drive().phase is phase
    with pytest.raises(Conflict):
        one.drive()


@pytest.mark.parametrize(("order", "_phase"), ORDERS)
def test_an_order_on_what_has_ended_changes_nothing(
    world: World, stored: StoredRelease, order: Callable[..., Any], _phase: Phase
) -> None:
    driver_of(world, stored).drive()
    before = world.model.live
    driver = driver_of(world, stored, token=4)
    driver.order(order)
    assert world.model.live == before
    assert driver.drive().phase is Phase.SUCCEEDED


def test_an_order_where_the_deployment_is_gone(world: World, stored: StoredRelease) -> None:
    world.model.deployment = None
    driver = driver_of(world, stored, token=4)
    driver.order(abort_by_user)
    assert driver.drive().reason is Reason.GONE


def test_what_was_left_held_without_labels_is_mended(world: World, stored: StoredRelease) -> None:
    world.model.live["metadata"]["labels"] = {"app": "shop"}
    driver = driver_of(world, stored, token=1_700_000_000)
    driver.order(abort_by_user)
    assert driver.drive().phase is Phase.ROLLED_BACK
    assert (world.model.held, world.model.key) == (OWN, STABLE_KEY)


def test_a_newer_release_takes_no_order_of_an_older_one(world: World, stored: StoredRelease) -> None:
    world.model.live["metadata"]["labels"] |= {"cictl.dev/release": "8"}
    driver_of(world, stored, token=9).order(abort_by_user)
    assert world.cluster.wrote("Deployment") == []


# What is left behind.


def test_no_entry_of_ours_stays_in_managed_fields(world: World, stored: StoredRelease) -> None:
    world.model.live["metadata"]["managedFields"] = [{"manager": "kubectl"}, {"manager": "cictl"}]
    driver_of(world, stored).drive()
    assert world.model.live["metadata"]["managedFields"] == [{"manager": "kubectl"}]


def test_a_chart_brings_its_own_labels_when_it_succeeds() -> None:
    record = a_record(strategy=UNGATED, gate=None, new_own=OWN, deployment_object=MANIFEST, created_objects=())
    world, stored = begun(record)
    driver_of(world, stored).drive()
    assert world.model.live["metadata"]["labels"]["team"] == "a"
    assert world.model.live["metadata"]["labels"][PHASE] == "succeeded"


def test_a_third_template_is_told_with_its_cause(world: World, stored: StoredRelease) -> None:
    world.live.script.append(lambda: world.model.edit(template=template_of("v3")))
    outcome = driver_of(world, stored).drive()
    assert outcome.why == "another template was written by somebody"
    assert (outcome.phase, outcome.reason) == (Phase.SUPERSEDED, Reason.OTHER_TEMPLATE)
