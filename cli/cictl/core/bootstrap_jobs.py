"""What the plan of the jobs means for bootstrap: one step for all of them."""

from __future__ import annotations

from dataclasses import dataclass

from cictl.core.bootstrap_plan import Part, Standing, Step, refused
from cictl.errors import ExitCode

SUBJECT = "jobs and views"


@dataclass(frozen=True, slots=True)
class JobsSeen:
    """How many jobs and views would be created, updated or left; STUCK names those that a person must look at."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    stuck: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JobsDone:
    """How many were written, and which were not, with the reason."""

    created: int = 0
    updated: int = 0
    failed: tuple[str, ...] = ()


def jobs_step(seen: JobsSeen) -> Step:
    """Return what becomes of the jobs; what people changed in Jenkins is left to 'cictl jobs'."""
    words = f"create {seen.created}, update {seen.updated}, leave {seen.unchanged}"
    todo = "see 'cictl jobs plan': they were changed in Jenkins, or are not cictl's" if seen.stuck else ""
    if seen.created or seen.updated:
        standing = Standing.CHANGED if seen.updated or seen.unchanged else Standing.CREATED
        return Step(Part.JOBS, SUBJECT, standing, words, todo, lines=seen.stuck)
    if seen.stuck:
        why = f"{len(seen.stuck)} are not as Git says"
        step = refused(Part.JOBS, SUBJECT, why, todo, exit_code=ExitCode.CONFLICT)
        return Step(step.part, step.subject, step.standing, step.detail, todo, seen.stuck, step.exit_code)
    return Step(Part.JOBS, SUBJECT, Standing.UNCHANGED, f"all {seen.unchanged} are as Git says")


def jobs_result(step: Step, done: JobsDone) -> Step:
    """Return how STEP stands after DONE."""
    words = f"{done.created} created, {done.updated} updated"
    if done.failed:
        todo = "see 'cictl jobs plan'; a run again goes on where this one stopped"
        return Step(
            step.part,
            step.subject,
            Standing.REFUSED,
            f"{words}, {len(done.failed)} failed",
            todo,
            done.failed,
            ExitCode.FAR_SIDE_FAILED,
        )
    return Step(step.part, step.subject, step.standing, words, step.todo, step.lines)
