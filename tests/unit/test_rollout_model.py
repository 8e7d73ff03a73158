from __future__ import annotations

import pytest

from cictl.core.holding import HELD_MIN_READY_SECONDS, HELD_PROGRESS_DEADLINE_SECONDS
from cictl.core.patches import field_operations
from cictl.core.workload import HASH_LABEL, HeldFields, template_key
from cictl.errors import Conflict
from tests.unit.json_patch import apply_patch
from tests.unit.rollout_model import Model
from tests.unit.rollout_objects import Json, template_of

OWN = HeldFields(0, 600, "25%", "25%")
STABLE, CANARY = template_key(template_of("v1")), template_key(template_of("v2"))


def hold(model: Model, max_surge: int | str, max_unavailable: int | str, image: str = "v2") -> None:
    fields = HeldFields(HELD_MIN_READY_SECONDS, HELD_PROGRESS_DEADLINE_SECONDS, max_surge, max_unavailable)
    template: Json = {"op": "replace", "path": "/spec/template", "value": template_of(image)}
    model.patch("Deployment", "shop", [template, *field_operations(fields)])
    model.settle()


def write(model: Model, fields: HeldFields, image: str) -> None:
    template: Json = {"op": "replace", "path": "/spec/template", "value": template_of(image)}
    model.patch("Deployment", "shop", [template, *field_operations(fields)])


def split(model: Model) -> tuple[int, int]:
    return model.count(STABLE), model.count(CANARY)


def scale(model: Model, replicas: int) -> None:
    model.edit(replicas=replicas)
    model.settle()


@pytest.fixture
def model() -> Model:
    return Model(replicas=5, own=OWN)


@pytest.mark.parametrize(
    ("max_surge", "max_unavailable", "expected"),
    [
        pytest.param(1, 0, (5, 1), id="one-on-top"),
        pytest.param(2, 0, (5, 2), id="two-on-top"),
        pytest.param("20%", 0, (5, 1), id="a-fifth-on-top"),
        pytest.param("1%", "40%", (3, 3), id="swapped-40"),
        pytest.param("1%", "60%", (2, 4), id="swapped-60"),
    ],
)
def test_a_held_update_stays(
    model: Model, max_surge: int | str, max_unavailable: int | str, expected: tuple[int, int]
) -> None:
    hold(model, max_surge, max_unavailable)
    assert split(model) == expected
    model.now += 10_000_000
    model.settle()
    assert split(model) == expected


def test_swapping_in_two_writes_never_has_fewer_ready_pods_than_asked_for(model: Model) -> None:
    hold(model, 3, 0)
    assert (split(model), model.ready) == ((5, 3), 8)
    hold(model, 0, 3)
    assert (split(model), model.ready) == ((2, 3), 5)


@pytest.mark.parametrize(
    ("fields", "sizes", "expected"),
    [
        pytest.param(("20%", 0), [6, 5], [(6, 2), (4, 2)], id="drifts-up-and-back"),
        pytest.param(("20%", 0), [10, 1, 5], [(10, 2), (1, 1), (3, 3)], id="through-one"),
        pytest.param(
            ("1%", "40%"), [10, 2, 1, 7, 5], [(5, 6), (1, 2), (1, 1), (4, 4), (3, 3)], id="swapped-with-one-on-top"
        ),
        pytest.param((0, "60%"), [1, 5], [(0, 1), (0, 5)], id="swapped-without-surge-loses-stable"),
        pytest.param(("20%", 0), [0, 5], [(0, 0), (0, 5)], id="zero-loses-stable"),
    ],
)
def test_scaling_keeps_a_proportion(
    model: Model, fields: tuple[int | str, int | str], sizes: list[int], expected: list[tuple[int, int]]
) -> None:
    hold(model, *fields)
    found = []
    for size in sizes:
        scale(model, size)
        found.append(split(model))
    assert found == expected


def repair(model: Model, *sizes: tuple[str, int]) -> None:
    for key, size in sizes:
        name = next(
            each["metadata"]["name"] for each in model.replica_sets if template_key(each["spec"]["template"]) == key
        )
        model.patch("ReplicaSet", name, [{"op": "replace", "path": "/spec/replicas", "value": size}])
        model.settle()


def test_a_drift_is_repaired_by_scaling_the_replica_sets(model: Model) -> None:
    hold(model, "20%", 0)
    scale(model, 6)
    scale(model, 5)
    repair(model, (STABLE, 5), (CANARY, 1))
    assert split(model) == (5, 1)


def test_after_zero_the_same_repair_does_not_hold(model: Model) -> None:
    hold(model, "20%", 0)
    scale(model, 0)
    scale(model, 5)
    repair(model, (STABLE, 5), (CANARY, 1))
    assert split(model) != (5, 1)


def test_abort_from_on_top_takes_the_canary_at_once(model: Model) -> None:
    hold(model, "20%", 0)
    write(model, HeldFields(0, 600, "100%", "100%"), "v1")
    model.sync_deployment()
    assert split(model) == (5, 0)
    assert model.ready == 6  # the ReplicaSet controller has not taken the pod yet
    model.settle()
    assert (split(model), model.ready) == ((5, 0), 5)


def test_abort_with_an_unready_stable_pod(model: Model) -> None:
    hold(model, "20%", 0)
    model.pods_of(STABLE)[0].is_broken, model.pods_of(STABLE)[0].ready_since = True, None
    model.settle()
    write(model, HeldFields(0, 600, "100%", 0), "v1")
    model.settle()
    assert split(model) == (5, 1), "without slack the canary serves on"
    write(model, HeldFields(0, 600, "100%", "100%"), "v1")
    model.settle()
    assert split(model) == (5, 0)


def test_abort_from_swapped_never_has_fewer_ready_pods(model: Model) -> None:
    hold(model, 2, 0)
    hold(model, "1%", "40%")
    write(model, HeldFields(0, 600, "100%", 0), "v1")
    least = model.ready
    for _ in range(10):
        model.sync_deployment()
        model.sync_replica_sets()
        least = min(least, model.ready)
        model.start_pods()
        model.sync_replica_sets()
    assert (split(model), least) == ((5, 0), 5)


def test_promotion_keeps_the_canarys_pods(model: Model) -> None:
    hold(model, "20%", 0)
    before = {pod.name for pod in model.pods_of(CANARY)}
    write(model, HeldFields(0, 600, "100%", 0), "v2")
    model.settle()
    assert split(model) == (0, 5)
    assert before <= {pod.name for pod in model.pods}
    assert model.live["status"]["conditions"][0]["reason"] == "NewReplicaSetAvailable"


def test_undo_makes_stables_pods_unavailable(model: Model) -> None:
    hold(model, "20%", 0)
    model.edit(template=template_of("v1"))
    model.settle()
    assert model.live["status"]["availableReplicas"] == 0
    assert len(model.pods_of(STABLE)) == 5
    model.patch("Deployment", "shop", field_operations(OWN))
    model.settle()
    assert model.live["status"]["availableReplicas"] == 5


def test_a_third_template_is_held_too(model: Model) -> None:
    hold(model, "20%", 0)
    model.edit(template=template_of("v3"))
    model.settle()
    assert model.split == (5, 1)
    assert model.count(template_key(template_of("v3"))) == 1


def test_a_paused_deployment_does_not_move(model: Model) -> None:
    hold(model, "20%", 0)
    model.edit(paused=True, template=template_of("v3"))
    model.settle()
    assert split(model) == (5, 1)


def test_the_old_replica_set_keeps_its_own_min_ready_seconds(model: Model) -> None:
    hold(model, "20%", 0)
    assert [each["spec"]["minReadySeconds"] for each in model.replica_sets] == [0, HELD_MIN_READY_SECONDS]


def test_progress_is_not_watched_while_held_and_a_missed_deadline_shows(model: Model) -> None:
    hold(model, "20%", 0)
    assert model.live["status"]["conditions"] == []
    model.broken = {"v2"}
    write(model, OWN, "v2")
    model.settle()
    model.now += 10_000
    model.sync_deployment()
    assert model.live["status"]["conditions"][0]["reason"] == "ProgressDeadlineExceeded"


def test_recreate_never_runs_both(model: Model) -> None:
    model = Model(replicas=3, own=OWN, strategy_type="Recreate")
    model.edit(template=template_of("v2"))
    for _ in range(10):
        model.sync_deployment()
        model.sync_replica_sets()
        assert not (model.pods_of(STABLE) and model.pods_of(CANARY))
        model.start_pods()
    assert split(model) == (0, 3)


def test_a_patch_is_conditional(model: Model) -> None:
    with pytest.raises(Conflict):
        model.patch("Deployment", "shop", [{"op": "test", "path": "/metadata/generation", "value": 7}])
    with pytest.raises(Conflict):
        apply_patch({"a": {}}, [{"op": "replace", "path": "/a/b", "value": 1}])
    assert apply_patch({"a": {}}, [{"op": "test", "path": "/a/b", "value": None}]) == {"a": {}}
    assert apply_patch({"a": {"x/y": 1}}, [{"op": "remove", "path": "/a/x~1y"}]) == {"a": {}}


def test_the_generation_rises_with_the_spec_alone(model: Model) -> None:
    before = model.live["metadata"]["generation"]
    model.patch("Deployment", "shop", [{"op": "add", "path": "/metadata/labels/x", "value": "y"}])
    assert model.live["metadata"]["generation"] == before
    model.edit(replicas=6)
    assert model.live["metadata"]["generation"] == before + 1
    model.settle()
    assert model.live["metadata"]["generation"] == before + 1
    assert HASH_LABEL in model.replica_sets[0]["spec"]["template"]["metadata"]["labels"]
