from __future__ import annotations

from typing import Any

import pytest

from cictl.core.objects import (
    ObjectKey,
    containers_of,
    key_of,
    mapping_at,
    mappings_at,
    number_at,
    pod_template,
    text_at,
    value_at,
    with_value,
    without_key,
)

DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "checkout"},
    "spec": {
        "replicas": 3,
        "template": {"spec": {"containers": [{"name": "app"}], "initContainers": [{"name": "init"}]}},
    },
}


@pytest.mark.parametrize(
    ("manifest", "key"),
    [
        (DEPLOYMENT, ObjectKey("apps", "Deployment", "checkout")),
        ({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}, ObjectKey("", "Service", "a")),
        ({}, ObjectKey("", "", "")),
        (None, ObjectKey("", "", "")),
    ],
)
def test_key_of(manifest: object, key: ObjectKey) -> None:
    assert key_of(manifest) == key


def test_key_reads_as_kubectl_names_it() -> None:
    assert str(key_of(DEPLOYMENT)) == "Deployment/checkout"


def test_values_at_paths() -> None:
    assert value_at(DEPLOYMENT, "spec", "replicas") == 3
    assert number_at(DEPLOYMENT, "spec", "replicas") == 3
    assert number_at(DEPLOYMENT, "kind") == 0
    assert text_at(DEPLOYMENT, "spec", "replicas") == ""
    assert mapping_at(DEPLOYMENT, "kind") == {}
    assert mappings_at(DEPLOYMENT, "kind") == ()
    assert mappings_at({"a": [1, {"b": 2}]}, "a") == ({"b": 2},)
    assert value_at(DEPLOYMENT, "kind", "beyond") is None


def test_containers_that_initialise_come_first() -> None:
    assert [each["name"] for each in containers_of(pod_template(DEPLOYMENT))] == ["init", "app"]


def test_pod_template_of_a_cron_job_lies_deeper() -> None:
    cron = {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": {}}}}}}
    assert pod_template(cron) == {"spec": {}}
    assert pod_template({"kind": "Service", "spec": {"template": {"spec": {}}}}) == {}


def test_with_value_leaves_the_original_alone() -> None:
    changed = with_value(DEPLOYMENT, ("metadata", "labels", "a"), "b")
    assert changed["metadata"] == {"name": "checkout", "labels": {"a": "b"}}
    assert DEPLOYMENT["metadata"] == {"name": "checkout"}


def test_without_key() -> None:
    assert "replicas" not in without_key(DEPLOYMENT, ("spec", "replicas"))["spec"]
    assert without_key(DEPLOYMENT, ("spec", "absent")) is DEPLOYMENT
    assert without_key({"a": 1, "b": 2}, ("a",)) == {"b": 2}
