from __future__ import annotations

from typing import Any

import pytest

from cictl.core.manifest_configs import HashedConfig
from cictl.core.release_diff import ReleaseContent, diff_objects, diff_releases

Manifest = dict[str, Any]
OLD_IMAGE, NEW_IMAGE = f"shop/checkout@sha256:{'a' * 64}", f"shop/checkout@sha256:{'b' * 64}"


def a_deployment(config: str = "config-1", memory: str = "64Mi", env: Manifest | None = None) -> Manifest:
    container = {
        "name": "app",
        "resources": {"limits": {"memory": memory}},
        "env": [{"name": name, "value": value} for name, value in (env or {}).items()],
    }
    pods = {"containers": [container], "volumes": [{"name": "v", "configMap": {"name": config}}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "app"},
        "spec": {"template": {"spec": pods}},
    }


def a_config(name: str, **data: str) -> HashedConfig:
    return HashedConfig("config", name, data, {})


def an_object(kind: str, name: str = "a", **rest: object) -> Manifest:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, **rest}


def content(*objects: Manifest, image: str = OLD_IMAGE, config: HashedConfig | None = None) -> ReleaseContent:
    if config is None:
        return ReleaseContent(image, objects)
    made = an_object("ConfigMap", config.name, data=dict(config.data))
    return ReleaseContent(image, (*objects, made), (config,))


MEMORY = "Deployment/app spec.template.spec.containers[app].resources.limits.memory: 64Mi → 128Mi"
FEE = "ConfigMap/config FEE: 1 → 2"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(content(a_deployment()), content(a_deployment()), (), id="nothing"),
        pytest.param(
            content(),
            content(image=NEW_IMAGE),
            ("image: shop/checkout@sha256:aaaaaaaaaaaa → shop/checkout@sha256:bbbbbbbbbbbb",),
            id="image",
        ),
        pytest.param(content(a_deployment()), content(a_deployment(memory="128Mi")), (MEMORY,), id="path"),
        pytest.param(
            content(a_deployment("config-1"), config=a_config("config-1", FEE="1", SAME="x")),
            content(a_deployment("config-2"), config=a_config("config-2", FEE="2", SAME="x")),
            (FEE,),
            id="configuration-without-its-hashed-name",
        ),
        pytest.param(
            content(config=a_config("c", A="1")),
            content(config=a_config("d")),
            ("ConfigMap/config A: 1 → (none)",),
            id="key-gone",
        ),
        pytest.param(
            content(),
            content(config=a_config("c", B="1", A="1")),
            ("+ ConfigMap/config: A, B",),
            id="new-configuration",
        ),
        pytest.param(content(config=a_config("c")), content(), ("- ConfigMap/config",), id="configuration-gone"),
        pytest.param(
            content(an_object("Service")), content(an_object("Ingress")), ("+ Ingress/a", "- Service/a"), id="objects"
        ),
        pytest.param(
            content(an_object("Secret", data={"k": "old"})),
            content(an_object("Secret", data={"k": "new"})),
            ("Secret/a data: (hidden) → (hidden)",),
            id="secret",
        ),
        pytest.param(
            content(an_object("ConfigMap", data={"k": "old"})),
            content(an_object("ConfigMap", data={"k": "new"})),
            ("ConfigMap/a data k: old → new",),
            id="config-that-no-pod-references",
        ),
        pytest.param(
            content(an_object("Role", rules=[{"verbs": ["get"]}])),
            content(an_object("Role", rules=[{"verbs": ["get", "list"]}])),
            ("Role/a rules[0].verbs[1]: (none) → list",),
            id="list-without-names",
        ),
        pytest.param(
            content(an_object("Service", spec={"internal": False})),
            content(an_object("Service", spec={"internal": True})),
            ("Service/a spec.internal: false → true",),
            id="truth",
        ),
    ],
)
def test_diff_releases(old: ReleaseContent, new: ReleaseContent, expected: tuple[str, ...]) -> None:
    assert diff_releases(old, new) == expected


def test_first_release_names_what_it_brings() -> None:
    lines = diff_releases(None, content(a_deployment(), an_object("Service")))
    assert lines == ("image: (none) → shop/checkout@sha256:aaaaaaaaaaaa", "+ Service/a", "+ Deployment/app")


def test_files_are_compared_by_line() -> None:
    old, new = "fee: 1\npassword: a\nsame: 1\n", "fee: 2\npassword: b\nsame: 1\n"
    lines = diff_releases(content(config=a_config("c", app=old)), content(config=a_config("d", app=new)))
    assert lines == ("ConfigMap/config app:", "  - fee: 1", "  - (hidden)", "  + fee: 2", "  + (hidden)")


def test_long_files_are_cut() -> None:
    old, new = ("\n".join(f"{word}{i}" for i in range(30)) for word in ("a", "b"))
    lines = diff_releases(content(config=a_config("c", app=old)), content(config=a_config("d", app=new)))
    assert len(lines) == 22
    assert lines[-1] == "  … 40 more lines differ"


def test_binary_files_are_told_by_their_length() -> None:
    old, new = (HashedConfig("config", "c", {}, {"logo": text}) for text in ("AAAA", "BBBBBBBB"))
    (line,) = diff_releases(content(config=old), content(config=new))
    assert line.startswith("ConfigMap/config logo: 4 characters of base64")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2"),
        ("API_KEY", "hunter2"),
        ("GITHUB_TOKEN", "hunter2"),
        ("DATABASE_URL", "postgres://app:hunter2@db/shop"),
        ("OPTIONS", "--verbose --password=hunter2"),
    ],
)
def test_what_looks_secret_is_hidden(name: str, value: str) -> None:
    old, new = content(a_deployment(env={name: "x"})), content(a_deployment(env={name: value}))
    (line,) = diff_releases(old, new)
    assert line.startswith(f"Deployment/app spec.template.spec.containers[app].env[{name}].value: ")
    assert line.endswith("→ (hidden)")
    config = diff_releases(content(config=a_config("c", **{name: "x"})), content(config=a_config("d", **{name: value})))
    assert not any("hunter2" in line for line in config)


def test_names_of_secrets_are_no_secrets() -> None:
    old, new = (an_object("Pod", spec={"volumes": [{"name": "v", "secret": {"secretName": name}}]}) for name in "ab")
    assert diff_objects(old, new) == ("spec.volumes[v].secret.secretName: a → b",)


def test_what_the_server_adds_is_no_difference() -> None:
    live = an_object("Service", status={"loadBalancer": {}}, spec={"a": 1, "b": {}})
    live["metadata"] |= {"uid": "1", "resourceVersion": "2", "managedFields": [{}], "generation": 3}
    assert diff_objects(live, an_object("Service", spec={"a": 1})) == ()
