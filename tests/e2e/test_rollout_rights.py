"""Rollouts by an account with exactly the Role of docs/reference/permissions.md, and with less."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.support.cluster import Namespace
from tests.e2e.support.images import Images
from tests.e2e.support.program import PATIENCE_SECONDS
from tests.e2e.support.project import Project
from tests.running import eventually

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "permissions.md"
ACCOUNT = "cictl-e2e"


def documented_role() -> dict[str, Any]:
    block = PAGE.read_text().split("```yaml\n", 1)[1].split("```", 1)[0]
    role: dict[str, Any] = yaml.safe_load(block)
    return role


@pytest.fixture
def limited(project: Project, namespace: Namespace, images: Images, tmp_path: Path) -> Project:
    """Install a first release, then let cictl be the limited account."""
    namespace.apply(documented_role())
    namespace.kubectl("create", "serviceaccount", ACCOUNT)
    binding = ("--role", "cictl", "--serviceaccount", f"{namespace.name}:{ACCOUNT}")
    namespace.kubectl("create", "rolebinding", ACCOUNT, *binding)
    await_right(namespace, "poddisruptionbudgets", "delete", "yes")
    token = namespace.kubectl("create", "token", ACCOUNT).strip()
    config = yaml.safe_load(namespace.kubectl("config", "view", "--raw", "--flatten"))
    config["users"] = [{"name": each["name"], "user": {"token": token}} for each in config["users"]]
    path = tmp_path / "limited.kubeconfig"
    path.write_text(yaml.safe_dump(config))
    project.program.environment["KUBECONFIG"] = str(path)
    project.change_values(replicas=2)
    project.install(images["v1"])
    return project


def test_the_documented_role_is_enough(limited: Project, namespace: Namespace, images: Images) -> None:
    assert may(namespace, "secrets", "get") == "no"
    limited.change_strategy("blind", steps=[{"weight": 25, "pause": "1s"}])
    limited.greet("welcome")
    assert limited.roll_out(images["v2"], "--strategy", "blind", "-o", "json").expect(0).json["phase"] == "succeeded"

    running = limited.begin(images["v3"], "--strategy", "endless")
    namespace.await_phase("stepping")
    assert limited.status()["phase"] == "stepping"
    limited.rollout("abort").expect(0)
    running.wait().expect(6)
    assert namespace.image() == images["v2"]

    crashed = limited.roll_out(images["crashing"], "--strategy", "blind", "-o", "json").expect(9).json
    assert "fault_crash_at_start" in "\n".join(crashed["log"])

    limited.rollout("undo").expect(0)
    assert namespace.image() == images["v1"]
    assert [each["outcome"] for each in limited.history()] == [
        "succeeded",
        "rolled-back",
        "rolled-back",
        "succeeded",
        "succeeded",
    ]


def test_each_missing_right_is_named_before_anything_changes(
    limited: Project, namespace: Namespace, images: Images
) -> None:
    before = namespace.written()
    for resource, verb, named in (
        ("deployments", "patch", "patch Deployment"),
        ("replicasets", "patch", "patch ReplicaSet"),
        ("configmaps", "create", "create ConfigMap"),
        ("leases", "update", "update Lease"),
        ("poddisruptionbudgets", "delete", "delete PodDisruptionBudget"),
    ):
        with without(namespace, resource, verb):
            done = limited.roll_out(images["v2"]).expect(5)
        assert f"you may not {named} in namespace {namespace.name}" in done.err
        assert "docs/reference/permissions.md" in done.err
    assert namespace.written() == before


@contextmanager
def without(namespace: Namespace, resource: str, verb: str) -> Iterator[None]:
    """Take one right away for a while, and wait until that has got about."""
    role = documented_role()
    less = copy.deepcopy(role)
    for rule in less["rules"]:
        if resource in rule["resources"]:
            rule["verbs"].remove(verb)
    namespace.apply(less)
    await_right(namespace, resource, verb, "no")
    yield
    namespace.apply(role)
    await_right(namespace, resource, verb, "yes")


def await_right(namespace: Namespace, resource: str, verb: str, answer: str) -> None:
    """Wait until whoever decides has heard of it."""
    what = f"the account may {verb} {resource}: {answer}"
    eventually(lambda: may(namespace, resource, verb) == answer, seconds=PATIENCE_SECONDS, what=what)


def may(namespace: Namespace, resource: str, verb: str) -> str:
    """Return "yes" or "no"."""
    account = f"--as=system:serviceaccount:{namespace.name}:{ACCOUNT}"
    return namespace.try_kubectl("auth", "can-i", verb, resource, account).stdout.strip()
