"""Builds what renders jobs: the platform's own tree with the data of cictl.yaml, or any other Job Builder tree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.job_builder import JobBuilder, JobTree
from cictl.clients.job_builder_plugins import PLUGINS_FILE
from cictl.clients.job_folder import write_jobs
from cictl.errors import NotFound

__all__ = ["JobSource", "job_tree", "rendered_jobs", "write_jobs"]

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.core.rendered_job import RenderedJob
    from cictl.wiring.app import App


@dataclass(frozen=True, slots=True)
class JobSource:
    """Which tree a command works on; PATHS empty is the platform's own `jobs/`."""

    paths: tuple[Path, ...] = ()
    excludes: tuple[str, ...] = ()
    ini: Path | None = None
    plugins: Path | None = None


def rendered_jobs(app: App, source: JobSource, globs: Sequence[str] = ()) -> tuple[RenderedJob, ...]:
    """Return the jobs and views of SOURCE whose full names match one of GLOBS (all if none is given)."""
    return JobBuilder(app.environ).render(job_tree(app, source), globs)


def job_tree(app: App, source: JobSource) -> JobTree:  # noqa: ARG001
    """Return SOURCE as the client takes it."""
    _require(source.paths)
    plugins = source.plugins or next((file for path in source.paths if (file := path / PLUGINS_FILE).is_file()), None)
    return JobTree(source.paths, excludes=source.excludes, ini=source.ini, plugins=plugins)


def _require(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise NotFound(f"there is no {path}", hint="name a folder or file of Job Builder YAML")
