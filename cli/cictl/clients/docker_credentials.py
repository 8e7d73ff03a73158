"""Who to be at a registry, as Docker's own client finds it: config.json and credential helpers; stores nothing."""

from __future__ import annotations

import base64
import binascii
import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cictl.core.image import DOCKER_HUB
from cictl.errors import ConfigInvalid, FarSideFailed, NotFound
from cictl.redaction import redact

_HUB_KEY = "https://index.docker.io/v1/"
_TOKEN_USER = "<token>"  # noqa: S105 - what a helper calls the user when it returns an identity token
_NONE_STORED = "credentials not found"
_HELPER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """Either user and password, or an identity token; `origin` is where they were found."""

    origin: str
    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)


class DockerCredentials:
    """The credentials that Docker's client would send."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """ENVIRON says by DOCKER_CONFIG or HOME where config.json is, and by PATH where helpers are."""
        self._environ = dict(environ)
        folder = environ.get("DOCKER_CONFIG") or Path(environ.get("HOME") or Path.home()) / ".docker"
        self.path = Path(folder) / "config.json"

    def find(self, registry: str) -> Credentials | None:
        """Return the credentials for REGISTRY, None to come as nobody."""
        config = self._config()
        key = _HUB_KEY if registry == DOCKER_HUB else registry
        helpers = config.get("credHelpers") or {}
        helper = helpers.get(registry) or helpers.get(key) or config.get("credsStore")
        if helper:
            return self._from_helper(str(helper), key)
        return self._from_file(config.get("auths") or {}, key)

    def _config(self) -> dict[str, Any]:
        try:
            config = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ConfigInvalid(f"{self.path} cannot be read: {error}", hint="mend it, or log in again") from error
        if not isinstance(config, dict):
            raise ConfigInvalid(f"{self.path} is not a JSON object", hint="mend it, or log in again")
        return config

    def _from_file(self, auths: Mapping[str, Any], key: str) -> Credentials | None:
        entry = auths.get(key) or next((auths[name] for name in auths if _host(name) == _host(key)), None)
        if not isinstance(entry, dict):
            return None
        if token := entry.get("identitytoken"):
            return Credentials(str(self.path), identity_token=redact(str(token)))
        username, password = self._decoded(entry, key)
        return Credentials(str(self.path), username, redact(password)) if username else None

    def _decoded(self, entry: Mapping[str, Any], key: str) -> tuple[str, str]:
        if not entry.get("auth"):
            return str(entry.get("username", "")), str(entry.get("password", ""))
        try:
            user, _, password = base64.b64decode(redact(str(entry["auth"])), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            message = f"{self.path} has an `auth` for {key} that is not base64"
            raise ConfigInvalid(message, hint=f"docker login {key}") from error
        return user, password.rstrip("\0")

    def _from_helper(self, helper: str, key: str) -> Credentials | None:
        program = f"docker-credential-{helper}"
        done = self._run(program, key)
        if done.returncode:
            said = " ".join((done.stdout + done.stderr).split())
            if _NONE_STORED in said:
                return None
            raise FarSideFailed(f"{program} gives no credentials for {key}: {said}", hint=f"docker login {key}")
        try:
            answer = json.loads(done.stdout)
            username, secret = str(answer["Username"]), redact(str(answer["Secret"]))
        except (ValueError, KeyError, TypeError) as error:
            raise FarSideFailed(f"{program} answers what no credential helper does") from error
        if username == _TOKEN_USER:
            return Credentials(program, identity_token=secret)
        return Credentials(program, username, secret)

    def _run(self, program: str, key: str) -> subprocess.CompletedProcess[str]:
        path = shutil.which(program, path=self._environ.get("PATH"))
        if path is None:
            raise NotFound(f"{self.path} names {program}, which is not on PATH", hint="install it, or log in again")
        try:
            return subprocess.run(
                [path, "get"],
                input=key,
                env=self._environ,
                capture_output=True,
                text=True,
                check=False,
                timeout=_HELPER_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise FarSideFailed(f"{program} gives no credentials for {key}: {type(error).__name__}") from error


def _host(name: str) -> str:
    """Return the host of a key of `auths`, which may be an address with scheme and path."""
    return name.partition("://")[2].partition("/")[0] if "://" in name else name.partition("/")[0]
