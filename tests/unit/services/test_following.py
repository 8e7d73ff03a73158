from __future__ import annotations

import pytest

from cictl.core.evidence import Evidence
from cictl.core.rollout import End
from cictl.core.rollout_state import Phase, to_labels
from cictl.errors import NotFound
from cictl.services.following import Follower
from tests.unit.rollout_cases import CANARY, OWN, STABLE, UNGATED, a_record, a_state
from tests.unit.rollout_cluster import World
from tests.unit.rollout_model import Model

RECORD = a_record(strategy=UNGATED, gate=None, new_own=OWN, created_objects=())


@pytest.fixture
def world() -> World:
    return World(Model(replicas=5, own=OWN))


def follower(world: World) -> Follower:
    return Follower(world.cluster, world.store, world.lease("shop"), "prod", "shop")


def label(world: World, phase: Phase = Phase.STEPPING) -> None:
    world.model.live["metadata"]["labels"] |= to_labels(a_state(phase))
    world.model.version += 1


def test_nothing_to_look_at(world: World) -> None:
    with pytest.raises(NotFound, match="shop has no releases in prod"):
        follower(world).newest()
    assert follower(world).running() is None


def test_the_release_that_is_under_way_comes_before_the_newest(world: World) -> None:
    world.store.create(RECORD)
    finished = world.store.create(a_record(revision=8))
    world.store.finish(finished, Phase.SUPERSEDED, "", "")
    label(world)
    assert follower(world).newest().revision == 7


def test_one_that_is_beginning_comes_before_one_that_has_ended(world: World) -> None:
    world.store.finish(world.store.create(RECORD), Phase.SUCCEEDED, "", "")
    world.store.create(a_record(revision=8))
    label(world, Phase.SUCCEEDED)
    assert follower(world).newest().revision == 8


def test_which_release_runs(world: World) -> None:
    world.store.create(a_record(revision=1, template=STABLE))
    world.store.create(a_record(revision=2, template=CANARY))
    assert follower(world).running() == 1


def test_status(world: World) -> None:
    stored = world.store.create(RECORD)
    world.store.write_evidence(stored, Evidence([{"at": 1.0}, {"at": 2.0}]))
    label(world)
    world.lease("shop")._write(None)
    status = follower(world).status(world.live, stored)
    assert (status.holder, status.evidence, status.state) == ("driver-1", {"at": 2.0}, a_state())
    assert world.cluster.wrote("Deployment") == []


def test_following_reports_until_the_end(world: World) -> None:
    stored = world.store.create(RECORD)
    label(world)
    world.live.script = [lambda: label(world, Phase.PROMOTING), lambda: label(world, Phase.SUCCEEDED)]
    follower(world).follow(world.live, stored, world.notes)
    assert world.notes.phases == ["stepping", "promoting", "succeeded"]
    assert isinstance(world.notes.progress[-1].action, End)


def test_following_ends_where_the_deployment_is_gone(world: World) -> None:
    stored = world.store.create(RECORD)
    label(world)
    world.live.script = [lambda: setattr(world.model, "deployment", None)]
    follower(world).follow(world.live, stored, world.notes)
    assert world.notes.phases == ["stepping"]
