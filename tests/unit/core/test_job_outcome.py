"""What a run comes to: its exit status, the order of its stages, what is skipped."""

from __future__ import annotations

import pytest

from cictl.core.job_outcome import Outcome, Result, counted, exit_code_of, failure, missing_folder, stages_of
from cictl.core.job_plan import Action, ItemKey, JobPlan
from cictl.errors import AnswerLost, CictlError, Conflict, ExitCode, NotAllowed, TimedOut, Unreachable

A, AB, ABC, VIEW = ItemKey("a"), ItemKey("a/b"), ItemKey("a/b/c"), ItemKey("v", is_view=True)


@pytest.mark.parametrize(
    ("results", "code"),
    [
        pytest.param([Result.UNCHANGED, Result.GONE], ExitCode.OK, id="somebody-else-did-it"),
        pytest.param([], ExitCode.OK, id="nothing"),
        pytest.param([Result.CREATED, Result.UPDATED, Result.UNCHANGED, Result.LEFT], ExitCode.OK, id="well"),
        pytest.param([Result.CREATED, Result.CONFLICT], ExitCode.CONFLICT, id="something-moved"),
        pytest.param([Result.CONFLICT, Result.FAILED], ExitCode.FAR_SIDE_FAILED, id="failed"),
        pytest.param([Result.SKIPPED], ExitCode.FAR_SIDE_FAILED, id="skipped"),
    ],
)
def test_exit_code(results: list[Result], code: ExitCode) -> None:
    assert exit_code_of(Outcome(A, each) for each in results) is code


def _away(result: Result) -> Outcome:
    return Outcome(A, result, is_away=True)


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        pytest.param([_away(Result.UNKNOWN)], ExitCode.UNREACHABLE, id="nobody-knows"),
        pytest.param([_away(Result.SKIPPED), Outcome(A, Result.CONFLICT)], ExitCode.UNREACHABLE, id="not-tried"),
        pytest.param([_away(Result.UNKNOWN), Outcome(A, Result.FAILED)], ExitCode.FAR_SIDE_FAILED, id="failed-too"),
        pytest.param([Outcome(A, Result.CONFLICT), Outcome(AB, Result.SKIPPED)], ExitCode.CONFLICT, id="its-folder"),
    ],
)
def test_exit_code_of_a_jenkins_that_goes_away(outcomes: list[Outcome], code: ExitCode) -> None:
    assert exit_code_of(outcomes) is code


@pytest.mark.parametrize(
    ("error", "is_sent", "result"),
    [
        pytest.param(Unreachable("x"), False, Result.SKIPPED, id="away"),
        pytest.param(AnswerLost("x"), True, Result.UNKNOWN, id="away-after-it-was-sent"),
        pytest.param(TimedOut("x"), True, Result.UNKNOWN, id="slow"),
        pytest.param(Conflict("x"), False, Result.CONFLICT, id="in-the-way"),
        pytest.param(NotAllowed("x"), True, Result.FAILED, id="refused"),
    ],
)
def test_a_failure(error: CictlError, result: Result, *, is_sent: bool) -> None:
    outcome = failure(A, error, is_sent=is_sent)
    assert (outcome.result, outcome.is_away) == (result, result in {Result.SKIPPED, Result.UNKNOWN})


def test_folders_come_before_what_is_in_them_and_views_last() -> None:
    assert list(stages_of({VIEW: "v", ABC: "abc", A: "a", AB: "ab"})) == [("a",), ("ab",), ("abc",), ("v",)]


@pytest.mark.parametrize(
    ("action", "result", "missing"),
    [
        pytest.param(Action.CREATE, Result.FAILED, "a", id="not-made"),
        pytest.param(Action.CREATE, Result.CREATED, None, id="made"),
        pytest.param(Action.CREATE, Result.UNCHANGED, None, id="made-by-somebody-else"),
        pytest.param(Action.UPDATE, Result.FAILED, None, id="there-though-not-updated"),
    ],
)
def test_a_folder_that_is_missing(action: Action, result: Result, missing: str | None) -> None:
    assert missing_folder(ABC, {A: Outcome(A, result)}, {A: JobPlan(A, action)}) == missing


def test_counted() -> None:
    assert counted([Outcome(A, Result.CREATED), Outcome(AB, Result.CREATED)]) == "2 created"
    assert counted([]) == "nothing to do"
