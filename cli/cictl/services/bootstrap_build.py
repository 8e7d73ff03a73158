"""Runs one build to its end, from the queue on, and hands its log on as it comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cictl.core.jenkins_builds import Build, BuildableJob
from cictl.errors import FarSideFailed
from cictl.services.build_following import BuildFollowing


class Builds(Protocol):
    """What starts builds."""

    def job(self, full_name: str) -> BuildableJob:
        """Return what the job asks for."""

    def start(self, job: BuildableJob, parameters: Mapping[str, str]) -> int | None:
        """Queue a build, and return the queue item's id."""


@dataclass(frozen=True, slots=True)
class OneBuild:
    """Builds a job without parameters once, within TIMEOUT_SECONDS."""

    builds: Builds
    following: BuildFollowing
    timeout_seconds: float

    def run(self, full_name: str) -> Build:
        """Return the build of the job once it has ended."""
        deadline = self.following.clock.monotonic() + self.timeout_seconds
        queue_id = self.builds.start(self.builds.job(full_name), {})
        if queue_id is None:
            raise FarSideFailed(f"{full_name} is not built but indexed", hint="rename it in Jenkins")
        build = self.following.until_started(full_name, queue_id, deadline=deadline)
        return self.following.until_ended(build, deadline=deadline)
