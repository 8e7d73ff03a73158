"""Rollouts of what others made: by kubectl, by Helm, by a GitOps controller, or as a folder of plain manifests."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import ClientsOf
from tests.e2e.support.cluster import Namespace
from tests.e2e.support.images import Images
from tests.e2e.support.manifests import deployment, service
from tests.e2e.support.program import Done
from tests.e2e.support.project import CHART, VALUES, Project

OWN = {"minReadySeconds": 1, "progressDeadlineSeconds": 300}


def start(project: Project, namespace: Namespace, image: str, *options: str, name: str = "web") -> Done:
    place = ("--namespace", namespace.name, "--context", "lab")
    return project.program.run("rollout", "start", f"deployment/{name}", *place, "--image", image, *options)


@pytest.mark.parametrize("server_side", [pytest.param(True, id="server-side"), pytest.param(False, id="client-side")])
def test_made_by_kubectl(
    server_side: bool, project: Project, namespace: Namespace, images: Images, clients_of: ClientsOf
) -> None:
    namespace.apply(deployment("web", images["v1"], own=OWN), service("web"), server_side=server_side)
    namespace.await_available("web")
    own, managers, clients = namespace.held("web"), namespace.managers("deployment", "web"), clients_of("web")

    done = start(project, namespace, images["v2"], "--strategy", "blind", "-o", "json").expect(0)
    assert done.json["phase"] == "succeeded"
    assert_as_found(namespace, own, managers, images["v2"])

    failed = start(project, namespace, images["crashing"], "--strategy", "blind").expect(9)
    assert "checkout: fault_crash_at_start" in failed.out
    assert_as_found(namespace, own, managers, images["v2"])

    namespace.apply(deployment("web", images["v3"], own=OWN, replicas=3), server_side=server_side)
    namespace.await_available("web")
    clients.finish()
    clients.assert_no_request_lost()
    assert namespace.image("web") == images["v3"]
    assert namespace.held("web") == own
    history = project.program.json("rollout", "history", "deployment/web", "-n", namespace.name, "--context", "lab")
    assert [each["outcome"] for each in history["items"]] == ["rolled-back", "succeeded"]


def test_made_by_helm(project: Project, namespace: Namespace, images: Images, tmp_path: Path) -> None:
    def helm(verb: str, version: str) -> None:
        repository, _, digest = images[version].partition("@")
        values = tmp_path / "values.yaml"
        values.write_text(yaml.safe_dump({**VALUES, "image": {"repository": repository, "digest": digest}}))
        command = ["helm", verb, "checkout", str(CHART), "--namespace", namespace.name, "--values", str(values)]
        done = subprocess.run(
            [*command, "--wait"], env=namespace.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    helm("install", "v1")
    own, managers = namespace.held(), namespace.managers("deployment", "checkout")
    start(project, namespace, images["v2"], "--strategy", "blind", name="checkout").expect(0)
    assert_as_found(namespace, own, managers, images["v2"], name="checkout")
    helm("upgrade", "v3")
    assert namespace.image() == images["v3"]
    assert namespace.held() == own


@pytest.mark.parametrize(
    ("owner", "metadata", "hint"),
    [
        pytest.param(
            "Argo CD", {"labels": {"argocd.argoproj.io/instance": "shop"}}, "ignoreDifferences", id="argo-cd-label"
        ),
        pytest.param(
            "Argo CD",
            {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:web"}},
            "RespectIgnoreDifferences",
            id="argo-cd-annotation",
        ),
        pytest.param(
            "Flux",
            {"labels": {"kustomize.toolkit.fluxcd.io/name": "shop"}},
            "kustomize.toolkit.fluxcd.io/ssa",
            id="flux",
        ),
    ],
)
def test_under_a_gitops_controller(
    owner: str, metadata: dict[str, Any], hint: str, project: Project, namespace: Namespace, images: Images
) -> None:
    body = deployment("web", images["v1"], replicas=1)
    body["metadata"] |= metadata
    namespace.apply(body)
    namespace.await_available("web")
    before = namespace.written()
    refused = start(project, namespace, images["v2"], "--strategy", "blind").expect(6)
    assert owner in refused.err
    assert hint in refused.err
    for field in ("spec.template", "spec.minReadySeconds", "spec.progressDeadlineSeconds", "spec.strategy"):
        assert field in refused.err
    start(project, namespace, images["v2"], "--strategy", "blind", "--allow-gitops", "--dry-run").expect(0)
    assert namespace.written() == before


@pytest.mark.usefixtures("prometheus_stays")
def test_a_folder_of_manifests(project: Project, namespace: Namespace, images: Images, clients_of: ClientsOf) -> None:
    project.service = {"name": "checkout", "manifests": "deploy"}
    project.write()
    folder = project.directory / "checkout" / "deploy"
    folder.mkdir()
    body = deployment("checkout", "checkout:set-by-cictl")
    body["spec"]["template"]["spec"]["containers"][0]["name"] = "checkout"
    (folder / "checkout.yaml").write_text(yaml.safe_dump_all([body, service("checkout")]))
    project.install(images["v1"])
    own, clients = namespace.held(), clients_of()
    project.roll_out(images["v2"]).expect(0)
    clients.finish()
    clients.assert_no_request_lost()
    assert namespace.image() == images["v2"]
    assert namespace.held() == own


def assert_as_found(
    namespace: Namespace, own: dict[str, Any], managers: set[str], image: str, *, name: str = "web"
) -> None:
    """Its own values are back, and nobody new has an entry that the owner's apply could conflict with."""
    assert namespace.image(name) == image
    assert namespace.held(name) == own
    assert "cictl" not in namespace.managers("deployment", name)
    assert namespace.managers("deployment", name) >= managers - {"cictl"}
