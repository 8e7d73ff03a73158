from __future__ import annotations

from collections.abc import Callable

import pytest

from cictl.core.lease import DURATION_SECONDS
from cictl.errors import Conflict, Unreachable
from cictl.services.leases import LeaseHeld, LeaseKeeper
from tests.unit.rollout_cases import OWN
from tests.unit.rollout_cluster import World
from tests.unit.rollout_model import Model

LOST = Unreachable("lost")
KEY = ("Lease", "cictl.shop")


@pytest.fixture
def world() -> World:
    return World(Model(replicas=1, own=OWN))


def holder(world: World) -> str:
    return str(world.cluster.objects[KEY]["spec"]["holderIdentity"])


def acquire(world: World, *, take_over: bool = False) -> LeaseKeeper:
    keeper = world.lease("shop")
    keeper.acquire(take_over=take_over, on_wait=world.notes.say)
    return keeper


def killed(world: World) -> LeaseKeeper:
    """Return one that holds the Lease and renews it no more."""
    keeper = acquire(world)
    keeper._done.set()
    return keeper


def test_a_lease_that_nobody_holds_is_taken_at_once(world: World) -> None:
    first = acquire(world)
    assert holder(world) == first.identity
    first.release()
    assert holder(world) == ""
    second = acquire(world)
    assert holder(world) == second.identity
    assert world.notes.lines == []
    second.release()


def test_a_holder_that_has_gone_is_waited_out_by_our_own_clock(world: World) -> None:
    killed(world)
    before = world.clock.monotonic()
    second = acquire(world)
    assert DURATION_SECONDS <= world.clock.monotonic() - before < DURATION_SECONDS + 1
    assert holder(world) == second.identity
    assert "held the rollout" in world.notes.lines[0]


def test_a_holder_that_renews_is_left_alone(world: World) -> None:
    first = killed(world)
    world.clock.on_sleep = [*[lambda: None] * 3, lambda: first._write(first._version)]
    with pytest.raises(LeaseHeld, match=f"driven by {first.identity}"):
        acquire(world)
    assert holder(world) == first.identity


@pytest.mark.parametrize(
    "leave",
    [
        pytest.param(lambda _world, first: first.release(), id="given-back"),
        pytest.param(lambda world, _first: world.cluster.objects.pop(KEY), id="deleted"),
    ],
)
def test_a_lease_that_gets_free_while_it_is_waited_for(
    world: World, leave: Callable[[World, LeaseKeeper], object]
) -> None:
    first = acquire(world)
    world.clock.on_sleep = [lambda: leave(world, first)]
    before = world.clock.monotonic()
    second = acquire(world)
    assert world.clock.monotonic() - before < 1
    assert holder(world) == second.identity


def test_taking_over_waits_for_nobody(world: World) -> None:
    killed(world)
    before = world.clock.monotonic()
    second = acquire(world, take_over=True)
    assert (world.clock.monotonic(), holder(world)) == (before, second.identity)


def test_taking_over_from_one_that_renews_at_the_same_moment(world: World) -> None:
    killed(world)
    world.fail("replace", "Lease", Conflict("renewed"))
    second = acquire(world, take_over=True)
    assert holder(world) == second.identity


def test_two_that_begin_at_once(world: World) -> None:
    world.fail("create", "Lease", Conflict("exists"))
    with pytest.raises(LeaseHeld, match="at the same moment"):
        acquire(world)


@pytest.mark.parametrize("is_done", [True, False])
def test_lost_answers(world: World, is_done: bool) -> None:
    world.fail("create", "Lease", LOST, is_done=is_done)
    keeper = acquire(world)
    assert holder(world) == keeper.identity
    world.fail("replace", "Lease", LOST, is_done=is_done)
    keeper._write(keeper._version)
    keeper._write(keeper._version)
    assert holder(world) == keeper.identity


def test_a_lease_that_was_taken_is_not_renewed(world: World) -> None:
    first = acquire(world)
    second = acquire(world, take_over=True)
    with pytest.raises(LeaseHeld):
        first._write(first._version)
    first.release()
    assert holder(world) == second.identity


def test_a_lease_is_given_back_although_a_renewal_was_under_way(world: World) -> None:
    keeper = acquire(world)
    before = keeper._version
    keeper._write(before)
    keeper._version = before
    keeper.release()
    assert holder(world) == ""


def test_what_was_never_acquired_is_not_released(world: World) -> None:
    world.lease("shop").release()
    assert world.cluster.wrote() == []
    assert world.lease("shop").holder() is None
