"""What the shared library is to know of cictl.yaml, before and while a build has it; None is left to the pipelines."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from cictl.config.credentials import CredentialKind

if TYPE_CHECKING:
    from cictl.config.models import PlatformFile


def library_facts(model: PlatformFile) -> dict[str, object]:
    """Return the library's `platform.json` for MODEL."""
    jenkins = model.jenkins
    platform = jenkins.platform if jenkins else None
    first = next((name for name, entry in model.environments.items() if entry.after is None), None)
    return {
        "version": version("cictl"),
        "repo": platform.repo if platform else None,
        "branch": platform.branch if platform else None,
        "credentials": platform.credentials if platform else None,
        "agentLabel": jenkins.agent_label if jenkins else "",
        "environment": first,
        "scan": "scan" in model.model_fields_set,
        "registryUrl": model.registry.url if model.registry else None,
        "registry": _credential(model, CredentialKind.USERNAME_PASSWORD, "ci"),
        "kubeconfig": _credential(model, CredentialKind.FILE, "deploy"),
    }


def _credential(model: PlatformFile, kind: CredentialKind, folder: str) -> str | None:
    entries = model.jenkins.credentials if model.jenkins else ()
    return next((entry.id for entry in entries if (entry.kind, entry.folder) == (kind, folder)), None)
