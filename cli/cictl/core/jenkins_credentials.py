"""Credentials as Jenkins' stores take them; each becomes a document by an XML writer, never by joining text."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from cictl.errors import ConfigInvalid

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SSH = "com.cloudbees.jenkins.plugins.sshcredentials.impl.BasicSSHUserPrivateKey"


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """What a store tells of a credential: Jenkins gives no secret back."""

    credential_id: str
    kind: str
    description: str


@dataclass(frozen=True, slots=True)
class UserPassword:
    """A user and their password."""

    credential_id: str
    username: str
    password: str = field(repr=False)
    description: str = ""

    kind = "com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl"


@dataclass(frozen=True, slots=True)
class SecretText:
    """A secret alone, as a token."""

    credential_id: str
    secret: str = field(repr=False)
    description: str = ""

    kind = "org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl"


@dataclass(frozen=True, slots=True)
class SshKey:
    """A private key, and who it signs in."""

    credential_id: str
    username: str
    private_key: str = field(repr=False)
    passphrase: str = field(default="", repr=False)
    description: str = ""

    kind = _SSH


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A file's name and what is in it."""

    credential_id: str
    file_name: str
    content: bytes = field(repr=False)
    description: str = ""

    kind = "org.jenkinsci.plugins.plaincredentials.impl.FileCredentialsImpl"


Credential = UserPassword | SecretText | SshKey | SecretFile


def credential_xml(credential: Credential) -> str:
    """Return the document that creates CREDENTIAL; ConfigInvalid where a value holds what no XML can."""
    root = ET.Element(credential.kind)
    _add(root, credential, "scope", "GLOBAL")
    _add(root, credential, "id", credential.credential_id)
    _add(root, credential, "description", credential.description)
    match credential:
        case UserPassword():
            _add(root, credential, "username", credential.username)
            _add(root, credential, "password", credential.password)
        case SecretText():
            _add(root, credential, "secret", credential.secret)
        case SshKey():
            _add_key(root, credential)
        case SecretFile():
            _add(root, credential, "fileName", credential.file_name)
            _add(root, credential, "secretBytes", base64.b64encode(credential.content).decode())
    # A parser makes a newline of a bare carriage return.
    return ET.tostring(root, encoding="unicode").replace("\r", "&#13;")


def _add_key(root: ET.Element, credential: SshKey) -> None:
    _add(root, credential, "username", credential.username)
    if credential.passphrase:
        _add(root, credential, "passphrase", credential.passphrase)
    source = ET.SubElement(root, "privateKeySource", {"class": f"{_SSH}$DirectEntryPrivateKeySource"})
    key = credential.private_key.replace("\r\n", "\n").strip("\n")
    _add(source, credential, "privateKey", f"{key}\n")  # OpenSSH takes no key without its last newline


def _add(parent: ET.Element, credential: Credential, tag: str, text: str) -> None:
    if _NOT_IN_XML.search(text):
        message = f"the {tag} of the credential {credential.credential_id!r} holds a control character"
        raise ConfigInvalid(message, hint="XML cannot carry it: put such a secret into a file credential")
    ET.SubElement(parent, tag).text = text
