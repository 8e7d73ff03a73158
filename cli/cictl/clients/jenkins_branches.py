"""Multibranch projects of one Jenkins: which branches they know, their builds, and a scan; it configures nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cictl.clients.jenkins_builds import BUILD_TREE, build_of
from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.clients.jenkins_documents import understood
from cictl.clients.jenkins_errors import ServerFailed, explained
from cictl.clients.jenkins_jobs import item_path
from cictl.clients.jenkins_logs import read_growing
from cictl.core.jenkins_builds import Branch, Build, LogPosition

_BRANCH_TREE = "jobs[name,displayName,buildable]"


class JenkinsBranches:
    """The branches that the connection's user may see."""

    def __init__(self, connection: JenkinsConnection) -> None:
        """Use CONNECTION for every request."""
        self._connection = connection

    @understood
    def branches(self, full_name: str) -> tuple[Branch, ...]:
        """Return what the multibranch project FULL_NAME made of its repository's branches and pull requests."""
        return tuple(_branch(full_name, job) for job in self._jobs(full_name, _BRANCH_TREE))

    @understood
    def builds_of_branches(self, full_name: str, *, limit: int = 20) -> tuple[Build, ...]:
        """Return the LIMIT newest builds of all branches, the newest first."""
        tree = f"jobs[name,builds[{BUILD_TREE}]{{0,{limit}}}]"
        builds = [
            build_of(f"{full_name}/{job['name']}", entry)
            for job in self._jobs(full_name, tree)
            for entry in job.get("builds") or ()
        ]
        return tuple(sorted(builds, key=lambda build: build.started_at, reverse=True)[:limit])

    def scan(self, full_name: str) -> None:
        """Let the project look at its repository anew; Jenkins does so later, one scan at a time."""
        try:
            self._connection.post(f"{item_path(full_name)}/build", {"delay": "0"})
        except ServerFailed as error:
            raise explained(error, hint=f"is {full_name} disabled? a disabled project is not scanned") from error

    def read_scan_log(self, full_name: str, start: int, sink: Callable[[bytes], None]) -> LogPosition:
        """Give SINK what the log of the last scan has from START on, and return where to go on."""
        return read_growing(self._connection, f"{item_path(full_name)}/indexing", start, sink)

    def _jobs(self, full_name: str, tree: str) -> list[Mapping[str, Any]]:
        document = self._connection.get_json(f"{item_path(full_name)}/api/json", {"tree": tree})
        return [job for job in document.get("jobs") or () if isinstance(job, dict) and "name" in job]


def _branch(full_name: str, job: Mapping[str, Any]) -> Branch:
    name = str(job["name"])
    return Branch(f"{full_name}/{name}", name, str(job.get("displayName") or name), job.get("buildable") is not False)
