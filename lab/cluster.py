"""What a part is given as soon as it is ready: images, and Prometheus' right to look around."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lab import images
from lab.layout import Layout
from lab.probing import node_is_ready, wait
from lab.shell import run, succeeds

NODE_SECONDS = 60.0


def furnish(layout: Layout, part: str) -> None:
    """Give a part that has just become ready what it needs to be of use."""
    if part == "containerd":
        _import_pause(layout)
    elif part == "dockerd":
        _load_python(layout)
    elif part == "apiserver":
        apply(layout, viewer("lab-prometheus"), viewer("lab-dns"))


def wait_for_node(layout: Layout) -> None:
    """Return when pods can be scheduled."""
    wait(
        lambda: node_is_ready(layout), "the node", timeout_seconds=NODE_SECONDS, hint="run 'python -m lab logs kubelet'"
    )


def viewer(user: str) -> dict[str, Any]:
    """Return the binding that lets a user read everything but secrets."""
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{group}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": user},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
    }


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
    docker: list[str | Path] = [layout.bin / "docker", "--host", f"unix://{layout.docker_socket}"]
    if not succeeds([*docker, "image", "inspect", images.PYTHON]):
        run([*docker, "load", "--input", images.python_archive(layout)])
