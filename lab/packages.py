"""Installs the Debian packages that the lab needs and this machine lacks, and starts none of their services."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lab import output
from lab.shell import run

NEEDED: Mapping[str, str] = {
    "busybox-static": "/bin/busybox",
    "conntrack": "/usr/sbin/conntrack",
    "containerd": "/usr/bin/containerd",
    "containernetworking-plugins": "/usr/lib/cni/bridge",
    "debootstrap": "/usr/sbin/debootstrap",
    "default-jdk-headless": "/usr/bin/javac",
    "docker-registry": "/usr/bin/docker-registry",
    "docker.io": "/usr/sbin/dockerd",
    "iproute2": "/sbin/ip",
    "iptables": "/usr/sbin/iptables",
    "maven": "/usr/bin/mvn",
    "openssl": "/usr/bin/openssl",
    "runc": "/usr/sbin/runc",
}
# Newer releases ship Docker's client and its builder apart from the engine; older ones do not know these packages.
CLIENT: Mapping[str, str] = {"docker-buildx": "/usr/bin/docker", "docker-cli": "/usr/bin/docker"}
REFUSE_SERVICES = "#!/bin/sh\nexit 101\n"
POLICY = Path("/usr/sbin/policy-rc.d")


def missing(needed: Mapping[str, str] = NEEDED) -> list[str]:
    """Return the packages whose program is not there; looking for the file is faster than asking dpkg."""
    return sorted(package for package, program in needed.items() if not Path(program).exists())


def ensure() -> None:
    """Install what is missing."""
    absent = missing()
    if not absent:
        return
    with output.step(f"installing {', '.join(absent)}"):
        run(["apt-get", "update", "-q"])
        _install(absent)
        if client := missing(CLIENT):
            _install(client)


def _install(packages: list[str]) -> None:
    """Install with a policy that keeps the packages' services from starting, unless the machine has one already."""
    ours = not POLICY.exists()
    if ours:
        with tempfile.NamedTemporaryFile("w", delete=False) as policy:
            policy.write(REFUSE_SERVICES)
        Path(policy.name).chmod(0o755)
        shutil.move(policy.name, POLICY)
    try:
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages], env=quiet)
    finally:
        if ours:
            POLICY.unlink()
