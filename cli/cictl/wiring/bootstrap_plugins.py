"""Finds and reads the platform's list of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.core.bootstrap_plugins import WantedPlugin, parse_plugins
from cictl.errors import ConfigInvalid

if TYPE_CHECKING:
    from pathlib import Path

    from cictl.config.platform import Config

PLUGINS_FILE = "plugins.txt"


def plugins_path(config: Config) -> Path:
    """Return where the list is."""
    return config.root / "jobs" / PLUGINS_FILE


def missing_list(config: Config) -> str:
    """Return where the list should be, as people call it; "" where it is."""
    path = plugins_path(config)
    return "" if path.exists() else str(path.relative_to(config.root))


def wanted_plugins(config: Config) -> tuple[WantedPlugin, ...]:
    """Return what the list names; none where there is no list."""
    path = plugins_path(config)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise ConfigInvalid(f"{path} cannot be read: {reason}", hint="check its mode, and save it as UTF-8") from error
    return parse_plugins(text, where=str(path))
