"""Plugins as Jenkins lists, offers and installs them; frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """A plugin that is there; one that is not active waits for a restart, or failed to load."""

    name: str
    version: str
    is_active: bool
    is_enabled: bool
    title: str = ""


@dataclass(frozen=True, slots=True)
class OfferedPlugin:
    """What the update centre would install; `needs` are (name, least version) of what comes with it."""

    name: str
    version: str
    needs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MissingPlugin:
    """What `prevalidateConfig` says of a plugin; `problem` is Jenkins' own word, as missing."""

    name: str
    version: str
    problem: str


@dataclass(frozen=True, slots=True)
class InstallJob:
    """What the update centre does, or did: `state` is Jenkins' word, as Pending, Success or Failure."""

    plugin: str
    state: str
    error: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state not in {"", "Pending", "Installing", "Running"}

    @property
    def is_failed(self) -> bool:
        """Whether it came to nothing."""
        return self.state == "Failure" or bool(self.error)


@dataclass(frozen=True, slots=True)
class UpdateCentre:
    """What runs there, and whether a restart is needed for it."""

    jobs: tuple[InstallJob, ...]
    is_restart_needed: bool


class PushTokenState(StrEnum):
    """What Jenkins says of a token for notifyCommit; UNKNOWN where the git plugin does not answer."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
