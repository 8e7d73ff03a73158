"""How a registry wants to be told who asks: challenges, and the tokens that answer them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from cictl.clients.docker_credentials import Credentials
from cictl.errors import FarSideFailed, NotAllowed, Unreachable
from cictl.redaction import redact

_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*)(?:\s*,|\s+|$)")
_PARAMETER = re.compile(r'\s*([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)')
_REFUSED = {400, 401, 403}
_CLIENT = "cictl"


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to answer a 401; `scheme` in small letters."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """Return the challenges in the WWW-Authenticate HEADER, as far as it can be read."""
    found: list[Challenge] = []
    position = 0
    while position < len(header) and (scheme := _SCHEME.match(header, position)):
        position = scheme.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(header, position):
            quoted, bare = parameter[2], parameter[3]
            parameters[parameter[1].lower()] = re.sub(r"\\(.)", r"\1", quoted) if bare is None else bare
            position = parameter.end()
        found.append(Challenge(scheme[1].lower(), parameters))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends one request and follows nothing; what it may send secrets to: https, or plain http where that is said."""

    send: Callable[..., requests.Response]
    allows_http: bool

    def answer(self, challenge: Challenge, credentials: Credentials | None, *, scope: str) -> str | None:
        """Return the Authorization that answers CHALLENGE, None if there is nothing to answer with."""
        if challenge.scheme == "basic" and credentials is not None and credentials.username:
            return basic(credentials)
        if challenge.scheme == "bearer" and "realm" in challenge.parameters:
            return f"Bearer {self._token(challenge.parameters, credentials, scope)}"
        return None

    def _token(self, parameters: Mapping[str, str], credentials: Credentials | None, scope: str) -> str:
        realm = parameters["realm"]
        if urlsplit(realm).scheme != "https" and not (self.allows_http and urlsplit(realm).scheme == "http"):
            raise NotAllowed(f"the registry sends to {realm} for a token, which is not https")
        wanted = {"service": parameters.get("service", ""), "scope": parameters.get("scope") or scope}
        query = {name: value for name, value in wanted.items() if value}
        return _token_in(self._asked(realm, query, credentials), realm, credentials)

    def _asked(self, realm: str, query: Mapping[str, str], credentials: Credentials | None) -> requests.Response:
        if credentials is not None and credentials.identity_token:
            form = {"grant_type": "refresh_token", "client_id": _CLIENT, "refresh_token": credentials.identity_token}
            return self.send("POST", realm, data={**form, **query})
        headers = {"Authorization": basic(credentials)} if credentials is not None else {}
        return self.send("GET", realm, params=query, headers=headers)


def basic(credentials: Credentials) -> str:
    """Return CREDENTIALS as the Basic scheme writes them."""
    pair = f"{credentials.username}:{credentials.password}".encode()
    return f"Basic {redact(base64.b64encode(pair).decode())}"


def _token_in(response: requests.Response, realm: str, credentials: Credentials | None) -> str:
    if response.status_code in _REFUSED:
        who = f"the credentials from {credentials.origin}" if credentials else "a token without credentials"
        raise NotAllowed(f"{realm} refuses {who} ({response.status_code})", hint=LOGIN_HINT)
    if response.status_code >= requests.codes.server_error:
        raise Unreachable(f"{realm} gives no token now ({response.status_code})")
    try:
        answer = response.json()
        token = answer.get("token") or answer["access_token"]
    except (ValueError, KeyError, AttributeError) as error:
        raise FarSideFailed(f"{realm} answers {response.status_code} without a token") from error
    return redact(str(token))


LOGIN_HINT = "docker login to that registry, or point DOCKER_CONFIG at a config.json that may"
