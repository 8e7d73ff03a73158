"""Where cictl keeps what is the user's own: state below XDG_STATE_HOME, what can be made again below XDG_CACHE_HOME."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def state_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder of tokens, backups and records, which need not exist; by default ~/.local/state/cictl."""
    return _folder(environ, "XDG_STATE_HOME", ".local/state")


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder of what may be deleted at any time, which need not exist; by default ~/.cache/cictl."""
    return _folder(environ, "XDG_CACHE_HOME", ".cache")


def _folder(environ: Mapping[str, str], variable: str, below_home: str) -> Path:
    base = environ.get(variable) or Path(environ.get("HOME") or Path.home()) / below_home
    return Path(base) / "cictl"
