from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.core.evidence import Evidence
from cictl.core.release import ReleaseUnreadable
from cictl.core.rollout_state import Phase
from cictl.errors import Conflict, NotFound, Unreachable
from cictl.services.release_store import KEEP_FAILED, KEEP_SUCCEEDED
from tests.unit.rollout_cases import OWN, a_record
from tests.unit.rollout_cluster import World
from tests.unit.rollout_model import Model

LOST = Unreachable("lost")


@pytest.fixture
def world() -> World:
    return World(Model(replicas=1, own=OWN))


def test_a_release_survives_the_cluster(world: World) -> None:
    stored = world.store.create(a_record())
    assert stored == world.store.get("shop", 7)
    assert (stored.record, stored.outcome, stored.ending, stored.why) == (a_record(), None, None, "")


def test_a_release_is_immutable_and_labelled(world: World) -> None:
    world.store.create(a_record())
    raw = world.cluster.objects["ConfigMap", "cictl.shop.v7"]
    assert raw["immutable"] is True
    assert raw["metadata"]["labels"]["cictl.dev/service"] == "shop"


def test_all_are_listed_by_number(world: World) -> None:
    for revision in (10, 2, 9):
        world.store.create(a_record(revision=revision))
    world.store.create(a_record(service="other"))
    world.store.write_evidence(world.store.get("shop", 2), Evidence())
    assert [each.revision for each in world.store.all("shop")] == [2, 9, 10]


@pytest.mark.parametrize("is_done", [True, False])
def test_a_lost_answer_makes_one_release(world: World, is_done: bool) -> None:
    world.fail("create", "ConfigMap", LOST, is_done=is_done)
    assert world.store.create(a_record()).revision == 7
    assert len(world.store.all("shop")) == 1


def test_a_number_that_is_taken(world: World) -> None:
    world.store.create(a_record())
    with pytest.raises(Conflict, match="release 7 of shop"):
        world.store.create(a_record(image="another"))


def test_a_release_that_is_not_kept(world: World) -> None:
    with pytest.raises(NotFound, match="shop has no release 3 in prod"):
        world.store.get("shop", 3)


def test_how_it_ended(world: World) -> None:
    stored = world.store.create(a_record())
    world.store.note_ending(stored, Phase.ROLLED_BACK, "why")
    assert world.store.get("shop", 7).ending is Phase.ROLLED_BACK
    world.store.finish(stored, Phase.SUPERSEDED, "x" * 5000, "2024-01-01T00:00:00Z")
    found = world.store.get("shop", 7)
    assert (found.outcome, found.finished, len(found.why)) == (Phase.SUPERSEDED, "2024-01-01T00:00:00Z", 500)


def test_the_outcome_of_a_record_that_was_deleted_or_made_anew(world: World) -> None:
    stored = world.store.create(a_record())
    world.store.finish(replace(stored, record=a_record(revision=8)), Phase.SUCCEEDED, "", "")
    with pytest.raises(Conflict):
        world.store.finish(replace(stored, uid="another"), Phase.SUCCEEDED, "", "")


def test_a_damaged_release_says_which(world: World) -> None:
    world.store.create(a_record())
    world.cluster.objects["ConfigMap", "cictl.shop.v7"]["metadata"]["annotations"]["cictl.dev/outcome"] = "dancing"
    with pytest.raises(ReleaseUnreadable, match=r"cictl\.shop\.v7"):
        world.store.get("shop", 7)


def test_evidence_is_kept_with_its_release(world: World) -> None:
    stored = world.store.create(a_record())
    assert world.store.evidence("shop", 7) == Evidence()
    world.store.write_evidence(stored, Evidence([{"at": 1}]))
    world.store.write_evidence(stored, Evidence([{"at": 1}, {"at": 2}]))
    assert world.store.evidence("shop", 7).events == ({"at": 1}, {"at": 2})
    raw = world.cluster.objects["ConfigMap", "cictl.shop.v7.record"]
    assert raw["metadata"]["ownerReferences"][0]["uid"] == stored.uid


@pytest.mark.parametrize(("count", "size"), [pytest.param(1000, 10, id="many"), pytest.param(300, 20_000, id="large")])
def test_evidence_is_bounded_and_the_newest_stays(world: World, count: int, size: int) -> None:
    stored = world.store.create(a_record())
    world.store.write_evidence(stored, Evidence([{"number": number, "why": "ä" * size} for number in range(count)]))
    raw = world.cluster.objects["ConfigMap", "cictl.shop.v7.record"]
    assert len(raw["data"]["events.json"].encode()) < 1_000_000
    kept = world.store.evidence("shop", 7).events
    assert len(kept) >= 10
    assert kept[-1]["number"] == count - 1


def test_prune(world: World) -> None:
    total = KEEP_SUCCEEDED + KEEP_FAILED + 10
    for revision in range(1, total + 1):
        stored = world.store.create(a_record(revision=revision))
        phase = Phase.SUCCEEDED if revision % 2 else Phase.ROLLED_BACK
        world.store.finish(stored, phase, "", "")
    gone = world.store.prune("shop", current=total)
    left = [each.revision for each in world.store.all("shop")]
    assert sorted([*gone, *left]) == list(range(1, total + 1))
    assert total in left
    assert 1 not in left
