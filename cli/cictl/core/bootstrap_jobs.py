"""What the plan of the jobs means for bootstrap: one step for all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cictl.core.bootstrap_plan import Part, Standing, Step, refused
from cictl.errors import ExitCode

SUBJECT = "jobs and views"
_STUCK_TODO = "see 'cictl jobs plan': they are refused, were changed in Jenkins, or are not cictl's"


@dataclass(frozen=True, slots=True)
class JobsSeen:
    """How many jobs and views would be created, updated or left; STUCK names those that a person must look at.

    LOCK_LEFT: the lock of a run that is over is still there.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    stuck: tuple[str, ...] = ()
    lock_left: bool = False


@dataclass(frozen=True, slots=True)
class JobsDone:
    """How many were written, and which were not, with the reason.

    WANTED_RIGHTS says what to have granted, where rights are missing and nothing else is in the way.
    """

    created: int = 0
    updated: int = 0
    failed: tuple[str, ...] = ()
    wanted_rights: tuple[str, ...] = ()


def jobs_step(seen: JobsSeen) -> Step:
    """Return what becomes of the jobs; what people changed in Jenkins is left to 'cictl jobs'."""
    if seen.created or seen.updated:
        standing = Standing.CHANGED if seen.updated or seen.unchanged else Standing.CREATED
        words = f"create {seen.created}, update {seen.updated}, leave {seen.unchanged}{_and_stuck(seen.stuck)}"
        return Step(Part.JOBS, SUBJECT, standing, words, _STUCK_TODO if seen.stuck else "", lines=seen.stuck)
    if seen.stuck:
        return _refused(f"{len(seen.stuck)} are not as Git says", _STUCK_TODO, seen.stuck, ExitCode.CONFLICT)
    detail = f"all {seen.unchanged} are as Git says"
    if seen.lock_left:
        return Step(Part.JOBS, SUBJECT, Standing.CHANGED, f"{detail}; the lock that an earlier run left goes")
    return Step(Part.JOBS, SUBJECT, Standing.UNCHANGED, detail)


def jobs_result(step: Step, done: JobsDone) -> Step:
    """Return how STEP, whose lines are what a person must look at, stands after DONE."""
    words = f"{done.created} created, {done.updated} updated"
    if done.wanted_rights:
        todo = f"{'; '.join(dict.fromkeys(done.wanted_rights))}; then run this again"
        why = f"{words}, {len(done.failed)} failed for lack of rights"
        return _refused(why, todo, done.failed, ExitCode.NOT_ALLOWED)
    if done.failed:
        todo = "see 'cictl jobs plan'; a run again goes on where this one stopped"
        return _refused(f"{words}, {len(done.failed)} failed", todo, done.failed, ExitCode.FAR_SIDE_FAILED)
    if step.lines:
        return _refused(f"{words}{_and_stuck(step.lines)}", _STUCK_TODO, step.lines, ExitCode.CONFLICT)
    return Step(step.part, step.subject, step.standing, words, step.todo)


def _and_stuck(stuck: tuple[str, ...]) -> str:
    return f"; {len(stuck)} are not as Git says" if stuck else ""


def _refused(why: str, todo: str, lines: tuple[str, ...], exit_code: ExitCode) -> Step:
    return replace(refused(Part.JOBS, SUBJECT, why, todo, exit_code=exit_code), lines=lines)
