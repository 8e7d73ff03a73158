"""The options that commands of `cictl jobs` share: which Job Builder tree is meant, whose jobs, and which of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.options import gathered, together

if TYPE_CHECKING:
    from cictl.wiring.jobs import JobSource

_EXISTING = click.Path(path_type=Path)
backup_option = click.option(
    "--backup-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder of backups.  [default: XDG_STATE_HOME/cictl/backups]",
)
job_option = click.option("--job", "globs", multiple=True, metavar="GLOB", help="Only jobs and views that match.")
take_over_option = click.option("--take-over", is_flag=True, help="Break the lock of a run that died elsewhere.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which jobs a command is about: those of SOURCE that match one of GLOBS (all without one), as OWNER's."""

    source: JobSource
    globs: tuple[str, ...] = ()
    owner: str | None = None


def _source(recursive: str | None, exclude: tuple[str, ...], ini: Path | None, plugins_info: Path | None) -> JobSource:
    from cictl.wiring.jobs import JobSource  # noqa: PLC0415 - not for --help

    return JobSource(_paths(recursive), exclude, ini, plugins_info)


def _paths(value: str | None) -> tuple[Path, ...]:
    """Return the paths in VALUE, which are separated as in PATH."""
    return tuple(Path(part) for part in (value or "").split(os.pathsep) if part)


tree_options = together(  # the command gets them as `source`, a JobSource
    click.option("-r", "--recursive", metavar="PATH[:PATH]", help="Use this Job Builder tree instead of jobs/."),
    click.option("-x", "--exclude", multiple=True, help="Leave out folders that match this glob."),
    click.option("--ini", type=_EXISTING, help="Read this jenkins_jobs.ini.  [default: as Job Builder finds it]"),
    click.option("--plugins-info", type=_EXISTING, help="Render for these plugin versions."),
    gathered("source", _source),
)
chosen_options = together(  # the command gets them as `chosen`, a Chosen
    tree_options,
    job_option,
    click.option(
        "--owner",
        help="Whose mark the jobs bear.  [default: jenkins.owner or folder; with -r, the tree's repository besides]",
    ),
    gathered("chosen", Chosen),
)
