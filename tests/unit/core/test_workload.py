from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.workload import (
    HASH_LABEL,
    REVISION_ANNOTATION,
    Condition,
    HeldFields,
    canonical_json,
    held_fields,
    is_owned_by,
    label_selector,
    last_writer,
    read_deployment,
    read_replica_set,
    template_key,
    without_hash,
)
from tests.unit.rollout_cases import a_deployment
from tests.unit.rollout_model import Model
from tests.unit.rollout_objects import Json, template_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, HeldFields(0, 600, "25%", "25%"), id="defaults"),
        pytest.param({"progressDeadlineSeconds": 0}, HeldFields(0, 0, "25%", "25%"), id="zero-is-not-missing"),
        pytest.param(
            {
                "minReadySeconds": 3,
                "progressDeadlineSeconds": 9,
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": "50%"}},
            },
            HeldFields(3, 9, 0, "50%"),
            id="all",
        ),
        pytest.param({"strategy": {"type": "Recreate"}}, HeldFields(0, 600, "25%", "25%", "Recreate"), id="recreate"),
        pytest.param({"strategy": None, "minReadySeconds": None}, HeldFields(0, 600, "25%", "25%"), id="nulls"),
    ],
)
def test_held_fields(spec: Json, expected: HeldFields) -> None:
    assert held_fields(spec) == expected


def test_a_deployment_is_read() -> None:
    model = Model(replicas=3, own=HeldFields(1, 60, 1, 0))
    model.now += 5
    model.settle()
    found = read_deployment(model.live)
    assert (found.name, found.namespace, found.uid, found.replicas) == ("shop", "prod", "uid-shop", 3)
    assert (found.total_pods, found.updated_pods, found.ready_pods, found.available_pods) == (3, 3, 3, 3)
    assert found.is_observed
    assert not found.paused
    assert found.conditions["Progressing"].reason == "NewReplicaSetAvailable"
    assert found.template_key == template_key(template_of("v1"))


def test_a_deployment_with_nothing_but_what_is_required() -> None:
    found = read_deployment({"metadata": {"name": "shop"}, "spec": {"template": {}}})
    assert (found.replicas, found.held.strategy_type, found.labels, found.conditions) == (1, "RollingUpdate", {}, {})
    assert read_deployment({"metadata": {"name": "shop"}, "spec": {"template": {}, "replicas": 0}}).replicas == 0


def test_when_a_condition_was_updated() -> None:
    entry = {"type": "Progressing", "status": "False", "lastUpdateTime": "2023-11-14T22:13:20Z"}
    raw = {"metadata": {"name": "s"}, "spec": {"template": {}}, "status": {"conditions": [entry, {"type": "Other"}]}}
    found = read_deployment(raw).conditions
    assert found == {"Progressing": Condition("False", "", "", 1_700_000_000.0), "Other": Condition("", "", "")}


def test_a_replica_set_is_read() -> None:
    model = Model(replicas=3, own=HeldFields(0, 60, 1, 0))
    found = read_replica_set(model.replica_sets[0])
    assert found.is_settled
    assert found.is_observed
    assert (found.wanted, found.pods, found.ready, found.available, found.revision) == (3, 3, 3, 3, 1)
    assert found.template_key == read_deployment(model.live).template_key, "less the hash it is the same"
    assert found.failure is None


@pytest.mark.parametrize(
    ("written", "revision"), [("7", 7), ("", 0), ("seven", 0), ("-1", 0), ("1" * 5000, 0), ("\N{SUPERSCRIPT TWO}", 0)]
)
def test_a_revision_that_anybody_may_have_written(written: str, revision: int) -> None:
    metadata = {"name": "s", "annotations": {REVISION_ANNOTATION: written}}
    assert read_replica_set({"metadata": metadata, "spec": {"template": {}}}).revision == revision


@pytest.mark.parametrize(("status", "expected"), [("True", "exceeded quota"), ("False", None)])
def test_why_a_replica_set_has_no_pods(status: str, expected: str | None) -> None:
    condition = {"type": "ReplicaFailure", "status": status, "message": "exceeded quota"}
    raw = {"metadata": {"name": "s"}, "spec": {"template": {}}, "status": {"conditions": [condition]}}
    assert read_replica_set(raw).failure == expected


def test_a_template_is_the_same_whatever_its_hash_and_order() -> None:
    template = {"spec": {"b": 1, "a": [2]}, "metadata": {"labels": {"x": "y"}}}
    hashed: Json = {
        "metadata": {"creationTimestamp": None, "labels": {HASH_LABEL: "abc", "x": "y"}},
        "spec": {"a": [2], "b": 1},
    }
    assert template_key(template) == template_key(hashed)
    assert without_hash(hashed) == template
    assert hashed["metadata"]["labels"] == {HASH_LABEL: "abc", "x": "y"}, "what was read is not changed"
    assert template_key({"spec": {}}) == template_key({"metadata": None, "spec": {}})


@given(st.dictionaries(st.text(), JSON, max_size=4), st.dictionaries(st.text(), JSON, max_size=4))
def test_templates_are_told_apart(one: Json, other: Json) -> None:
    assert (template_key({"spec": one}) == template_key({"spec": other})) == (
        canonical_json(one) == canonical_json(other)
    )


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        pytest.param([], False, id="nobody"),
        pytest.param([{"uid": "u", "controller": True}], True, id="controller"),
        pytest.param([{"uid": "u"}], False, id="not-the-controller"),
        pytest.param([{"uid": "v", "controller": True}, {"uid": "u", "controller": True}], True, id="one-of-two"),
    ],
)
def test_is_owned_by(owners: list[Json], expected: bool) -> None:
    assert is_owned_by({"metadata": {"ownerReferences": owners}}, "u") is expected


def test_nobody_is_known_to_have_written() -> None:
    assert last_writer(a_deployment(), other_than="cictl") == "somebody"


def test_a_selector_as_the_api_takes_it() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["a", "b"]},
        {"key": "old", "operator": "NotIn", "values": ["c"]},
        {"key": "on", "operator": "Exists"},
        {"key": "off", "operator": "DoesNotExist"},
    ]
    found = label_selector({"matchLabels": {"app": "shop"}, "matchExpressions": expressions})
    assert found == "app=shop,tier in (a,b),old notin (c),on,!off"
    assert label_selector({}) == ""
