from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import pytest

from cictl.core.acts import first_write
from cictl.core.patches import write_operations
from cictl.core.plan import Plan
from cictl.core.record import ReleaseRecord
from cictl.core.rollout_state import PHASE, TOKEN, Phase, Reason, to_labels
from cictl.core.workload import read_deployment
from cictl.errors import CictlError, Conflict, ExitCode, NotFound, Unreachable
from cictl.services.leases import LeaseHeld
from cictl.services.release_store import StoredRelease
from tests.unit.rollout_cases import CANARY_KEY, OWN, STABLE, STABLE_KEY, UNGATED, a_record, a_state
from tests.unit.rollout_cluster import World
from tests.unit.rollout_model import Model
from tests.unit.rollout_objects import Json, template_of

RECORD = a_record(strategy=UNGATED, gate=None, new_own=OWN, revision=1, created_objects=())
LOST = Unreachable("the answer was lost")
SERVICE: Json = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"}, "spec": {"port": 1}}
MANIFEST: Json = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "shop", "namespace": "prod", "labels": {"app": "shop"}},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "shop"}},
        "template": template_of("v2"),
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 1}},
    },
}
INSTALL = replace(
    RECORD,
    strategy=replace(UNGATED, steps=(), deadline_seconds=50.0),
    stable_template=None,
    deployment_object=MANIFEST,
    objects=(SERVICE,),
)


@pytest.fixture
def world() -> World:
    model = Model(replicas=5, own=OWN)
    model.now += 100
    model.settle()
    return World(model)


def a_plan(world: World, record: ReleaseRecord = RECORD, token: int = 1) -> Plan:
    deployment = None if world.model.deployment is None else read_deployment(copy.deepcopy(world.model.live))
    return Plan(record, deployment, token, None, ("image",), (), (), 5)


def left(world: World, *, phase: Phase = Phase.STEPPING) -> StoredRelease:
    """Leave a rollout as a killed driver does."""
    stored = world.store.create(RECORD)
    write = first_write(RECORD, 1, world.model.now)
    model = world.model
    model.patch("Deployment", "shop", write_operations(read_deployment(model.live), write, RECORD.templates()))
    model.settle()
    model.live["metadata"]["labels"][PHASE] = phase.value
    return stored


# Start.


def test_start(world: World) -> None:
    outcome = world.rollouts.start(a_plan(world), world.notes)
    assert (outcome.phase, outcome.release) == (Phase.SUCCEEDED, 1)
    assert (world.model.key, world.model.held) == (CANARY_KEY, OWN)
    lease = world.cluster.objects["Lease", "cictl.shop"]
    assert lease["spec"]["holderIdentity"] == "", "given back at the end"


def test_the_record_stands_before_the_first_act(world: World) -> None:
    world.rollouts.start(a_plan(world), world.notes)
    writes = [call[:2] for call in world.cluster.wrote("ConfigMap", "Deployment")]
    assert writes.index(("create", "ConfigMap")) < writes.index(("patch", "Deployment"))


@pytest.mark.parametrize(
    ("verb", "kind", "is_done"),
    [
        pytest.param("create", "ConfigMap", False, id="record-lost"),
        pytest.param("create", "ConfigMap", True, id="record-answer-lost"),
        pytest.param("patch", "Deployment", False, id="first-act-lost"),
        pytest.param("patch", "Deployment", True, id="first-act-answer-lost"),
        pytest.param("create", "Lease", True, id="lease-answer-lost"),
        pytest.param("create", "Lease", False, id="lease-lost"),
    ],
)
def test_start_survives_lost_answers(world: World, verb: str, kind: str, is_done: bool) -> None:
    world.fail(verb, kind, LOST, is_done=is_done)
    assert world.rollouts.start(a_plan(world), world.notes).phase is Phase.SUCCEEDED


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda model: model.edit(template=template_of("v9")), id="another-template"),
        pytest.param(lambda model: model.edit(replicas=7), id="scaled"),
        pytest.param(
            lambda model: model.live["metadata"]["labels"].update(to_labels(a_state(Phase.SUCCEEDED))),
            id="another-rollout-since",
        ),
    ],
)
def test_what_moved_since_the_plan_is_left_alone(world: World, change: Callable[[Model], None]) -> None:
    plan = a_plan(world)
    change(world.model)
    before = world.model.live["spec"]
    with pytest.raises(Conflict, match="nothing was done"):
        world.rollouts.start(plan, world.notes)
    assert world.model.live["spec"] == before
    assert world.store.get("shop", 1).outcome is Phase.SUPERSEDED


def test_two_with_one_number(world: World) -> None:
    world.store.create(replace(RECORD, image="another"))
    with pytest.raises(Conflict):
        world.rollouts.start(a_plan(world), world.notes)
    assert world.cluster.wrote("Deployment") == []


def test_start_installs_what_was_not_there(world: World) -> None:
    world.model.deployment = None
    world.model.settle()
    outcome = world.rollouts.start(a_plan(world, INSTALL), world.notes)
    assert outcome.phase is Phase.SUCCEEDED
    assert world.model.split == (3,)


def test_start_finishes_what_was_left(world: World) -> None:
    world.store.create(RECORD)
    plan = a_plan(world, replace(RECORD, revision=2))
    assert world.rollouts.start(plan, world.notes).phase is Phase.SUCCEEDED
    assert world.store.get("shop", 1).outcome is Phase.SUPERSEDED


# Resume.


def test_resume_goes_on_with_a_higher_token(world: World) -> None:
    left(world)
    outcome = world.rollouts.resume("shop", world.notes, take_over=False)
    assert outcome.phase is Phase.SUCCEEDED
    assert world.model.live["metadata"]["labels"][TOKEN] == "2"


def test_resume_fences_the_replica_sets(world: World) -> None:
    left(world)
    before = {each["metadata"]["name"]: each["metadata"]["resourceVersion"] for each in world.model.replica_sets}
    world.rollouts.resume("shop", world.notes, take_over=False)
    fenced = [call[2] for call in world.cluster.wrote("ReplicaSet")]
    assert set(fenced) == set(before)


def test_a_replica_set_that_goes_while_it_is_fenced(world: World) -> None:
    left(world)
    world.fail("patch", "ReplicaSet", NotFound("gone"))
    assert world.rollouts.resume("shop", world.notes, take_over=False).phase is Phase.SUCCEEDED


@pytest.mark.parametrize("is_done", [True, False])
def test_resume_survives_a_lost_answer(world: World, is_done: bool) -> None:
    left(world)
    world.fail("patch", "Deployment", LOST, is_done=is_done)
    assert world.rollouts.resume("shop", world.notes, take_over=False).phase is Phase.SUCCEEDED


def test_resume_does_the_first_act_that_was_never_done(world: World) -> None:
    world.store.create(RECORD)
    outcome = world.rollouts.resume("shop", world.notes, take_over=False)
    assert (outcome.phase, world.model.key) == (Phase.SUCCEEDED, CANARY_KEY)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"template": template_of("v9")}, id="another-template"),
        pytest.param({"minReadySeconds": 77}, id="another-own-value"),
        pytest.param({"paused": True}, id="paused"),
    ],
)
def test_resume_begins_nothing_on_what_has_changed(world: World, change: Json) -> None:
    world.store.create(RECORD)
    world.model.edit(**change)
    with pytest.raises(Conflict):
        world.rollouts.resume("shop", world.notes, take_over=False)
    assert world.cluster.wrote("Deployment") == []


def test_resume_finishes_a_removal(world: World) -> None:
    stored = world.store.create(replace(INSTALL, created_objects=RECORD.created_objects))
    world.store.note_ending(stored, Phase.ROLLED_BACK, "crash loop")
    world.model.deployment = None
    outcome = world.rollouts.resume("shop", world.notes, take_over=False)
    assert (outcome.phase, outcome.why) == (Phase.ROLLED_BACK, "crash loop")
    assert world.store.get("shop", 1).outcome is Phase.ROLLED_BACK
    assert world.model.deployment is None


def test_resume_of_what_has_ended_writes_its_outcome(world: World) -> None:
    left(world, phase=Phase.ROLLED_BACK)
    assert world.rollouts.resume("shop", world.notes, take_over=False).phase is Phase.ROLLED_BACK
    assert world.store.get("shop", 1).outcome is Phase.ROLLED_BACK


def test_nothing_to_resume(world: World) -> None:
    with pytest.raises(NotFound, match="has no releases"):
        world.rollouts.resume("shop", world.notes, take_over=False)
    world.rollouts.start(a_plan(world), world.notes)
    with pytest.raises(NotFound, match="release 1 succeeded"):
        world.rollouts.resume("shop", world.notes, take_over=False)


def renewing(world: World) -> None:
    """Let somebody hold the Lease and renew it."""
    keeper = world.lease("shop")
    keeper._write(None)
    world.clock.on_sleep = [lambda: keeper._write(keeper._version)] * 20


def test_a_driver_that_lives_is_left_alone(world: World) -> None:
    left(world)
    renewing(world)
    with pytest.raises(LeaseHeld, match="driven by driver-1"):
        world.rollouts.resume("shop", world.notes, take_over=False)
    assert world.cluster.wrote("Deployment") == []


def test_a_driver_that_lives_is_taken_over_from(world: World) -> None:
    left(world)
    renewing(world)
    assert world.rollouts.resume("shop", world.notes, take_over=True).phase is Phase.SUCCEEDED


# Abort.


@pytest.mark.parametrize("phase", [Phase.STEPPING, Phase.PROMOTING, Phase.WATCHING, Phase.ABORTING])
def test_abort_from_each_phase(world: World, phase: Phase) -> None:
    left(world, phase=phase)
    outcome = world.rollouts.abort("shop", world.notes)
    assert (outcome.phase, outcome.reason) == (Phase.ROLLED_BACK, Reason.BY_USER)
    assert (world.model.key, world.model.held, world.model.split) == (STABLE_KEY, OWN, (5,))


def test_people_s_reason_is_kept_with_the_release(world: World) -> None:
    left(world)
    assert world.rollouts.abort("shop", world.notes, why="checkout fails").why == "aborted by hand: checkout fails"


def test_the_reason_is_kept_though_nothing_had_been_done(world: World) -> None:
    world.store.create(RECORD)
    assert world.rollouts.abort("shop", world.notes, why="checkout fails").why == "aborted by hand: checkout fails"


def test_abort_needs_no_leave_of_who_drives(world: World) -> None:
    left(world)
    renewing(world)
    assert world.rollouts.abort("shop", world.notes).phase is Phase.ROLLED_BACK


def test_abort_before_the_first_act_keeps_it_from_coming_later(world: World) -> None:
    stored = world.store.create(RECORD)
    late = write_operations(read_deployment(world.model.live), first_write(RECORD, 1, 0.0), RECORD.templates())
    outcome = world.rollouts.abort("shop", world.notes)
    assert (outcome.phase, outcome.exit_code) == (Phase.ROLLED_BACK, ExitCode.CONFLICT)
    assert world.store.get("shop", stored.revision).outcome is Phase.ROLLED_BACK
    with pytest.raises(Conflict):
        world.model.patch("Deployment", "shop", late)
    assert world.model.key == STABLE_KEY


@pytest.mark.parametrize("labels", [{"app": "shop"}, {"app": "shop", **to_labels(a_state()), PHASE: "nonsense"}])
def test_abort_mends_what_was_left_held(world: World, labels: dict[str, str]) -> None:
    left(world)
    world.model.live["metadata"]["labels"] = labels
    outcome = world.rollouts.abort("shop", world.notes)
    assert (outcome.phase, world.model.held, world.model.key) == (Phase.ROLLED_BACK, OWN, STABLE_KEY)


def test_nothing_to_abort(world: World) -> None:
    with pytest.raises(NotFound):
        world.rollouts.abort("shop", world.notes)


# Undo.


def succeeded(world: World, revision: int, image: str) -> None:
    record = replace(RECORD, revision=revision, template=template_of(image))
    world.store.finish(world.store.create(record), Phase.SUCCEEDED, "", "")


def test_undo_goes_to_the_last_good_release_before_the_one_that_runs(world: World) -> None:
    succeeded(world, 1, "v0")
    succeeded(world, 2, "v1")
    failed = world.store.create(replace(RECORD, revision=3))
    world.store.finish(failed, Phase.ROLLED_BACK, "", "")
    assert world.rollouts.undo_target("shop", None).revision == 1
    assert world.rollouts.undo_target("shop", 2).revision == 2


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(None, True, id="any"),
        pytest.param(RECORD.image, True, id="of-this-image"),
        pytest.param("r.example/other@sha256:0", False, id="of-another"),
    ],
)
def test_a_rollout_that_was_left_is_under_way(world: World, image: str | None, expected: bool) -> None:
    left(world)
    assert world.rollouts.is_under_way_of("shop", image=image) is expected


def test_nothing_is_under_way(world: World) -> None:
    assert not world.rollouts.is_under_way_of("shop")
    world.rollouts.start(a_plan(world), world.notes)
    assert not world.rollouts.is_under_way_of("shop", image=RECORD.image)


def test_nothing_to_undo(world: World) -> None:
    with pytest.raises(NotFound, match="has no releases"):
        world.rollouts.undo_target("shop", None)
    succeeded(world, 1, "v1")
    with pytest.raises(NotFound, match="no earlier release"):
        world.rollouts.undo_target("shop", None)
    with pytest.raises(NotFound, match="no release 9"):
        world.rollouts.undo_target("shop", 9)


def test_errors_are_ours() -> None:
    assert issubclass(LeaseHeld, CictlError)
    assert STABLE is not None
