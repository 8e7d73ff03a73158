"""What the command line says of a push hook, as it says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class TellingWishes:
    """Which Jenkins is told of pushes, of which repository, by which token."""

    service: str | None = None
    repo_url: str | None = None
    jenkins_url: str | None = None
    token_file: Path | None = None


@dataclass(frozen=True, slots=True)
class RunWishes:
    """What is run of pushes, with what, how long, and how much of it is kept."""

    jenkinsfile: str | None = None
    credentials: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    keep: int | None = None
    timeout_seconds: float | None = None
