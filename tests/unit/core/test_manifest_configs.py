from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.manifest_configs import external_configs, name_configs_by_content, referenced_configs

Manifest = dict[str, Any]
POD_SPEC: Manifest = {
    "volumes": [
        {"name": "a", "configMap": {"name": "by-volume", "items": [{"key": "k", "path": "p"}]}},
        {"name": "b", "projected": {"sources": [{"secret": {"name": "s"}}, {"configMap": {"name": "by-projection"}}]}},
        {"name": "c", "emptyDir": {}},
    ],
    "initContainers": [{"name": "i", "envFrom": [{"configMapRef": {"name": "by-init"}}]}],
    "containers": [
        {
            "name": "app",
            "envFrom": [{"prefix": "X_", "configMapRef": {"name": "by-environment"}}, {"secretRef": {"name": "s"}}],
            "env": [
                {"name": "PLAIN", "value": "by-nothing"},
                {"name": "KEY", "valueFrom": {"configMapKeyRef": {"name": "by-key", "key": "k"}}},
            ],
        }
    ],
}
NAMES = ("by-volume", "by-projection", "by-init", "by-environment", "by-key")


def a_config(name: str, data: Manifest | None = None, **rest: object) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data or {"k": "v"}, **rest}


def a_deployment(spec: Manifest) -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "app"},
        "spec": {"template": {"spec": spec}},
    }


def test_every_known_field_is_followed() -> None:
    assert referenced_configs([a_deployment(POD_SPEC)]) == set(NAMES)


def test_referenced_configs_are_renamed_with_their_references() -> None:
    objects = [a_deployment(POD_SPEC), *map(a_config, (*NAMES, "by-nothing"))]
    renamed, hashed = name_configs_by_content(objects)
    assert {each.original for each in hashed} == set(NAMES)
    assert referenced_configs(renamed) == {each.name for each in hashed}
    assert all(re.fullmatch(rf"{each.original}-[0-9a-f]{{10}}", each.name) for each in hashed)
    frozen = {each["metadata"]["name"]: each.get("immutable") for each in renamed[1:]}
    assert frozen == {**{each.name: True for each in hashed}, "by-nothing": None}


def test_the_rest_of_a_reference_stays() -> None:
    (deployment, _), (hashed,) = name_configs_by_content([a_deployment(POD_SPEC), a_config("by-volume")])
    volumes = deployment["spec"]["template"]["spec"]["volumes"]
    assert volumes[0] == {"name": "a", "configMap": {"name": hashed.name, "items": [{"key": "k", "path": "p"}]}}
    assert volumes[1:] == POD_SPEC["volumes"][1:]


def test_manifests_are_left_alone() -> None:
    before = a_deployment(POD_SPEC)
    name_configs_by_content([before, a_config("by-volume")])
    assert before == a_deployment(POD_SPEC)


def test_a_cron_job_follows_too() -> None:
    pod = {"spec": {"containers": [], "volumes": [{"name": "v", "configMap": {"name": "c"}}]}}
    cron = {"kind": "CronJob", "metadata": {"name": "j"}, "spec": {"jobTemplate": {"spec": {"template": pod}}}}
    (changed, _), (hashed,) = name_configs_by_content([cron, a_config("c")])
    assert changed["spec"]["jobTemplate"]["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"] == hashed.name


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(a_config("by-volume", {"k": "w"}), id="value"),
        pytest.param(a_config("by-volume", {"l": "v"}), id="key"),
        pytest.param(a_config("by-volume", binaryData={"b": "AA=="}), id="binary"),
    ],
)
def test_another_content_has_another_name(other: Manifest) -> None:
    def name(config: Manifest) -> str:
        return name_configs_by_content([a_deployment(POD_SPEC), config])[1][0].name

    assert name(a_config("by-volume")) != name(other)
    assert name(a_config("by-volume")) == name({**a_config("by-volume"), "immutable": True})


@given(st.from_regex(r"[a-z][a-z0-9.-]{0,251}[a-z0-9]", fullmatch=True))
def test_names_stay_legal(name: str) -> None:
    pod = {"containers": [], "volumes": [{"name": "v", "configMap": {"name": name}}]}
    _, (hashed,) = name_configs_by_content([a_deployment(pod), a_config(name)])
    assert len(hashed.name) <= 253
    assert re.fullmatch(r"[a-z]([a-z0-9.-]*[a-z0-9])?-[0-9a-f]{10}", hashed.name)


def test_long_names_with_one_beginning_stay_apart() -> None:
    names = [f"{'a' * 250}{end}" for end in "xy"]
    pod = {"containers": [], "volumes": [{"name": n[-1], "configMap": {"name": n}} for n in names]}
    _, hashed = name_configs_by_content([a_deployment(pod), *map(a_config, names)])
    assert len({each.name for each in hashed}) == 2


def test_external_configs() -> None:
    objects = [a_deployment(POD_SPEC), a_config("by-volume"), a_config("by-key")]
    assert external_configs(objects) == ("by-environment", "by-init", "by-projection")
