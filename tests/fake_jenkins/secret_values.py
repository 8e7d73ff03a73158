"""Secrets as Jenkins keeps them: encrypted with this server's key; another server's value is literal text."""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b64decode, b64encode

from tests.fake_jenkins.xml_tree import Node

_KEY = b"the key of a fake"
_BLOCK = 16
_LENGTH_BYTES = 4
_HEADER = b"\x01" + _BLOCK.to_bytes(_LENGTH_BYTES)
ENCRYPTED = re.compile(r"\{[A-Za-z0-9+/]+={0,2}\}")
REDACTED = "********"
# Fields that hold a secret, by the end of the class' name.
SECRET_FIELDS = {
    "UsernamePasswordCredentialsImpl": ("password",),
    "StringCredentialsImpl": ("secret",),
    "FileCredentialsImpl": ("secretBytes",),
    "BasicSSHUserPrivateKey": ("passphrase",),
    "DirectEntryPrivateKeySource": ("privateKey",),
}


def encrypt(text: str) -> str:
    """Return what Jenkins writes of a secret: another value each time."""
    iv = secrets.token_bytes(_BLOCK)
    data = text.encode()
    data = hashlib.sha256(data).digest()[:4] + data
    fill = _BLOCK - len(data) % _BLOCK
    data += bytes([fill]) * fill
    sealed = bytes(a ^ b for a, b in zip(data, _stream(iv, len(data)), strict=True))
    return "{" + b64encode(_HEADER + len(sealed).to_bytes(_LENGTH_BYTES) + iv + sealed).decode() + "}"


def decrypt(text: str) -> str | None:
    """Return the secret, or None for what this server didn't encrypt."""
    if not ENCRYPTED.fullmatch(text):
        return None
    raw = b64decode(text[1:-1] + "==")[len(_HEADER) + _LENGTH_BYTES :]
    iv, sealed = raw[:_BLOCK], raw[_BLOCK:]
    data = bytes(a ^ b for a, b in zip(sealed, _stream(iv, len(sealed)), strict=True))
    if not data or data[-1] > _BLOCK:
        return None
    check, plain = data[:4], data[4 : -data[-1]]
    return plain.decode() if hashlib.sha256(plain).digest()[:4] == check else None


def _stream(iv: bytes, length: int) -> bytes:
    blocks = range(length // 32 + 1)
    return b"".join(hashlib.sha256(_KEY + iv + bytes([at % 256])).digest() for at in blocks)[:length]


def secret_nodes(node: Node) -> list[Node]:
    """Return the nodes that hold a secret, at any depth."""
    fields = SECRET_FIELDS.get(node.class_name.rpartition(".")[2].rpartition("$")[2], ())
    found = [child for child in node.children if child.tag in fields]
    for child in node.children:
        found += secret_nodes(child)
    return found


def seal(root: Node) -> None:
    """Encrypt what is not encrypted yet, as a save does."""
    for node in secret_nodes(root):
        if node.text and decrypt(node.text) is None:
            node.text = encrypt(node.text)


def revealed(text: str) -> str:
    """Return what Jenkins takes a stored value for."""
    plain = decrypt(text)
    return text if plain is None else plain


def redact(xml: str) -> str:
    """Return a configuration as one with Extended Read alone is shown it."""
    return ENCRYPTED.sub(REDACTED, xml)
