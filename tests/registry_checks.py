"""What any registry must do with our client: held to a stand-in in tests/contract, and to the real one in tests/e2e."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cictl.clients.oci_registry import OciRegistry
from cictl.core.image import ImageReference
from cictl.errors import NotFound

Check = Callable[[OciRegistry, ImageReference], None]


def tag_names_the_digest(client: OciRegistry, known: ImageReference) -> None:
    assert client.digest(replace(known, digest=None)) == known.digest


def digest_names_itself(client: OciRegistry, known: ImageReference) -> None:
    assert client.digest(replace(known, tag=None)) == known.digest


def digest_wins_over_the_tag(client: OciRegistry, known: ImageReference) -> None:
    assert client.digest(replace(known, tag="never-pushed")) == known.digest


def unknown_tag_is_not_found(client: OciRegistry, known: ImageReference) -> None:
    _is_not_found(client, ImageReference(known.repository, "never-pushed"))


def unknown_digest_is_not_found(client: OciRegistry, known: ImageReference) -> None:
    _is_not_found(client, ImageReference(known.repository, digest=f"sha256:{'0' * 64}"))


def unknown_repository_is_not_found(client: OciRegistry, known: ImageReference) -> None:
    _is_not_found(client, ImageReference(f"{known.registry}/never/pushed", "1"))


def _is_not_found(client: OciRegistry, reference: ImageReference) -> None:
    with pytest.raises(NotFound) as caught:
        client.digest(reference)
    assert str(reference) in caught.value.message
    assert caught.value.hint


CHECKS: tuple[Check, ...] = (
    tag_names_the_digest,
    digest_names_itself,
    digest_wins_over_the_tag,
    unknown_tag_is_not_found,
    unknown_digest_is_not_found,
    unknown_repository_is_not_found,
)
