"""The options by which each command of `cictl jobs` is told which Job Builder tree is meant."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., object]")


def tree_options(function: _F) -> _F:
    """Add the options that say which Job Builder tree is meant: `recursive`, `exclude`, `ini` and `plugins_info`."""
    existing = click.Path(path_type=Path)
    for option in (
        click.option("--plugins-info", type=existing, help="Render for these plugin versions."),
        click.option("--ini", type=existing, help="Read this jenkins_jobs.ini.  [default: as Job Builder finds it]"),
        click.option("-x", "--exclude", multiple=True, help="Leave out folders that match this glob."),
        click.option("-r", "--recursive", metavar="PATH[:PATH]", help="Use this Job Builder tree instead of jobs/."),
    ):
        function = option(function)
    return function


def split_paths(value: str | None) -> tuple[Path, ...]:
    """Return the paths in VALUE, which are separated as in PATH."""
    return tuple(Path(part) for part in (value or "").split(os.pathsep) if part)
