from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cictl.core.commits import Commit
from cictl.core.rollout_state import Phase, Reason
from cictl.errors import FarSideFailed, NotFound
from cictl.redaction import MASK, redact
from cictl.services.following import Follower
from cictl.services.release_store import StoredRelease
from cictl.services.rollout_reports import RolloutReports, with_texts
from tests.unit.report_cases import COMMIT, ROLLED_BACK, known
from tests.unit.rollout_cases import NOW, OWN, STABLE, a_record
from tests.unit.rollout_cluster import World
from tests.unit.rollout_model import Model

RECORD = a_record(environment="production", commit=COMMIT.id, stable_release=6)


@pytest.fixture
def world() -> World:
    world = World(Model(replicas=5, own=OWN))
    before = world.store.create(a_record(revision=6, template=STABLE, image="reg/shop@sha256:" + "b" * 64))
    world.store.finish(before, Phase.SUCCEEDED, "fine", "")
    stored = world.store.create(RECORD)
    world.store.write_evidence(stored, ROLLED_BACK)
    world.store.finish(
        stored, Phase.ROLLED_BACK, "errors: 30 of 100", "2023-11-14T22:14:55+00:00", Reason.GATE_UNHEALTHY
    )
    return world


def told(_commit: str) -> Commit:
    return COMMIT


def lost(_commit: str) -> Commit:
    raise FarSideFailed("git cannot tell")


def reports(world: World, commit: Callable[[str], Commit] = told, target: int | None = 6) -> RolloutReports:
    def undo_target(service: str) -> StoredRelease:
        if target is None:
            raise NotFound("there is none")
        return world.store.get(service, target)

    now = Follower(world.cluster, world.store, world.lease("shop"), "prod", "shop")
    return RolloutReports(world.store, now, undo_target=undo_target, commit=commit, clock=lambda: NOW + 500)


@pytest.mark.parametrize("release", [None, 7])
def test_it_gathers_what_is_kept(world: World, release: int | None) -> None:
    report = reports(world).report("shop", release)
    assert (report.release, report.ended, report.made) == (7, NOW + 95, NOW + 500)
    assert report.headline == "Release 7 of shop was taken back to release 6: errors: 30 of 100"
    assert (report.image_before, report.commit_told) == ("reg/shop@sha256:" + "b" * 64, COMMIT)
    assert report.undo.text == "There is nothing to undo: the Deployment is at release 6."
    assert [span.label for span in report.spans] == ["preparing", "step 1", "step 2", "aborting"]


def test_what_is_missing_is_borne(world: World) -> None:
    del world.cluster.objects["ConfigMap", "cictl.shop.v6"]
    del world.cluster.objects["ConfigMap", "cictl.shop.v7.record"]
    report = reports(world, lost, None).report("shop", 7)
    assert (report.commit_told, report.happenings, report.pods) == (None, (), ())
    assert report.commit == COMMIT.id


def test_a_release_that_is_not_kept(world: World) -> None:
    with pytest.raises(NotFound, match="shop has no release 3"):
        reports(world).report("shop", 3)


def test_no_secret_is_in_it(world: World) -> None:
    secret = redact("hunter2-in-a-message")
    commit = replace(COMMIT, subject=f"fix: use {secret}")
    report = reports(world, lambda _: commit).report("shop", 7)
    assert report.commit_told == replace(COMMIT, subject=f"fix: use {MASK}")


def test_every_text_is_changed_and_nothing_else() -> None:
    upper = with_texts(known().record, str.upper)
    assert (upper.service, upper.revision, upper.gate and upper.gate.name) == ("SHOP", 7, "DEFAULT")
    assert upper.strategy.capacity is known().record.strategy.capacity
