"""Which services of a repository a change concerns; reads no repository."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServicePaths:
    """A service with the folders and files that it is made of, from the repository's root on; "" is all of it."""

    name: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Concerned:
    """A service that a change concerns, with the first file that says so; None where all count as changed."""

    service: str
    because: str | None = None


def concerned_services(changed: Sequence[str] | None, services: Iterable[ServicePaths]) -> tuple[Concerned, ...]:
    """Return the services that a file of CHANGED belongs to; all of them where CHANGED is None, not known."""
    if changed is None:
        return tuple(Concerned(service.name) for service in services)
    found = ((service, _first_within(changed, service.paths)) for service in services)
    return tuple(Concerned(service.name, because) for service, because in found if because is not None)


def _first_within(changed: Sequence[str], paths: tuple[str, ...]) -> str | None:
    return next((file for file in changed if any(_is_within(file, path) for path in paths)), None)


def _is_within(file: str, path: str) -> bool:
    return path in {"", ".", file} or file.startswith(f"{path}/")
