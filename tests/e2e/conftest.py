"""The lab, once for all end-to-end tests, and what tests of rollouts stand on: images, a namespace, files, clients."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.kubernetes_proxy import Proxy
from tests.e2e.support.adopted import Adopted
from tests.e2e.support.checkout import Checkout, example_checkout, remove_images
from tests.e2e.support.clients import Clients
from tests.e2e.support.cluster import Namespace
from tests.e2e.support.images import Images, build_images
from tests.e2e.support.locks import lock
from tests.e2e.support.program import Program
from tests.e2e.support.project import Project

ClientsOf = Callable[..., Clients]


@pytest.fixture(scope="session")
def lab() -> dict[str, str]:
    """Start the lab where it is not up, and return what it exports."""
    _lab("up")
    exports = dict(re.findall(r"^export (\w+)=(.*)$", _lab("env"), re.MULTILINE))
    os.environ["PATH"] = exports["PATH"]  # kubectl, docker and helm are started by name
    return exports


def _lab(part: str) -> str:
    result = subprocess.run([sys.executable, "-m", "lab", part], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="session")
def images(lab: dict[str, str]) -> Images:
    """Build and push the examples' images; a second worker finds every layer built."""
    with lock("images"):
        return build_images({**os.environ, **lab}, lab["CICTL_LAB_REGISTRY"])


@pytest.fixture
def namespace(lab: dict[str, str]) -> Iterator[Namespace]:
    """Make a namespace that admits restricted pods only."""
    made = Namespace(f"e2e-{uuid.uuid4().hex[:8]}", {**os.environ, **lab})
    made.make()
    yield made
    made.kubectl("delete", "namespace", made.name, "--wait=false")


@pytest.fixture
def program(lab: dict[str, str], tmp_path: Path) -> Iterator[Program]:
    """Return cictl in a directory of its own."""
    directory = tmp_path / "platform"
    directory.mkdir()
    made = Program(directory, {**os.environ, **lab}, tmp_path / "home")
    yield made
    made.kill_all()


@pytest.fixture
def project(lab: dict[str, str], namespace: Namespace, program: Program) -> Project:
    """Write cictl.yaml and service.yaml, with the namespace as the only environment."""
    return Project(program, namespace.name, prometheus=lab["CICTL_LAB_PROMETHEUS"], registry=lab["CICTL_LAB_REGISTRY"])


@pytest.fixture
def clients_of(namespace: Namespace) -> Iterator[ClientsOf]:
    """Return what starts clients of a Service in the namespace."""
    with ExitStack() as stack:

        def start(name: str = "checkout", path: str = "/checkout", *, rate: float = 40.0) -> Clients:
            clients = Clients(namespace.service_url(path, name), rate=rate)
            stack.callback(clients.stop)
            return clients.start()

        yield start


@pytest.fixture
def prometheus_stays() -> Iterator[None]:
    """Keep tests that kill Prometheus waiting: this one's verdicts need it."""
    with lock("prometheus", shared=True):
        yield


@pytest.fixture
def prometheus_is_mine() -> Iterator[None]:
    """Wait until nobody needs Prometheus, and leave it running."""
    with lock("prometheus"):
        yield
        subprocess.run([sys.executable, "-m", "lab", "start", "prometheus"], capture_output=True, check=False)


@pytest.fixture
def adopted(project: Project, namespace: Namespace, images: Images) -> Adopted:
    """Return a Deployment that others made, once it is told to `make` it."""
    return Adopted(project, namespace, images)


@pytest.fixture
def proxy(lab: dict[str, str], tmp_path: Path) -> Iterator[Proxy]:
    """Return a proxy before the API server, open."""
    folder = tmp_path / "proxy"
    folder.mkdir()
    made = Proxy(Path(lab["KUBECONFIG"]), "lab", folder)
    made.open()
    yield made
    made.end()


@pytest.fixture
def docker(lab: Mapping[str, str]) -> Mapping[str, str]:
    """Return an environment in which `docker` speaks to the lab."""
    return {**os.environ, **lab}


@pytest.fixture
def checkout(lab: Mapping[str, str], docker: Mapping[str, str], program: Program) -> Iterator[Checkout]:
    """Return a copy of an example that nobody else builds."""
    made = example_checkout(program, lab["CICTL_LAB_REGISTRY"])
    yield made
    remove_images(f"{made.repository}*", docker)
