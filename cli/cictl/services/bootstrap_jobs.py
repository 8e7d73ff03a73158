"""Part six: jobs and views, planned and applied as `cictl jobs` does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cictl.core.bootstrap_jobs import JobsDone, JobsSeen, jobs_result, jobs_step
from cictl.core.bootstrap_plan import Part, Step


class Jobs(Protocol):
    """The platform's jobs, as Git says them and as Jenkins has them."""

    def look(self) -> JobsSeen:
        """Plan them all; nothing is changed."""

    def apply(self) -> JobsDone:
        """Plan them anew, and write what is to be created or updated."""


@dataclass(frozen=True, slots=True)
class JobsAndViews:
    """The part."""

    jobs: Jobs
    part = Part.JOBS

    def plan(self) -> tuple[Step, ...]:
        """Look what the plan of the jobs says."""
        return (jobs_step(self.jobs.look()),)

    def apply(self, step: Step) -> Step:
        """Apply that plan, made anew."""
        return jobs_result(step, self.jobs.apply())
