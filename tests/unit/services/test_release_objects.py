from __future__ import annotations

import pytest

from cictl.core.record import ObjectName
from cictl.errors import Conflict
from cictl.services.release_objects import name_of
from tests.unit.rollout_cases import OWN, a_record
from tests.unit.rollout_cluster import World
from tests.unit.rollout_model import Model
from tests.unit.rollout_objects import Json

SERVICE: Json = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"}, "spec": {"port": 1}}
CHANGED: Json = {**SERVICE, "spec": {"port": 2}}
ACCOUNT: Json = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "shop"}}
CONFIG: Json = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "immutable": True,
    "metadata": {"name": "settings-1a2b"},
    "data": {"a": "b"},
}


@pytest.fixture
def world() -> World:
    return World(Model(replicas=1, own=OWN))


def test_what_is_missing_and_what_would_change(world: World) -> None:
    world.cluster.apply("prod", SERVICE)
    assert world.objects.missing([SERVICE, ACCOUNT]) == (name_of(ACCOUNT),)
    assert world.objects.changes([SERVICE, ACCOUNT]) == ((name_of(SERVICE), False),)
    assert world.objects.changes([CHANGED]) == ((name_of(SERVICE), True),)
    assert world.cluster.objects["Service", "shop"]["spec"] == {"port": 1}


def test_trying_creates_nothing(world: World) -> None:
    world.objects.try_create([SERVICE, ACCOUNT])
    assert world.cluster.objects == {}
    assert [call[1] for call in world.cluster.calls if call[0] == "try"] == ["Service", "ServiceAccount"]


def test_what_was_not_there_is_made_before_the_canary(world: World) -> None:
    world.cluster.apply("prod", SERVICE)
    record = a_record(objects=(CHANGED, ACCOUNT), configs=(CONFIG,), created_objects=(name_of(ACCOUNT),))
    stored = world.store.create(record)
    for _ in range(2):
        world.objects.create_missing(stored)
    assert ("ServiceAccount", "shop") in world.cluster.objects
    assert world.cluster.objects["Service", "shop"]["spec"] == {"port": 1}, "that waits for promotion"
    owners = world.cluster.objects["ConfigMap", "settings-1a2b"]["metadata"]["ownerReferences"]
    assert [owner["uid"] for owner in owners] == [stored.uid]


def test_a_configuration_is_kept_by_every_release_that_uses_it(world: World) -> None:
    first = world.store.create(a_record(revision=1, configs=(CONFIG,)))
    second = world.store.create(a_record(revision=2, configs=(CONFIG,)))
    world.objects.create_missing(first)
    world.objects.create_missing(second)
    owners = world.cluster.objects["ConfigMap", "settings-1a2b"]["metadata"]["ownerReferences"]
    assert [owner["uid"] for owner in owners] == [first.uid, second.uid]


def test_a_configuration_made_at_the_same_moment(world: World) -> None:
    stored = world.store.create(a_record(configs=(CONFIG,)))
    world.fail("create", "ConfigMap", Conflict("exists"), is_done=True)
    world.objects.create_missing(stored)
    assert len(world.cluster.objects["ConfigMap", "settings-1a2b"]["metadata"]["ownerReferences"]) == 1


def test_promotion_changes_what_differs_alone(world: World) -> None:
    world.cluster.apply("prod", SERVICE)
    world.cluster.apply("prod", ACCOUNT)
    world.cluster.calls.clear()
    world.objects.apply_all(a_record(objects=(CHANGED, ACCOUNT)))
    assert world.cluster.wrote() == [("apply", "Service", "shop")]
    assert world.cluster.objects["Service", "shop"]["spec"] == {"port": 2}


def test_going_back_changes_even_what_does_not_differ_so_that_late_writes_fail(world: World) -> None:
    world.cluster.apply("prod", SERVICE)
    late = {**CHANGED, "metadata": dict(world.cluster.objects["Service", "shop"]["metadata"])}
    world.objects.take_back(a_record(objects=(SERVICE,)), 9)
    with pytest.raises(Conflict):
        world.cluster.apply("prod", late)
    assert world.cluster.objects["Service", "shop"]["spec"] == {"port": 1}
    assert world.objects.changes([SERVICE]) == ((name_of(SERVICE), False),), "the mark is no difference"


def test_only_what_the_release_made_is_removed(world: World) -> None:
    world.cluster.apply("prod", SERVICE)
    world.cluster.apply("prod", ACCOUNT)
    record = a_record(objects=(SERVICE, ACCOUNT), created_objects=(name_of(ACCOUNT),))
    for _ in range(2):
        world.objects.remove_created(record)
    assert list(world.cluster.objects) == [("Service", "shop")]


def test_names() -> None:
    assert name_of(SERVICE) == ObjectName("v1", "Service", "shop")
