"""The Docker engine's own API: where it is, what its errors mean, and pushing to a registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import docker
import requests
from docker.context import ContextAPI
from docker.errors import APIError, DockerException, ImageNotFound

from cictl.core.build_log import without_colour
from cictl.errors import CictlError, FarSideFailed, NotAllowed, NotFound, Unreachable

if TYPE_CHECKING:
    from cictl.clients.docker_credentials import Credentials
    from cictl.core.image import ImageReference

Progress = Callable[[str], None]

_DEFAULT_HOST = "unix:///var/run/docker.sock"
_IDLE_SECONDS = 120  # between two signs of life in a request; streams of logs and builds may be silent longer
_DENIED = re.compile(r"unauthorized|denied|no basic auth credentials|authentication required|forbidden", re.IGNORECASE)
_UNREACHABLE = re.compile(
    r"connection refused|no such host|i/o timeout|network is unreachable|no route to host"
    r"|server gave HTTP response to HTTPS|certificate|TLS handshake|Client\.Timeout|context deadline exceeded|EOF",
    re.IGNORECASE,
)
_MISSING = re.compile(r"does not exist locally|no such image", re.IGNORECASE)
_QUIET_STATES = {"Preparing", "Waiting", "Pushing"}  # said many times for each layer


class CredentialSource(Protocol):
    """What knows who to be."""

    def find(self, registry: str) -> Credentials | None:
        """Return the credentials for REGISTRY, None to come as nobody."""


def engine_host(environ: Mapping[str, str]) -> str:
    """Return where the engine is: DOCKER_HOST, else what the chosen Docker context says, as for Docker's client."""
    if host := environ.get("DOCKER_HOST"):
        return host
    try:
        context = ContextAPI.get_context(environ.get("DOCKER_CONTEXT"))
    except (DockerException, OSError, ValueError, KeyError):
        return _DEFAULT_HOST
    host = str(getattr(context, "Host", None) or _DEFAULT_HOST)
    return host.removeprefix("http+")  # which only the SDK understands


class DockerEngine:
    """One engine; it is connected to when first needed."""

    def __init__(self, environ: Mapping[str, str], credentials: CredentialSource) -> None:
        """Find the engine as Docker's own programs do."""
        self.host = engine_host(environ)
        self._environ = {**environ, "DOCKER_HOST": self.host}
        self._credentials = credentials

    @cached_property
    def client(self) -> docker.DockerClient:
        """The SDK's client."""
        with translated(self.host):
            return docker.from_env(environment=self._environ, timeout=_IDLE_SECONDS)

    def push(self, reference: ImageReference, progress: Progress) -> str | None:
        """Push REFERENCE's tag and return the digest that the engine says it got, None if it does not say."""
        digest = None
        with translated(self.host):
            events = self.client.api.push(
                reference.repository, reference.tag, stream=True, decode=True, auth_config=self._auth(reference)
            )
            for event in events:
                if "error" in event:
                    raise _push_problem(str(event["error"]), reference)
                digest = (event.get("aux") or {}).get("Digest", digest)
                if (status := event.get("status")) and status not in _QUIET_STATES:
                    progress(f"{event['id']}: {status}" if "id" in event else str(status))
        return digest

    def _auth(self, reference: ImageReference) -> dict[str, str]:
        found = self._credentials.find(reference.registry)
        if found is None:
            return {}
        if found.identity_token:
            return {"identitytoken": found.identity_token, "serveraddress": reference.registry}
        return {"username": found.username, "password": found.password, "serveraddress": reference.registry}


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Turn the SDK's errors into cictl's."""
    try:
        yield
    except ImageNotFound as error:
        raise NotFound(f"the engine has no such image: {error.explanation}") from error
    except APIError as error:
        raise FarSideFailed(f"the Docker engine refuses: {error.explanation or error}") from error
    except (DockerException, requests.RequestException) as error:
        raise connection_problem(error, host) from error


def lines_of(chunks: Iterator[bytes]) -> Iterator[str]:
    """Return the lines in CHUNKS, which begin and end anywhere."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (without_colour(line.decode(errors="replace")) for line in whole)
    if rest:
        yield without_colour(rest.decode(errors="replace"))


def connection_problem(error: Exception, host: str) -> CictlError:
    """Return what ERROR of the SDK says of the engine at HOST, which cannot be spoken to."""
    if "Permission denied" in str(error):
        hint = "join the group docker, or point DOCKER_HOST elsewhere"
        return NotAllowed(f"the Docker engine at {host} may not be used by you", hint=hint)
    return Unreachable(f"no Docker engine answers at {host}", hint="start Docker, or point DOCKER_HOST at an engine")


def _push_problem(said: str, reference: ImageReference) -> CictlError:
    registry = reference.registry
    if _MISSING.search(said):
        return NotFound(f"the engine has no {reference}", hint="build it first: cictl image build")
    if _DENIED.search(said):
        hint = f"docker login {registry}, or point DOCKER_CONFIG at a config.json that may push"
        return NotAllowed(f"the registry at {registry} refuses {reference}: {said}", hint=hint)
    if _UNREACHABLE.search(said):
        hint = "check registry.url in cictl.yaml; 'cictl doctor' tries it"
        return Unreachable(f"the engine cannot reach the registry at {registry}: {said}", hint=hint)
    return FarSideFailed(f"the registry at {registry} did not take {reference}: {said}")
