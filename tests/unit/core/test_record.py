from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cictl.core.gate import Gate, RatioCheck, ValueCheck
from cictl.core.record import ObjectName, ReleaseRecord, content_of, from_document, to_document
from cictl.core.release import pack, unpack
from cictl.core.strategy import Capacity, OnInsufficient, OnUnknown, Step, Strategy
from cictl.core.workload import HeldFields
from tests.unit.rollout_cases import CANARY, CANARY_KEY, NEW_OWN, OWN, STABLE, STABLE_KEY, a_record

SECONDS = st.floats(0, 1e6)
TEXT = st.text(max_size=8)
JSON = st.dictionaries(TEXT, st.integers() | TEXT | st.lists(st.booleans(), max_size=2), max_size=3)
PART = st.integers(0, 9) | st.just("25%")
FIELDS = st.builds(HeldFields, st.integers(0, 99), st.integers(0, 99), PART, PART, st.sampled_from(["Recreate"]))
CHECKS = st.builds(RatioCheck, TEXT, TEXT, TEXT, st.floats(0, 1)) | st.builds(
    ValueCheck, TEXT, TEXT, SECONDS, st.integers(1, 9), st.booleans(), TEXT
)
GATES = st.builds(Gate, TEXT, st.lists(CHECKS, max_size=2).map(tuple), traffic=st.none() | TEXT)
STRATEGIES = st.builds(
    Strategy,
    TEXT,
    st.lists(st.builds(Step, st.integers(1, 99), SECONDS), max_size=3).map(tuple),
    st.sampled_from(Capacity),
    st.none() | TEXT,
    SECONDS,
    SECONDS,
    SECONDS,
    st.sampled_from(OnUnknown),
    st.sampled_from(OnInsufficient),
)
RECORDS = st.builds(
    ReleaseRecord,
    service=TEXT,
    namespace=TEXT,
    revision=st.integers(1, 999),
    deployment=TEXT,
    selector=TEXT,
    image=TEXT,
    created=SECONDS,
    template=JSON,
    stable_template=st.none() | JSON,
    own=FIELDS,
    new_own=FIELDS,
    strategy=STRATEGIES,
    gate=st.none() | GATES,
    deployment_object=st.none() | JSON,
    objects=st.lists(JSON, max_size=2).map(tuple),
    configs=st.lists(JSON, max_size=2).map(tuple),
    config_originals=st.dictionaries(TEXT, TEXT, max_size=2),
    created_objects=st.lists(st.builds(ObjectName, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    may_double=st.booleans(),
    replicas=st.none() | st.integers(0, 99),
    undo_of=st.none() | st.integers(1, 99),
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(RECORDS)
def test_a_record_survives_the_cluster(record: ReleaseRecord) -> None:
    assert from_document(json.loads(json.dumps(to_document(record)))) == record
    assert from_document(unpack(pack(to_document(record)))) == record


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"own": {"min": 1}}, id="unknown-field"),
        pytest.param({"strategy": {}}, id="no-strategy"),
        pytest.param({"surprise": 1}, id="unknown-key"),
        pytest.param({"created_objects": [{}]}, id="nameless-object"),
    ],
)
def test_what_is_no_record_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_document(json.loads(json.dumps({**to_document(a_record()), **change})))


def test_what_any_driver_reads_of_it() -> None:
    rollout = a_record(replicas=4, may_double=False, undo_of=2).rollout(9)
    assert (rollout.release, rollout.token, rollout.is_undo, rollout.replicas) == (7, 9, True, 4)
    assert (rollout.stable_key, rollout.canary_key) == (STABLE_KEY, CANARY_KEY)
    assert (rollout.own, rollout.new_own, rollout.may_double) == (OWN, NEW_OWN, False)
    assert a_record().templates() == {"canary": CANARY, "stable": STABLE}


def test_a_first_install_has_nothing_to_go_back_to() -> None:
    first = a_record(stable_template=None)
    assert first.rollout(1).is_first_install
    assert first.templates() == {"canary": CANARY}


def test_who_made_the_deployment() -> None:
    assert a_record().is_adopted
    assert not a_record(deployment_object={"kind": "Deployment"}).is_adopted


def test_how_the_commands_find_it_again() -> None:
    assert a_record().address == "deployment/shop -n prod"
    assert a_record(environment="production").address == "shop --env production"


def test_content_names_configurations_as_their_owner_does() -> None:
    config = {"kind": "ConfigMap", "metadata": {"name": "settings-1a2b"}, "data": {"a": "b"}}
    record = replace(a_record(), configs=(config,), config_originals={"settings-1a2b": "settings"})
    content = content_of(record)
    assert (content.image, content.objects) == (record.image, (config,))
    assert content.configs[0].original == "settings"
    assert content.configs[0].data == {"a": "b"}


@pytest.mark.parametrize("of_strategy", [None, "other"])
def test_a_gate_that_the_strategy_does_not_name_binds_all_the_same(of_strategy: str | None) -> None:
    strategy = Strategy("careful", (Step(50, 1.0),), gate=of_strategy)
    record = a_record(strategy=strategy, gate=Gate("asked-for", (), traffic="x"))
    assert record.rollout(1).strategy == replace(strategy, gate="asked-for")
