"""The OCI distribution API, as little of it as naming an image takes; it pulls and pushes nothing."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests
import stamina

from cictl.clients.http_reason import innermost_reason
from cictl.clients.registry_auth import LOGIN_HINT, Sender, parse_challenges
from cictl.core.image import DOCKER_HUB, ImageReference, is_digest
from cictl.errors import CictlError, FarSideFailed, NotAllowed, NotFound, TimedOut, Unreachable

if TYPE_CHECKING:
    from collections.abc import Collection

    from cictl.clients.docker_credentials import Credentials

MANIFEST_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_ACCEPT = ", ".join(MANIFEST_TYPES)
_HUB_API = "registry-1.docker.io"
_CONNECT_SECONDS = 5.0
_ATTEMPTS = 3
_REDIRECTS = 5
_LARGEST_MANIFEST = 4 * 1024 * 1024  # what the specification asks registries to take
_DIGEST_HEADER = "Docker-Content-Digest"
_TRY_AGAIN = {429, 500, 502, 503, 504}
_NO_HEAD = {405, 501}
_MAX_SAID = 200


class CredentialSource(Protocol):
    """What knows who to be."""

    def find(self, registry: str) -> Credentials | None:
        """Return the credentials for REGISTRY, None to come as nobody."""


class OciRegistry:
    """All registries that references name; `insecure` are those spoken to in plain http."""

    def __init__(
        self, credentials: CredentialSource, *, insecure: Collection[str] = (), timeout_seconds: float = 30.0
    ) -> None:
        """Each call is given up after TIMEOUT_SECONDS, with all its attempts."""
        self._credentials = credentials
        self._insecure = frozenset(insecure)
        self._timeout_seconds = timeout_seconds
        self._session = requests.Session()
        self._session.auth = _as_told  # never what .netrc says

    def digest(self, reference: ImageReference) -> str:
        """Return the digest that REFERENCE's digest or tag names in its registry."""
        return _Call(self, reference).digest()

    def labels(self, reference: ImageReference) -> dict[str, str]:
        """Return the labels of the image that REFERENCE names; of several platforms' images, the first one's."""
        manifest = _Call(self, reference).document()
        if manifests := manifest.get("manifests"):
            manifest = _Call(self, reference.with_digest(str(manifests[0]["digest"]))).document()
        blob = str(manifest["config"]["digest"])
        labels = (_Call(self, reference, blob=blob).document().get("config") or {}).get("Labels") or {}
        return {str(name): str(value) for name, value in labels.items()}

    def send(self, method: str, url: str, *, deadline: float, **options: Any) -> requests.Response:  # noqa: ANN401 - as requests types them
        """Send one request and follow no redirect; errors are translated."""
        host = urlsplit(url).netloc
        left = max(0.1, deadline - time.monotonic())
        try:
            return self._session.request(
                method, url, timeout=(min(left, _CONNECT_SECONDS), left), allow_redirects=False, **options
            )
        except requests.ReadTimeout as error:
            raise TimedOut(f"the registry at {host} did not answer in time", hint=_URL_HINT) from error
        except requests.exceptions.SSLError as error:
            hint = f"if it speaks plain http, say so in cictl.yaml: registry: {{url: {host}, insecure: true}}"
            raise Unreachable(f"no https with the registry at {host}: {innermost_reason(error)}", hint=hint) from error
        except requests.RequestException as error:
            message = f"the registry at {host} cannot be reached: {innermost_reason(error)}"
            raise Unreachable(message, hint=_URL_HINT) from error

    def allows_http(self, registry: str) -> bool:
        """Whether REGISTRY is one to speak plain http with."""
        return registry in self._insecure

    def deadline(self) -> float:
        """Return when, by the monotonic clock, a call that begins now is given up."""
        return time.monotonic() + self._timeout_seconds

    def credentials(self, registry: str) -> Credentials | None:
        """Return who to be at REGISTRY."""
        return self._credentials.find(registry)


class _Call:
    """One question about one image: its deadline, and the authorization found on the way."""

    def __init__(self, registry: OciRegistry, reference: ImageReference, *, blob: str | None = None) -> None:
        self._registry = registry
        self._reference = reference
        self._deadline = registry.deadline()
        self._authorization: str | None = None
        self._allows_http = registry.allows_http(reference.registry)
        host = _HUB_API if reference.registry == DOCKER_HUB else reference.registry
        scheme = "http" if self._allows_http else "https"
        what = f"blobs/{blob}" if blob else f"manifests/{reference.wanted}"
        self._url = f"{scheme}://{host}/v2/{reference.path}/{what}"

    def document(self) -> dict[str, Any]:
        response = self._asked("GET")
        if not response.ok:
            raise self._refusal(response)
        try:
            found = json.loads(self._body(response))
        except ValueError as error:
            raise FarSideFailed(f"what {self._reference.registry} says of {self._reference} is no JSON") from error
        return dict(found) if isinstance(found, dict) else {}

    def digest(self) -> str:
        response = self._asked("HEAD")
        found = response.headers.get(_DIGEST_HEADER, "")
        if response.status_code in _NO_HEAD or (response.ok and not is_digest(found)):
            response = self._asked("GET")
            found = f"sha256:{hashlib.sha256(self._body(response)).hexdigest()}" if response.ok else ""
        if not response.ok:
            raise self._refusal(response)
        if self._reference.digest is not None and found.partition(":")[0] == self._reference.digest.partition(":")[0]:
            self._must_be_wanted(found)
        return self._reference.digest or found

    def _must_be_wanted(self, found: str) -> None:
        if found != self._reference.digest:
            raise FarSideFailed(f"{self._reference.registry} answers {self._reference} with {found}, which is not it")

    def _asked(self, method: str) -> requests.Response:
        """Ask again where that may help: nothing but HEAD and GET comes here."""
        left = max(0.1, self._deadline - time.monotonic())
        for attempt in stamina.retry_context(
            on=(Unreachable, TimedOut),
            attempts=_ATTEMPTS,
            timeout=left,
            wait_initial=0.1,
            wait_max=2.0,
            wait_jitter=0.1,
        ):
            with attempt:
                response = self._authorized(method)
                if response.status_code in _TRY_AGAIN:
                    raise self._refusal(response)
                return response
        raise AssertionError  # stamina raises the last error itself

    def _authorized(self, method: str) -> requests.Response:
        response = self._followed(method)
        if response.status_code != requests.codes.unauthorized or _origin(response.url) != _origin(self._url):
            return response  # where a redirect led, nobody is told who we are
        sender = Sender(self._send, self._allows_http)
        credentials = self._registry.credentials(self._reference.registry)
        for challenge in parse_challenges(response.headers.get("WWW-Authenticate", "")):
            scope = f"repository:{self._reference.path}:pull"
            self._authorization = sender.answer(challenge, credentials, scope=scope)
            if self._authorization is not None:
                return self._followed(method)
        return response

    def _followed(self, method: str) -> requests.Response:
        """Follow redirects: who we are is told to the registry alone, and https is never left for http."""
        url = self._url
        for _ in range(_REDIRECTS):
            headers = {"Accept": _ACCEPT}
            if self._authorization is not None and _origin(url) == _origin(self._url):
                headers["Authorization"] = self._authorization
            response = self._send(method, url, headers=headers, stream=method == "GET")
            target = response.headers.get("Location") if response.is_redirect else None
            if target is None:
                return response
            url = urljoin(url, target)
            if urlsplit(url).scheme != "https" and not self._allows_http:
                raise NotAllowed(f"the registry at {self._reference.registry} redirects to {url}, which is not https")
        raise FarSideFailed(f"the registry at {self._reference.registry} redirects {self._url} without end")

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - as requests types them
        return self._registry.send(method, url, deadline=self._deadline, **options)

    def _body(self, response: requests.Response) -> bytes:
        body = response.raw.read(_LARGEST_MANIFEST + 1, decode_content=True)
        if len(body) > _LARGEST_MANIFEST:
            raise FarSideFailed(f"the manifest of {self._reference} is too large to be one")
        return bytes(body)

    def _refusal(self, response: requests.Response) -> CictlError:
        where, status = f"the registry at {self._reference.registry}", response.status_code
        said = _said(response)
        if status in {requests.codes.unauthorized, requests.codes.forbidden}:
            return NotAllowed(f"{where} refuses {self._reference} to {self._who()} ({status}{said})", hint=LOGIN_HINT)
        if status == requests.codes.not_found:
            return NotFound(f"{where} has no {self._reference}", hint="push it, or check repository and tag")
        if status in _TRY_AGAIN:
            return Unreachable(f"{where} is not ready ({status}{said})", hint="try again later")
        return FarSideFailed(f"{where} answers {status}{said} to {self._reference}", hint=_URL_HINT)

    def _who(self) -> str:
        found = self._registry.credentials(self._reference.registry)
        if found is None:
            return "whoever has no credentials"
        return f"{found.username or 'the token'} of {found.origin}"


_URL_HINT = "check registry.url in cictl.yaml; 'cictl doctor' tries it"


def _as_told(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _said(response: requests.Response) -> str:
    """Return what the registry's error document says; a HEAD has none."""
    try:
        errors = response.json()["errors"]
        words = "; ".join(str(error.get("message") or error.get("code")) for error in errors)
    except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError):
        return ""
    return f": {words[:_MAX_SAID]}" if words else ""
