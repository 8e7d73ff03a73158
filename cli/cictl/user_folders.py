"""Where cictl keeps what is the user's own: state below XDG_STATE_HOME, what can be made again below XDG_CACHE_HOME."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def state_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder of tokens, backups and records, which need not exist; by default ~/.local/state/cictl."""
    from pathlib import Path  # noqa: PLC0415 - who starts needs none

    return Path(_folder(environ, "XDG_STATE_HOME", ".local/state"))


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder of what may be deleted at any time, which need not exist; by default ~/.cache/cictl."""
    from pathlib import Path  # noqa: PLC0415 - as above

    return Path(cache_place(environ))


def cache_place(environ: Mapping[str, str]) -> str:
    """Return the path of `cache_folder`, quickly."""
    return _folder(environ, "XDG_CACHE_HOME", ".cache")


def _folder(environ: Mapping[str, str], variable: str, below_home: str) -> str:
    home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 - quick
    return os.path.join(environ.get(variable) or os.path.join(home, below_home), "cictl")  # noqa: PTH118 - quick
