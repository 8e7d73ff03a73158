"""The options that commands of `cictl jobs` share: which Job Builder tree is meant, whose jobs, and which of them."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

job_option = click.option("--job", "globs", multiple=True, metavar="GLOB", help="Only jobs and views that match.")
owner_option = click.option(
    "--owner",
    help="Whose mark the jobs bear.  [default: jenkins.owner or folder; with -r, the tree's repository besides]",
)
take_over_option = click.option("--take-over", is_flag=True, help="Break the lock of a run that died elsewhere.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def tree_options(function: Callable[..., object]) -> Callable[..., object]:
    """Add the options that say which Job Builder tree is meant, given to the command as `source`, a JobSource."""

    @functools.wraps(function)
    def with_source(
        *args: object,
        recursive: str | None,
        exclude: tuple[str, ...],
        ini: Path | None,
        plugins_info: Path | None,
        **others: object,
    ) -> object:
        from cictl.wiring.jobs import JobSource  # noqa: PLC0415 - not for --help

        return function(*args, source=JobSource(_paths(recursive), exclude, ini, plugins_info), **others)

    existing = click.Path(path_type=Path)
    command: Callable[..., object] = with_source
    for option in (
        click.option("--plugins-info", type=existing, help="Render for these plugin versions."),
        click.option("--ini", type=existing, help="Read this jenkins_jobs.ini.  [default: as Job Builder finds it]"),
        click.option("-x", "--exclude", multiple=True, help="Leave out folders that match this glob."),
        click.option("-r", "--recursive", metavar="PATH[:PATH]", help="Use this Job Builder tree instead of jobs/."),
    ):
        command = option(command)
    return command


def _paths(value: str | None) -> tuple[Path, ...]:
    """Return the paths in VALUE, which are separated as in PATH."""
    return tuple(Path(part) for part in (value or "").split(os.pathsep) if part)
