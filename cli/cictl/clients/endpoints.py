"""Whether a Docker engine and a registry answer at all; builds, pulls and pushes nothing."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import docker
import requests
from docker.errors import DockerException

from cictl.clients.docker_engine import connection_problem, engine_host
from cictl.errors import FarSideFailed, Unreachable

_SECONDS = 5
_THERE = {200, 401}  # 401 is a registry that wants to know who asks


class DockerEndpoint:
    """The engine that images are built by."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Find the engine as Docker's own programs do."""
        self._host = engine_host(environ)
        self._environ = {**environ, "DOCKER_HOST": self._host}

    def version(self) -> str:
        """Return the engine's version."""
        try:
            _try_socket(self._host)
            client = docker.from_env(environment=self._environ, timeout=_SECONDS)
            try:
                return str(client.version()["Version"])
            finally:
                client.close()
        except (DockerException, requests.RequestException, OSError) as error:
            raise connection_problem(error, self._host) from error


def _try_socket(where: str) -> None:
    """Connect to the socket WHERE is, if it is one; OSError if nobody listens: the library would leave its own open."""
    scheme, _, path = where.partition("://")
    if scheme in {"unix", "http+unix"}:
        with socket.socket(socket.AF_UNIX) as tried:
            tried.settimeout(_SECONDS)
            tried.connect(path)


class RegistryEndpoint:
    """The registry at HOST."""

    def __init__(self, host: str, *, insecure: bool) -> None:
        """INSECURE speaks plain http."""
        self.url = f"{'http' if insecure else 'https'}://{host}/v2/"
        self._date: str | None = None

    def version(self) -> str:
        """Return the version of the registry's API."""
        hint = "check registry.url and registry.insecure in cictl.yaml"
        try:
            response = requests.get(self.url, timeout=_SECONDS)
        except requests.RequestException as error:
            raise Unreachable(f"no registry answers at {self.url}: {type(error).__name__}", hint=hint) from error
        if response.status_code not in _THERE:
            raise FarSideFailed(f"{self.url} answers {response.status_code}: not a registry", hint=hint)
        self._date = response.headers.get("Date")
        return (
            str(response.headers.get("Docker-Distribution-Api-Version", "v2")).removeprefix("registry/").split(".")[0]
        )

    def now(self) -> float:
        """Return the registry's time, as it told with the version."""
        try:
            return parsedate_to_datetime(self._date or "").timestamp()
        except ValueError as error:
            raise FarSideFailed(f"{self.url} tells no time") from error
