"""Where the lab is: its addresses, and its directories on this machine.

All addresses lie within 198.18.0.0/15, which RFC 2544 reserves for tests, so they meet no real network.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

NETWORK = "198.18.0.0/15"
HOST_ADDRESS = "198.18.255.1"
NODE_ADDRESS = "198.18.255.2"
POD_NETWORK = "198.18.0.0/24"
DOCKER_BRIDGE = "198.18.254.1/24"
SERVICE_NETWORK = "198.19.0.0/16"
API_SERVICE_ADDRESS = "198.19.0.1"
CLUSTER_DOMAIN = "cluster.local"

NODE = "lab"
CONTEXT = "lab"
API = f"https://{NODE_ADDRESS}:6443"
REGISTRY = f"{NODE_ADDRESS}:5000"
PROMETHEUS = f"http://{NODE_ADDRESS}:9090"

HOST_LINK = "labhost"
INNER_LINK = "labin"
CGROUP = "cictl-lab"

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Layout:
    """The lab's directories: what is kept between runs in ``cache``, sockets of the running lab in ``run``."""

    cache: Path
    run: Path = Path("/run/cictl-lab")

    @property
    def bin(self) -> Path:
        """Programs under the names that they are called by."""
        return self.cache / "bin"

    @property
    def programs(self) -> Path:
        """Built programs, each under a name that contains the hash of its source."""
        return self.cache / "programs"

    @property
    def images(self) -> Path:
        """Archives of the images that the lab brings along."""
        return self.cache / "images"

    @property
    def pki(self) -> Path:
        """Certificates and keys."""
        return self.cache / "pki"

    @property
    def docker(self) -> Path:
        """Docker's images and build cache, kept so that builds stay fast."""
        return self.cache / "docker"

    @property
    def state(self) -> Path:
        """Everything that is thrown away when the lab ends."""
        return self.cache / "state"

    @property
    def logs(self) -> Path:
        """One log for each part."""
        return self.state / "logs"

    @property
    def config(self) -> Path:
        """Rendered configuration of the parts."""
        return self.state / "config"

    @property
    def registry(self) -> Path:
        """The registry's images."""
        return self.state / "registry"

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig for people; its only context is ``lab``."""
        return self.cache / "kubeconfig"

    @property
    def provider(self) -> Path:
        """What ``up --provider existing`` was told."""
        return self.cache / "provider.json"

    @property
    def lock(self) -> Path:
        """Held while the lab is brought up or down."""
        return self.run.with_name(f"{self.run.name}.lock")

    @property
    def record(self) -> Path:
        """Which process holds the running lab."""
        return self.run / "lab.json"

    @property
    def supervisor_socket(self) -> Path:
        """Where the supervisor listens."""
        return self.run / "supervisor.sock"

    @property
    def docker_socket(self) -> Path:
        """Where the Docker engine listens."""
        return self.run / "docker.sock"

    @property
    def containerd_socket(self) -> Path:
        """Where containerd listens."""
        return self.run / "containerd.sock"


def default_layout() -> Layout:
    """Return the layout of this user on this machine."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Layout(cache=Path(base) / "cictl-lab")
