"""The options that a run of a pipeline takes, be it started by hand or by a push."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from cictl.commands.options import Function


def credential_option(metavar: str, told: str) -> Callable[[Function], Function]:
    """Return what adds `--credential`, which may be repeated; TOLD is its help."""
    return click.option("--credential", "credentials", multiple=True, metavar=metavar, help=told)


def library_option(told: str) -> Callable[[Function], Function]:
    """Return what adds `--library`, which may be repeated; TOLD is its help."""
    return click.option("--library", "libraries", multiple=True, metavar="NAME=PATH", help=told)
