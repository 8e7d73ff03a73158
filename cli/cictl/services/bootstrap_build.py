"""Runs one build to its end, from the queue on, and hands its log on as it comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cictl.core.jenkins_builds import Build
from cictl.services.build_following import BuildFollowing


class Desk(Protocol):
    """What starts builds, each once, whatever becomes of the answer."""

    def start(self, full_name: str, given: Mapping[str, str]) -> int:
        """Queue a build, and return the queue item's id."""


@dataclass(frozen=True, slots=True)
class OneBuild:
    """Builds a job without parameters once, within TIMEOUT_SECONDS."""

    desk: Desk
    following: BuildFollowing
    timeout_seconds: float

    def run(self, full_name: str) -> Build:
        """Return the build of the job once it has ended."""
        deadline = self.following.clock.monotonic() + self.timeout_seconds
        queue_id = self.desk.start(full_name, {})
        build = self.following.until_started(full_name, queue_id, deadline=deadline)
        return self.following.until_ended(build, deadline=deadline)
