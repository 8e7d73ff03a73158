from __future__ import annotations

from typing import Any

import pytest

from cictl.core.manifests import (
    first_difference,
    flatten_lists,
    image_of,
    in_namespace,
    service_container,
    set_image,
    split_objects,
    unpinned_images,
    without_scaled_replicas,
)
from cictl.core.objects import key_of

Manifest = dict[str, Any]


def an_object(kind: str, name: str = "checkout", api: str = "v1", **rest: object) -> Manifest:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, **rest}


def a_deployment(*containers: str, replicas: int = 3) -> Manifest:
    pods = {"containers": [{"name": name, "image": f"{name}:1"} for name in containers]}
    return an_object("Deployment", api="apps/v1", spec={"replicas": replicas, "template": {"spec": pods}})


def test_flatten_lists() -> None:
    service, config = an_object("Service"), an_object("ConfigMap")
    nested = an_object("List", items=[service, an_object("List", items=[config])])
    assert flatten_lists([None, nested, {}, "text"]) == (service, config, "text")
    assert flatten_lists([an_object("List", items=None)]) == ()


def test_in_namespace() -> None:
    (placed,) = in_namespace([an_object("Service")], "shop")
    assert placed["metadata"] == {"name": "checkout", "namespace": "shop"}


def test_split_objects_orders_what_others_need_first() -> None:
    deployment, config = a_deployment("app"), an_object("ConfigMap", "a-1")
    rest = [an_object("Ingress"), an_object("Service"), an_object("ServiceAccount"), an_object("ConfigMap", "b")]
    parts = split_objects([*rest, deployment, config], ["a-1"])
    assert (parts.deployment, parts.configs) == (deployment, (config,))
    assert [key_of(each).kind for each in parts.others] == ["ServiceAccount", "ConfigMap", "Service", "Ingress"]


@pytest.mark.parametrize(
    ("target", "left"),
    [
        pytest.param({"kind": "Deployment", "name": "checkout"}, None, id="this-one"),
        pytest.param({"kind": "Deployment", "name": "catalog"}, 3, id="another"),
        pytest.param({"kind": "StatefulSet", "name": "checkout"}, 3, id="another-kind"),
        pytest.param({"name": "checkout"}, None, id="no-kind"),
    ],
)
def test_without_scaled_replicas(target: Manifest, left: int | None) -> None:
    autoscaler = an_object("HorizontalPodAutoscaler", spec={"scaleTargetRef": target})
    deployment, _ = without_scaled_replicas([a_deployment("app"), autoscaler])
    assert deployment["spec"].get("replicas") == left


@pytest.mark.parametrize(
    ("containers", "expected"),
    [(["checkout", "proxy"], "checkout"), (["anything"], "anything"), (["a", "b"], None), ([], None)],
)
def test_service_container(containers: list[str], expected: str | None) -> None:
    assert service_container(a_deployment(*containers), "checkout") == expected


def test_set_image_changes_one_container() -> None:
    before = a_deployment("app", "proxy")
    after = set_image(before, "app", "shop/checkout@sha256:1")
    assert image_of(after, "app") == "shop/checkout@sha256:1"
    assert image_of(after, "proxy") == "proxy:1"
    assert image_of(before, "app") == "app:1"
    assert image_of(after, "absent") is None


def test_unpinned_images() -> None:
    pinned = set_image(a_deployment("app", "proxy"), "app", "a@sha256:1")
    assert unpinned_images([pinned, an_object("Service")]) == ("proxy:1",)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param([a_deployment("app")], None, id="same"),
        pytest.param([a_deployment("app", replicas=4)], "Deployment/checkout: spec.replicas", id="value"),
        pytest.param(
            [a_deployment("web")], "Deployment/checkout: spec.template.spec.containers.0.image", id="in-a-list"
        ),
        pytest.param(
            [a_deployment("app", "b")], "Deployment/checkout: spec.template.spec.containers.1", id="longer-list"
        ),
        pytest.param([a_deployment("app"), an_object("Secret", "a")], "Secret/a", id="one-more"),
        pytest.param([], "Deployment/checkout", id="one-less"),
        pytest.param([an_object("Secret", "a")], "Deployment/checkout", id="another"),
    ],
)
def test_first_difference(second: list[Manifest], expected: str | None) -> None:
    found = first_difference([a_deployment("app")], second)
    assert (str(found) if found else None) == expected


def test_difference_of_what_is_no_object() -> None:
    assert first_difference(["a"], ["a"]) is None
    assert first_difference(["a"], ["b"]) is not None
