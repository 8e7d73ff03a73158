"""What a part is given as soon as it is ready: images, and Prometheus' right to look around."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from lab import images
from lab.errors import LabError
from lab.layout import REGISTRY, Layout
from lab.probing import node_is_ready, wait
from lab.shell import run

NODE_SECONDS = 60.0
DISCOVERY = "lab-discovery"
READ = ["get", "list", "watch"]
READABLE = [
    {"apiGroups": [""], "resources": ["pods", "services", "endpoints", "namespaces", "nodes"], "verbs": READ},
    {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": READ},
]
SEED = f"{REGISTRY}/cictl-lab/python:3"


def furnish(layout: Layout, part: str) -> None:
    """Give a part that has just become ready what it needs to be of use."""
    if part == "containerd":
        _import_pause(layout)
    elif part == "dockerd":
        _load_python(layout)
    elif part == "apiserver":
        apply(layout, *discovery("lab-prometheus", "lab-dns"))


def settle(layout: Layout) -> None:
    """Finish a lab that has just been launched: no containers of an earlier one, and a first image in the registry."""
    docker(layout, "container", "prune", "--force")
    if not _seed(layout).exists():
        docker(layout, "tag", images.PYTHON, SEED)
        docker(layout, "push", "--quiet", SEED)
        part = _seed(layout).with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(layout.registry, part)
        part.rename(_seed(layout))


def seed_registry(layout: Layout) -> None:
    """Give a new registry the base image's layers: pushing what is built on them then takes no time."""
    if _seed(layout).exists():
        shutil.copytree(_seed(layout), layout.registry)


def docker(layout: Layout, *arguments: str | Path) -> str:
    """Run a command of the lab's Docker engine."""
    return run([layout.bin / "docker", "--host", f"unix://{layout.docker_socket}", *arguments])


def wait_for_node(layout: Layout) -> None:
    """Return when pods can be scheduled."""
    wait(
        lambda: node_is_ready(layout), "the node", timeout_seconds=NODE_SECONDS, hint="run 'python -m lab logs kubelet'"
    )


def discovery(*users: str) -> list[dict[str, Any]]:
    """Return the right to find pods and Services, for users.

    Not the built-in role ``view``: that one is empty until the controller manager has put it together, and whoever
    was refused by then asks again only after seconds.
    """
    group = "rbac.authorization.k8s.io"
    role = {"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": {"name": DISCOVERY}, "rules": READABLE}
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": DISCOVERY},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": DISCOVERY},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user} for user in users],
    }
    return [role, binding]


def apply(layout: Layout, *objects: dict[str, Any]) -> None:
    """Apply objects to the lab's cluster."""
    bundle = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    kubectl: list[str | Path] = [layout.bin / "kubectl", "--kubeconfig", layout.kubeconfig]
    run([*kubectl, "apply", "--server-side", "--filename=-"], stdin=json.dumps(bundle))


def _import_pause(layout: Layout) -> None:
    ctr: list[str | Path] = ["ctr", "--address", layout.containerd_socket, "--namespace", "k8s.io", "images"]
    if images.PAUSE not in run([*ctr, "list", "--quiet"]).split():
        run([*ctr, "import", images.pause_archive(layout)])


def _load_python(layout: Layout) -> None:
    label = f'{{{{index .Config.Labels "{images.RECIPE_LABEL}"}}}}'
    try:
        there = docker(layout, "image", "inspect", "--format", label, images.PYTHON).strip()
    except LabError:
        there = ""
    if there != images.recipe():
        docker(layout, "load", "--input", images.python_archive(layout))


def _seed(layout: Layout) -> Path:
    return layout.images / f"registry-{images.recipe()}"
