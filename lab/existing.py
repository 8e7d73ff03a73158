"""The other provider: a cluster, registry and Prometheus that are there already, as the user names them.

It starts and changes nothing, and never takes the current context by itself.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from lab.errors import UsageError
from lab.layout import Layout


@dataclass(frozen=True)
class Existing:
    """What the user named."""

    context: str
    registry: str
    prometheus: str
    kubeconfig: str = ""


def name(context: str | None, registry: str | None, prometheus: str | None) -> Existing:
    """Return what the user named, all of it."""
    given = {"--context": context, "--registry": registry, "--prometheus": prometheus}
    if absent := [option for option, value in given.items() if not value]:
        message = f"--provider existing needs {', '.join(absent)}"
        raise UsageError(message, hint="name them all; the current context is never taken by itself")
    kubeconfig = os.environ.get("KUBECONFIG", "")
    known = contexts(kubeconfig)
    if context not in known:
        listed = ", ".join(known) or "none"
        raise UsageError(f"the kubeconfig has no context {context!r}", hint=f"it has: {listed}")
    return Existing(str(context), str(registry), str(prometheus), kubeconfig)


def contexts(kubeconfig: str) -> list[str]:
    """Return the contexts of the files that KUBECONFIG names, or of the default one."""
    files = [Path(entry) for entry in kubeconfig.split(":") if entry] or [Path.home() / ".kube" / "config"]
    contents = [yaml.safe_load(file.read_text()) or {} for file in files if file.exists()]
    return [entry["name"] for content in contents for entry in content.get("contexts") or []]


def remember(layout: Layout, existing: Existing) -> None:
    """Remember what the user named, until ``down``."""
    layout.cache.mkdir(parents=True, exist_ok=True)
    layout.provider.write_text(json.dumps(asdict(existing), indent=2) + "\n")


def remembered(layout: Layout) -> Existing | None:
    """Return what the user named, if ``up`` was told so."""
    if not layout.provider.exists():
        return None
    return Existing(**json.loads(layout.provider.read_text()))


def forget(layout: Layout) -> bool:
    """Forget it, and tell whether there was anything to forget."""
    there = layout.provider.exists()
    layout.provider.unlink(missing_ok=True)
    return there


def environment(existing: Existing) -> dict[str, str]:
    """Return the variables of the named cluster."""
    kubeconfig = {"KUBECONFIG": existing.kubeconfig} if existing.kubeconfig else {}
    return {
        **kubeconfig,
        "CICTL_LAB_PROVIDER": "existing",
        "CICTL_LAB_CONTEXT": existing.context,
        "CICTL_LAB_REGISTRY": existing.registry,
        "CICTL_LAB_PROMETHEUS": existing.prometheus,
    }
