"""Builds what looks at and writes the jobs of a live Jenkins: the connection, the lock, the records, plans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cictl.clients.jenkins_inventory import JenkinsInventory
from cictl.clients.jenkins_jobs import JenkinsJobs
from cictl.clients.this_process import ThisProcess
from cictl.core.bootstrap_folders import OWNER as BOOTSTRAP
from cictl.core.job_keeping import OWNER as ITSELF
from cictl.core.job_keeping import own_names
from cictl.errors import FarSideFailed
from cictl.services.jobs_apply import JobsApplying
from cictl.services.jobs_lock import JobsLock
from cictl.services.jobs_plan import JobsPlanning
from cictl.services.jobs_records import JobRecords
from cictl.wiring.jenkins import jenkins_connection

if TYPE_CHECKING:
    from cictl.clients.jenkins_connection import JenkinsConnection
    from cictl.wiring.app import App
    from cictl.wiring.jobs import JobSource

FELLOWS = (BOOTSTRAP, ITSELF)
_NAMELESS = "cictl"


@dataclass(frozen=True)
class LiveJobs:
    """The jobs of one Jenkins, as one owner's commands see them."""

    app: App
    connection: JenkinsConnection
    owner: str
    folder: str
    take_over: bool = False

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
        return own_names(self.folder, self.inventory.inside(f"{self.folder}/admin".strip("/")))

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
        )

    def _now(self) -> float:
        """Return Jenkins' time; ours where a proxy takes it away, as it does for all others who write."""
        try:
            return self.connection.now()
        except FarSideFailed:
            return self.app.clock.wall()

    def planning(self) -> JobsPlanning:
        """Return what plans."""
        return JobsPlanning(self.items, self.inventory, self.records, self.owner, self.folder, FELLOWS)

    def applying(self) -> JobsApplying:
        """Return what applies plans."""
        return JobsApplying(
            self.items, self.records, self.lock.held, self.app.clock, self.owner, self.folder, self.app.output.progress
        )


@contextmanager
def live_jobs(app: App, source: JobSource, *, owner: str | None = None, take_over: bool = False) -> Iterator[LiveJobs]:
    """Yield the jobs of the configured Jenkins as OWNER, by default whose SOURCE is, sees them."""
    connection = jenkins_connection(app)
    try:
        yield LiveJobs(app, connection, owner or job_owner(app, source), jobs_folder(app), take_over)
    finally:
        connection.close()


def jobs_folder(app: App) -> str:
    """Return the team's folder; "" is the top, as where there is no cictl.yaml."""
    config = app.find_config()
    section = config.model.jenkins if config else None
    return section.folder.strip("/") if section else ""


def is_mark_common(app: App, source: JobSource) -> bool:
    """Whether another repository's tree would bear the same mark: only its folder's name tells it from others."""
    return bool(source.paths) and not jobs_folder(app)


def job_owner(app: App, source: JobSource) -> str:
    """Return who owns the jobs of SOURCE: the team's folder; another tree beside it is another owner, by its name."""
    team = jobs_folder(app) or _NAMELESS
    names = [path.resolve().name for path in source.paths]
    return f"{team}: {' '.join(names)}" if names else team
