"""What the native lab needs of a machine, and which of it is missing. It changes nothing."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from lab.errors import RequirementError
from lab.images import ARCHITECTURES

TOOLS = ("apt-get", "unshare", "nsenter", "mount")
CAPABILITIES = {"CAP_NET_ADMIN": 12, "CAP_SYS_CHROOT": 18, "CAP_SYS_ADMIN": 21}
OTHER_WAY = """\
use a cluster that you have, for example one of kind or k3d:
  kind create cluster --name lab          (or: k3d cluster create lab)
  python -m lab up --provider existing --context kind-lab \\
    --registry localhost:5001 --prometheus http://localhost:9090"""


@dataclass(frozen=True)
class Facts:
    """What is known of a machine."""

    system: str
    architecture: str
    user: int
    capabilities: int
    tools: frozenset[str]
    has_cgroups: bool
    has_pip: bool


def gather() -> Facts:
    """Look at this machine."""
    return Facts(
        system=platform.system(),
        architecture=platform.machine(),
        user=os.geteuid(),
        capabilities=_capabilities(),
        tools=frozenset(tool for tool in TOOLS if shutil.which(tool)),
        has_cgroups=_has_cgroups(),
        has_pip=importlib.util.find_spec("pip") is not None,
    )


def missing(facts: Facts) -> list[str]:
    """Return what the machine lacks, in words."""
    if facts.system != "Linux":
        return [f"Linux is required, this is {facts.system}"]
    lacks = []
    if facts.architecture not in ARCHITECTURES:
        lacks.append(f"the architecture must be {' or '.join(ARCHITECTURES)}, this is {facts.architecture}")
    if facts.user != 0:
        lacks.append("root is required")
    if denied := [name for name, bit in CAPABILITIES.items() if not facts.capabilities >> bit & 1]:
        lacks.append(f"root may not do everything here: {', '.join(denied)} is missing")
    if absent := [tool for tool in TOOLS if tool not in facts.tools]:
        lacks.append(f"Debian or Ubuntu is required: {', '.join(absent)} is missing")
    if not facts.has_cgroups:
        lacks.append("control groups are not mounted at /sys/fs/cgroup, or may not be changed")
    if not facts.has_pip:
        lacks.append("this Python lacks pip (apt-get install python3-pip)")
    return lacks


def check(facts: Facts) -> None:
    """Refuse a machine that lacks something."""
    if lacks := missing(facts):
        raise RequirementError(f"the native lab cannot run here: {'; '.join(lacks)}", hint=OTHER_WAY)


def _capabilities() -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)


def _has_cgroups() -> bool:
    top = Path("/sys/fs/cgroup")
    return any((place / "cgroup.procs").exists() for place in (top, top / "memory")) and os.access(top, os.W_OK)
