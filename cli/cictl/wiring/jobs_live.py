"""Builds what looks at and writes the jobs of a live Jenkins: the connection, the lock, the records, plans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cictl.clients.git_origin import origin_of
from cictl.clients.jenkins_inventory import JenkinsInventory
from cictl.clients.jenkins_jobs import JenkinsJobs
from cictl.clients.this_process import ThisProcess
from cictl.core.bootstrap_folders import OWNER as BOOTSTRAP
from cictl.core.job_keeping import OWNER as ITSELF
from cictl.core.job_keeping import admin_folder, own_names
from cictl.core.job_marks import can_mark
from cictl.core.job_owner import Owner, TreePlace, owner_of_trees
from cictl.errors import FarSideFailed, UsageProblem
from cictl.services.jobs_apply import JobsApplying
from cictl.services.jobs_lock import JobsLock
from cictl.services.jobs_plan import JobsPlanning
from cictl.services.jobs_records import JobRecords
from cictl.wiring.jenkins import jenkins_connection

if TYPE_CHECKING:
    from pathlib import Path

    from cictl.clients.jenkins_connection import JenkinsConnection
    from cictl.config.models import Jenkins
    from cictl.wiring.app import App
    from cictl.wiring.jobs import JobSource

FELLOWS = (BOOTSTRAP, ITSELF)
_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class LiveJobs:
    """The jobs of one Jenkins, as one owner's commands see them."""

    app: App
    connection: JenkinsConnection
    owner: str
    folder: str
    take_over: bool = False
    formers: tuple[str, ...] = ()

    @cached_property
    def items(self) -> JenkinsJobs:
        """Jobs, folders and views."""
        return JenkinsJobs(self.connection)

    @cached_property
    def inventory(self) -> JenkinsInventory:
        """What is there, and whose."""
        return JenkinsInventory(self.connection)

    @cached_property
    def records(self) -> JobRecords:
        """What was last written."""
        return JobRecords(self.items, self.inventory, self.folder, self.app.output.progress)

    @property
    def own_names(self) -> tuple[str, ...]:
        """The jobs that are cictl's own: the lock, the records."""
        return own_names(self.folder, self.inventory.inside(admin_folder(self.folder)))

    @cached_property
    def lock(self) -> JobsLock:
        """What lets one run at a time write."""
        return JobsLock(
            self.items,
            self.folder,
            ThisProcess(),
            self._now,
            self.app.clock,
            tell=self.app.output.progress,
            take_over=self.take_over,
            patience_seconds=_PATIENCE_SECONDS,
        )

    def _now(self) -> float:
        """Return Jenkins' time; ours where a proxy takes it away, as it does for all others who write."""
        try:
            return self.connection.now()
        except FarSideFailed:
            return self.app.clock.wall()

    def planning(self) -> JobsPlanning:
        """Return what plans."""
        return JobsPlanning(self.items, self.inventory, self.records, self.owner, self.folder, FELLOWS, self.formers)

    def applying(self) -> JobsApplying:
        """Return what applies plans."""
        return JobsApplying(
            self.items, self.records, self.lock.held, self.app.clock, self.owner, self.folder, self.app.output.progress
        )


@contextmanager
def live_jobs(app: App, source: JobSource, *, owner: str | None = None, take_over: bool = False) -> Iterator[LiveJobs]:
    """Yield the jobs of the configured Jenkins as OWNER, by default whose SOURCE is, sees them."""
    default = tree_owner(app, source)
    if owner is not None and not can_mark(owner):
        raise UsageProblem(f"--owner {owner!r} cannot stand in a job's mark", hint="leave out <, > and double hyphens")
    formers = default.formers if owner in {None, default.name} else ()
    connection = jenkins_connection(app)
    try:
        yield LiveJobs(app, connection, owner or default.name, jobs_folder(app), take_over, formers)
    finally:
        connection.close()


def jobs_folder(app: App) -> str:
    """Return the team's folder; "" is the top, as where there is no cictl.yaml."""
    section = _jenkins_section(app)
    return section.folder.strip("/") if section else ""


def tree_owner(app: App, source: JobSource) -> Owner:
    """Return who owns the jobs of SOURCE: the team; another tree beside its own is another owner."""
    section = _jenkins_section(app)
    trees = [_place_of(path) for path in source.paths]
    return owner_of_trees(trees, owner=section.owner if section else "", folder=jobs_folder(app))


def _place_of(path: Path) -> TreePlace:
    origin = origin_of(path)
    name = path.resolve().name
    return TreePlace(name, origin.address, origin.below) if origin else TreePlace(name)


def _jenkins_section(app: App) -> Jenkins | None:
    config = app.find_config()
    return config.model.jenkins if config else None
