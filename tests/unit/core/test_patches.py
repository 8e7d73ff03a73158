from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.core.patches import (
    Operation,
    escape,
    fence_operations,
    field_operations,
    forget_operations,
    guards,
    manifest_operations,
    scale_operations,
    state_operations,
    write_operations,
)
from cictl.core.rollout import Write
from cictl.core.rollout_state import Phase, to_labels
from cictl.core.workload import HeldFields, read_deployment
from cictl.errors import Conflict
from tests.unit.json_patch import apply_patch
from tests.unit.rollout_cases import CANARY, OWN, STABLE, STABLE_KEY, a_deployment, a_replica_set, a_state
from tests.unit.rollout_model import Model
from tests.unit.rollout_objects import Json

TEMPLATES = {"stable": STABLE, "canary": CANARY}


def live(**labels: str) -> tuple[Json, list[Operation]]:
    """Return a Deployment and the guards of a write that was made on what it is."""
    model = Model(replicas=3, own=OWN)
    model.live["metadata"]["labels"] |= labels
    return model.live, guards(read_deployment(model.live))


def test_guards_hold_on_what_was_read() -> None:
    raw, tests = live(**to_labels(a_state()))
    assert apply_patch(raw, tests) == raw


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"uid": "another"}, id="made-again"),
        pytest.param({"generation": 2}, id="spec-changed"),
        pytest.param({"labels": to_labels(a_state(token=4))}, id="taken-over"),
        pytest.param({"labels": to_labels(a_state(step=1))}, id="another-step"),
        pytest.param({"labels": {"app": "shop"}}, id="labels-gone"),
    ],
)
def test_guards_fail_on_anything_else(change: Json) -> None:
    raw, tests = live(**to_labels(a_state()))
    raw["metadata"] |= change
    with pytest.raises(Conflict):
        apply_patch(raw, tests)


@pytest.mark.parametrize("metadata", [{"labels": {"app": "shop"}}, {"labels": {}}, {}])
def test_guards_fail_where_a_rollout_has_begun_since(metadata: Json) -> None:
    base = {"metadata": {"uid": "uid-shop", "generation": 4, **metadata}}
    tests = guards(a_deployment(labels=metadata.get("labels", {})))
    without_empty = {"metadata": {key: value for key, value in base["metadata"].items() if value}}
    assert apply_patch(without_empty, tests)
    with pytest.raises(Conflict):
        apply_patch({"metadata": {**base["metadata"], "labels": to_labels(a_state())}}, tests)


def test_a_write_is_state_and_act_in_one() -> None:
    model = Model(replicas=3, own=OWN)
    held = HeldFields(2147483000, 2147483647, "10%", 0)
    write = Write(a_state(), "why", fields=held, template="canary", replicas=9, unpause=True)
    model.edit(paused=True)
    model.patch("Deployment", "shop", write_operations(read_deployment(model.live), write, TEMPLATES))
    found = read_deployment(model.live)
    assert (found.template, found.held, found.replicas, found.paused) == (CANARY, held, 9, False)
    assert found.labels == {"app": "shop", **to_labels(a_state())}


def test_a_write_of_state_alone_leaves_the_spec() -> None:
    model = Model(replicas=3, own=OWN)
    before = model.live["spec"]
    operations = write_operations(read_deployment(model.live), Write(a_state(), "why"), {})
    model.patch("Deployment", "shop", operations)
    assert model.live["spec"] == before
    assert model.live["metadata"]["generation"] == 1


def test_where_there_are_no_labels_they_are_made() -> None:
    operations = state_operations(a_deployment(labels={}), a_state())
    assert apply_patch({"metadata": {}}, operations) == {"metadata": {"labels": to_labels(a_state())}}


@pytest.mark.parametrize(
    ("fields", "strategy"),
    [
        pytest.param(
            HeldFields(1, 2, "3%", 0),
            {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "3%", "maxUnavailable": 0}},
            id="rolling",
        ),
        pytest.param(HeldFields(1, 2, "25%", "25%", "Recreate"), {"type": "Recreate"}, id="recreate"),
    ],
)
def test_fields_are_always_written_out(fields: HeldFields, strategy: Json) -> None:
    spec = apply_patch({"spec": {}}, field_operations(fields))["spec"]
    assert spec == {"minReadySeconds": 1, "progressDeadlineSeconds": 2, "strategy": strategy}


def test_a_repair_depends_on_the_whole_replica_set() -> None:
    view = a_replica_set(STABLE_KEY, 4)
    raw = {"metadata": {"uid": view.uid, "resourceVersion": "50", "labels": {}}, "spec": {"replicas": 4}}
    assert apply_patch(raw, scale_operations(view, 5))["spec"]["replicas"] == 5
    fenced = apply_patch(raw, fence_operations(view, 9))
    fenced["metadata"]["resourceVersion"] = "51"
    with pytest.raises(Conflict):
        apply_patch(fenced, scale_operations(view, 5))
    with pytest.raises(Conflict):
        apply_patch(raw, fence_operations(replace(view, uid="another"), 9))


def test_our_entries_leave_managed_fields() -> None:
    entries: list[Json] = [{"manager": "cictl"}, {"manager": "helm"}, {"manager": "cictl"}]
    operations = forget_operations(a_deployment(managed_fields=tuple(entries)), "cictl")
    left = apply_patch({"metadata": {"managedFields": entries}}, operations)
    assert left["metadata"]["managedFields"] == [{"manager": "helm"}]
    assert forget_operations(a_deployment(), "cictl") == []
    with pytest.raises(Conflict):
        apply_patch({"metadata": {"managedFields": [{"manager": "x"}] * 3}}, operations)


def test_what_a_chart_says_of_the_deployment_itself() -> None:
    manifest = {
        "metadata": {"labels": {"app": "shop", "team": "a"}, "annotations": {"note": "x"}},
        "spec": {"revisionHistoryLimit": 3},
    }
    operations = manifest_operations(a_deployment(), manifest)
    raw = apply_patch({"metadata": {"labels": {"app": "shop", "mine": "y"}}, "spec": {}}, operations)
    assert raw == {
        "metadata": {"labels": {"app": "shop", "mine": "y", "team": "a"}, "annotations": {"note": "x"}},
        "spec": {"revisionHistoryLimit": 3},
    }
    assert manifest_operations(a_deployment(), {"spec": {}}) == []


def test_names() -> None:
    assert escape("a/b~c") == "a~1b~0c"
    assert Phase.STEPPING in Phase
