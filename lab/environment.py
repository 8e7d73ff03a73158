"""What a shell or a test needs to know to use the lab."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from lab import layout as places
from lab.layout import Layout


def native(layout: Layout, path: str) -> dict[str, str]:
    """Return the variables of the native lab; its programs come first on PATH."""
    return {
        "KUBECONFIG": str(layout.kubeconfig),
        "DOCKER_HOST": f"unix://{layout.docker_socket}",
        "DOCKER_BUILDKIT": "1",
        "CICTL_LAB_PROVIDER": "native",
        "CICTL_LAB_CONTEXT": places.CONTEXT,
        "CICTL_LAB_REGISTRY": places.REGISTRY,
        "CICTL_LAB_PROMETHEUS": places.PROMETHEUS,
        "PATH": first_on_path(str(layout.bin), path),
    }


def first_on_path(directory: str, path: str) -> str:
    """Return PATH with a directory in front, once.

    >>> first_on_path("/lab", "/bin:/lab")
    '/lab:/bin'
    """
    return ":".join([directory, *(entry for entry in path.split(":") if entry and entry != directory)])


def as_exports(variables: Mapping[str, str]) -> str:
    """Return shell commands for ``eval "$(python -m lab env)"``."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
