"""What cictl.yaml says of a credential in Jenkins: where it belongs, and where its secret is, never the secret."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from cictl.config.fields import SecretReference, Strict

_ID_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


class CredentialKind(StrEnum):
    """What a credential is."""

    USERNAME_PASSWORD = "username-password"  # noqa: S105 - a kind
    SECRET_TEXT = "secret-text"  # noqa: S105 - a kind
    SSH_KEY = "ssh-key"
    FILE = "file"


_WITH_USER = {CredentialKind.USERNAME_PASSWORD, CredentialKind.SSH_KEY}


def _credential_id(value: str) -> str:
    if not value or not set(value) <= _ID_CHARACTERS:
        message = f"{value!r} is no id of a credential: letters, digits, '.', '_' and '-'"
        raise ValueError(message)
    return value


class CredentialEntry(Strict):
    """A credential that Jenkins keeps for the jobs of one folder."""

    id: Annotated[str, AfterValidator(_credential_id)] = Field(description="What jobs call it.")
    folder: Literal["", "ci", "deploy", "admin"] = Field(
        default="", description="Whose store holds it: a folder below the team's own; empty is the team's own."
    )
    kind: CredentialKind = Field(description="What it is.")
    username: str | None = Field(default=None, description="Who it signs in; of username-password and ssh-key.")
    file_name: str | None = Field(default=None, description="What builds call the file; of the kind file.")
    description: str = Field(default="", description="What Jenkins shows of it.")
    secret: SecretReference = Field(description="Where the password, text, private key or file is.")
    passphrase: SecretReference | None = Field(default=None, description="Where the passphrase of an ssh-key is.")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if problem := self._problem():
            raise ValueError(problem)
        return self

    def _problem(self) -> str | None:
        if (self.kind in _WITH_USER) != (self.username is not None):
            return f"`username` belongs to username-password and ssh-key, and both need it; this is {self.kind}"
        if self.passphrase is not None and self.kind is not CredentialKind.SSH_KEY:
            return f"`passphrase` belongs to ssh-key; this is {self.kind}"
        if self.file_name is not None and self.kind is not CredentialKind.FILE:
            return f"`file_name` belongs to the kind file; this is {self.kind}"
        return None
