"""Reads the credentials that cictl.yaml names, with their secrets only when they are to be sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from cictl.config.credentials import CredentialEntry, CredentialKind
from cictl.config.secrets import read_secret
from cictl.core.bootstrap_credentials import WantedCredential, unknown_rotations
from cictl.core.jenkins_credentials import Credential, SecretFile, SecretText, SshKey, UserPassword
from cictl.core.jenkins_items import joined
from cictl.core.spelling import suggestion
from cictl.errors import CictlError, NotFound, UsageProblem
from cictl.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cictl.config.fields import SecretReference
    from cictl.config.platform import Config


def wanted_credentials(
    config: Config, environ: Mapping[str, str], *, rotate: Collection[str] = ()
) -> tuple[WantedCredential, ...]:
    """Return what cictl.yaml names, each with why its secret cannot be read, if so; ROTATE must be among them."""
    wanted = tuple(_wanted(config, environ, entry) for entry in config.jenkins.credentials)
    if unknown := unknown_rotations(wanted, rotate):
        ids = [each.credential_id for each in wanted]
        message = f"cictl.yaml names no credential {unknown[0]!r}; {suggestion(unknown[0], ids)}"
        raise UsageProblem(message, hint="--rotate takes an id of jenkins.credentials")
    return wanted


def read_credential(config: Config, environ: Mapping[str, str], wanted: WantedCredential) -> Credential:
    """Return the credential with its secret."""
    entry = next(each for each in config.jenkins.credentials if each.id == wanted.credential_id)
    if entry.kind is CredentialKind.FILE:
        return _file(config, environ, entry)
    secret = read_secret(entry.secret, environ=environ, root=config.root)
    if entry.kind is CredentialKind.SECRET_TEXT:
        return SecretText(entry.id, secret, description=entry.description)
    if entry.kind is CredentialKind.USERNAME_PASSWORD:
        return UserPassword(entry.id, entry.username or "", secret, description=entry.description)
    return SshKey(entry.id, entry.username or "", secret, _passphrase(config, environ, entry), entry.description)


def _wanted(config: Config, environ: Mapping[str, str], entry: CredentialEntry) -> WantedCredential:
    team = config.jenkins.folder.strip("/")
    folder = joined(team, entry.folder) if entry.folder else team
    wanted = WantedCredential(
        folder,
        entry.id,
        entry.kind.value,
        _source(entry.secret),
        username=entry.username or "",
        file_name=entry.file_name or "",
    )
    try:
        read_credential(config, environ, wanted)
    except CictlError as error:
        return replace(wanted, problem=error.message)
    return wanted


def _source(reference: SecretReference) -> str:
    return reference.env or reference.file or ""


def _passphrase(config: Config, environ: Mapping[str, str], entry: CredentialEntry) -> str:
    return read_secret(entry.passphrase, environ=environ, root=config.root) if entry.passphrase else ""


def _file(config: Config, environ: Mapping[str, str], entry: CredentialEntry) -> SecretFile:
    """Return the file byte for byte: a keystore is no text."""
    if entry.secret.file is None:
        content = read_secret(entry.secret, environ=environ, root=config.root).encode()
    else:
        content = _bytes(config, entry.secret.file)
    name = entry.file_name or PurePath(entry.secret.file or entry.id).name
    return SecretFile(entry.id, name, content, description=entry.description)


def _bytes(config: Config, file: str) -> bytes:
    path = config.root / file
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"the secret in {path} cannot be read: {error.strerror}"
        raise NotFound(message, hint="check its path and mode") from error
    if not content:
        raise NotFound(f"the secret in {path} is empty", hint="write it, or name another file")
    redact(content.decode("utf-8", errors="ignore"))
    return content
