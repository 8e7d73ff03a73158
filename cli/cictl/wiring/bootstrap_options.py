"""What the command line says of bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from cictl.core.bootstrap_plan import Part


@dataclass(frozen=True, slots=True)
class BootstrapOptions:
    """What the command line says; ONLY empty is all parts."""

    only: tuple[Part, ...] = ()
    is_check: bool = False
    rotate: tuple[str, ...] = ()
    may_install_plugins: bool = False
    may_restart: bool = False
    stops_controller_builds: bool = False
    agent_wait_seconds: float = 0.0
    initial_password_file: Path | None = None
    admin_user: str | None = None
    admin_password_file: Path | None = None
    timeout_seconds: float = 300.0
