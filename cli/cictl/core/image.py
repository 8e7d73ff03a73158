"""Image references as registries read them; resolves nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

DOCKER_HUB = "docker.io"
_HUB_ALIAS = "index.docker.io"
_HUB_OFFICIAL = "library/"
DEFAULT_TAG = "latest"
LONGEST_NAME = 255

_HOST_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = re.compile(rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?", re.ASCII)
_PATH_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PATH_PART}(?:/{_PATH_PART})*", re.ASCII)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ImageReference:
    """`repository` is complete, as in localhost:5000/shop/checkout or docker.io/library/python."""

    repository: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        """Return what `parse_reference` reads back."""
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"

    @property
    def registry(self) -> str:
        """The registry's host, with its port."""
        return self.repository.partition("/")[0]

    @property
    def path(self) -> str:
        """The repository's name within its registry."""
        return self.repository.partition("/")[2]

    @property
    def pinned(self) -> str:
        """repository@digest: what never changes, and what is deployed."""
        if self.digest is None:
            message = f"{self} has no digest yet"
            raise ValueError(message)
        return f"{self.repository}@{self.digest}"

    @property
    def wanted(self) -> str:
        """What a registry is asked for: the digest, else the tag, else `latest`."""
        return self.digest or self.tag or DEFAULT_TAG

    def with_digest(self, digest: str) -> ImageReference:
        """Return this reference, pinned to DIGEST."""
        return replace(self, digest=digest)


def parse_reference(text: str) -> ImageReference:
    """Return the reference that TEXT means, its registry spelled out; ValueError says what is wrong with it."""
    name, _, digest = text.partition("@")
    head, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        head, tag = name, ""
    problem = _problem_of_ends(text, has_tag=head != name, tag=tag, digest=digest)
    if problem:
        raise ValueError(problem)
    return ImageReference(_full_repository(head, text), tag or None, digest or None)


def is_digest(text: str) -> bool:
    """Whether TEXT is a digest of a kind that registries keep."""
    return _DIGEST.fullmatch(text) is not None


def is_tag(text: str) -> bool:
    """Whether TEXT may be a tag."""
    return _TAG.fullmatch(text) is not None


def _problem_of_ends(text: str, *, has_tag: bool, tag: str, digest: str) -> str | None:
    if ("@" in text) and not is_digest(digest):
        return f"{digest!r} in {text!r} is not a digest, as in sha256: and 64 digits of 0-9 and a-f"
    if has_tag and not is_tag(tag):
        return f"{tag!r} in {text!r} is not a tag: letters, digits, '_', '.' and '-', at most 128"
    return None


def _full_repository(name: str, text: str) -> str:
    first, slash, rest = name.partition("/")
    if slash and (first == "localhost" or any(sign in first for sign in ".:") or first != first.lower()):
        host, path = first, rest
    else:
        host, path = DOCKER_HUB, name
    if host in {DOCKER_HUB, _HUB_ALIAS}:
        host, path = DOCKER_HUB, path if "/" in path else f"{_HUB_OFFICIAL}{path}"
    if not _HOST.fullmatch(host):
        message = f"{host!r} in {text!r} is not the host of a registry"
        raise ValueError(message)
    if not _PATH.fullmatch(path) or len(host) + 1 + len(path) > LONGEST_NAME:
        message = f"{path!r} in {text!r} is not the name of a repository: small letters, digits, and '.', '_', '-', '/'"
        raise ValueError(message)
    return f"{host}/{path}"
