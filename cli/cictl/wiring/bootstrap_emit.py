"""Writes what bootstrap would do as files for a controller that is built as an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from cictl.wiring.app import App


def emit(app: App, folder: Path) -> tuple[str, ...]:
    """Write plugins.txt and jenkins.yaml into FOLDER, and return their names."""
    raise NotImplementedError
