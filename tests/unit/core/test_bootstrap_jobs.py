from __future__ import annotations

import pytest

from cictl.core.bootstrap_jobs import JobsDone, JobsSeen, jobs_result, jobs_step
from cictl.core.bootstrap_plan import Standing
from cictl.errors import ExitCode

STUCK = ("shop/ci/a: drifted, somebody changed it",)


@pytest.mark.parametrize(
    ("seen", "standing", "detail", "exit_code"),
    [
        pytest.param(JobsSeen(7), Standing.CREATED, "create 7, update 0, leave 0", ExitCode.OK, id="new"),
        pytest.param(JobsSeen(1, 2, 3), Standing.CHANGED, "create 1, update 2, leave 3", ExitCode.OK, id="some"),
        pytest.param(JobsSeen(0, 0, 10), Standing.UNCHANGED, "all 10 are as Git says", ExitCode.OK, id="none"),
        pytest.param(
            JobsSeen(0, 0, 10, lock_left=True),
            Standing.CHANGED,
            "all 10 are as Git says; the lock that an earlier run left goes",
            ExitCode.OK,
            id="a-lock-alone",
        ),
        pytest.param(
            JobsSeen(2, 0, 3, STUCK),
            Standing.CHANGED,
            "create 2, update 0, leave 3; 1 are not as Git says",
            ExitCode.OK,
            id="some-and-stuck",
        ),
        pytest.param(
            JobsSeen(0, 0, 3, STUCK), Standing.REFUSED, "1 are not as Git says", ExitCode.CONFLICT, id="all-stuck"
        ),
    ],
)
def test_what_is_planned(seen: JobsSeen, standing: Standing, detail: str, exit_code: ExitCode) -> None:
    step = jobs_step(seen)
    assert (step.standing, step.detail, step.exit_code, step.lines) == (standing, detail, exit_code, seen.stuck)
    assert bool(step.todo) == bool(seen.stuck)


@pytest.mark.parametrize(
    ("seen", "done", "standing", "detail", "exit_code"),
    [
        pytest.param(JobsSeen(7), JobsDone(7), Standing.CREATED, "7 created, 0 updated", ExitCode.OK, id="done"),
        pytest.param(
            JobsSeen(2, 0, 0, STUCK),
            JobsDone(2),
            Standing.REFUSED,
            "2 created, 0 updated; 1 are not as Git says",
            ExitCode.CONFLICT,
            id="what-was-stuck-is-so-after-all",
        ),
        pytest.param(
            JobsSeen(2, 0, 0, STUCK),
            JobsDone(1, 0, ("shop/ci/b failed",)),
            Standing.REFUSED,
            "1 created, 0 updated, 1 failed",
            ExitCode.FAR_SIDE_FAILED,
            id="failed",
        ),
        pytest.param(
            JobsSeen(2),
            JobsDone(1, 0, ("shop/staging failed",), ("have View/Create granted",)),
            Standing.REFUSED,
            "1 created, 0 updated, 1 failed for lack of rights",
            ExitCode.NOT_ALLOWED,
            id="a-right-is-missing",
        ),
    ],
)
def test_what_came_of_it(seen: JobsSeen, done: JobsDone, standing: Standing, detail: str, exit_code: ExitCode) -> None:
    step = jobs_result(jobs_step(seen), done)
    assert (step.standing, step.detail, step.exit_code) == (standing, detail, exit_code)
    assert step.lines == (done.failed or seen.stuck)
