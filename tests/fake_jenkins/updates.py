"""What the update centre offers and does: a test says what it has, and what fails."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.fake_jenkins.exported import Plain, plain


@dataclass(slots=True)
class Installation:
    """One plugin on its way: Pending, Installing, then Success, SuccessButRequiresRestart or Failure."""

    number: int
    name: str
    version: str
    status: str = "Pending"
    dynamic: bool = True


@dataclass(slots=True)
class Updates:
    """`available` are names and versions, `needs` what comes with a plugin, `failing` what can't be had."""

    available: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)  # on offer once Jenkins has read its sites
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    restarting: set[str] = field(default_factory=set)  # take effect after a restart alone
    jobs: list[Installation] = field(default_factory=list)
    needs_restart: bool = False

    def read_sites(self) -> None:
        """Take up what the update sites offer."""
        self.available.update(self.unread)
        self.unread.clear()

    def install(self, name: str, *, dynamic: bool) -> None:
        """Begin an installation; what nobody offers is left out without a word."""
        if name not in self.available or any(job.name == name for job in self.jobs):
            return
        for each in self.needs.get(name, ()):
            self.install(each, dynamic=dynamic)
        self.jobs.append(Installation(len(self.jobs) + 1, name, self.available[name], dynamic=dynamic))

    def advance(self, plugins: dict[str, str]) -> None:
        """Go one step on with each installation."""
        for job in self.jobs:
            if job.status == "Pending":
                job.status = "Installing"
            elif job.status == "Installing":
                self._finish(job, plugins)

    def _finish(self, job: Installation, plugins: dict[str, str]) -> None:
        if job.name in self.failing:
            job.status = "Failure"
            return
        late = job.name in self.restarting or job.name in plugins or not job.dynamic
        job.status = "SuccessButRequiresRestart" if late else "Success"
        self.needs_restart |= late
        if not late:
            plugins[job.name] = job.version

    def restarted(self, plugins: dict[str, str]) -> None:
        """Take what waited for a restart."""
        for job in self.jobs:
            if job.status == "SuccessButRequiresRestart":
                plugins[job.name] = job.version
        self.jobs.clear()
        self.needs_restart = False

    def shown(self) -> list[Plain]:
        """Return the jobs as the API shows them (not recorded: UpdateCenter.InstallationJob)."""
        return [
            plain(
                "hudson.model.UpdateCenter$InstallationJob",
                errorMessage="failed to download" if job.status == "Failure" else None,
                id=job.number,
                type="InstallationJob",
                name=job.name,
                plugin=plain(name=job.name, version=job.version),
                status=plain(
                    f"hudson.model.UpdateCenter$DownloadJob${job.status}",
                    success=job.status.startswith("Success"),
                    type=job.status,
                ),
            )
            for job in self.jobs
        ]

    def offers_newer(self, name: str, version: str) -> bool:
        return name in self.available and self.is_older(version, self.available[name])

    @staticmethod
    def is_older(have: str, wanted: str) -> bool:
        """Compare versions by their numbers; "latest" is never newer."""
        return wanted != "latest" and _numbers(have) < _numbers(wanted)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"(?:^|[.-])(\d+)", version))
