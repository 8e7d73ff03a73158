"""One session: what is guarded, what a lost answer comes to, and what of it is recorded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cictl.core.job_outcome import Outcome, Result
from cictl.core.job_plan import ItemKey
from cictl.core.job_records import Intent
from cictl.core.job_three_way import Base
from cictl.errors import AnswerLost, CictlError, Conflict, FarSideFailed, NotAllowed, TimedOut, Unreachable
from cictl.services.jobs_session import Attempt, Session, session
from tests.unit.services.jobs_in_memory import Memory, config

A, B = ItemKey("a"), ItemKey("b")
BASE = Base(config(), config())


def _raise(error: CictlError) -> None:
    raise error


def _sends(error: CictlError | None = None, then: CictlError | None = None) -> Callable[[Attempt], Outcome]:
    """Return an act that sends, where ERROR may come, and reads, where THEN may."""

    def act(attempt: Attempt) -> Outcome:
        with attempt.sending():
            if error is not None:
                _raise(error)
        if then is not None:
            _raise(then)
        return Outcome(attempt.key, Result.UPDATED)

    return act


@pytest.mark.parametrize(
    ("act", "first", "second"),
    [
        pytest.param(_sends(), Result.UPDATED, Result.UPDATED, id="done"),
        pytest.param(_sends(AnswerLost("x")), Result.UPDATED, Result.UPDATED, id="lost-and-read"),
        pytest.param(_sends(AnswerLost("x"), Unreachable("y")), Result.UNKNOWN, Result.SKIPPED, id="lost-and-away"),
        pytest.param(_sends(None, Unreachable("y")), Result.UNKNOWN, Result.SKIPPED, id="done-and-away"),
        pytest.param(_sends(Unreachable("x")), Result.SKIPPED, Result.SKIPPED, id="away-before"),
        pytest.param(_sends(NotAllowed("x")), Result.FAILED, Result.UPDATED, id="refused"),
        pytest.param(_sends(AnswerLost("x"), FarSideFailed("y")), Result.FAILED, Result.UPDATED, id="lost-and-broken"),
        pytest.param(_sends(Conflict("x")), Result.CONFLICT, Result.UPDATED, id="in-the-way"),
    ],
)
def test_what_an_act_comes_to_and_the_one_after_it(
    act: Callable[[Attempt], Outcome], first: Result, second: Result
) -> None:
    run = Session(Memory(), Memory())
    assert [run.attempt(A, act).result, run.attempt(B, _sends()).result] == [first, second]


@pytest.mark.parametrize(
    ("error", "result"),
    [
        pytest.param(Conflict("taken over"), Result.CONFLICT, id="taken-over"),
        pytest.param(Unreachable("away"), Result.SKIPPED, id="away"),
        pytest.param(TimedOut("late"), Result.SKIPPED, id="late"),
        pytest.param(FarSideFailed("no page of Jenkins"), Result.FAILED, id="broken"),
        pytest.param(AnswerLost("lost"), Result.UPDATED, id="one-sign-of-life-lost"),
    ],
)
def test_a_lock_that_cannot_be_seen_to(error: CictlError, result: Result) -> None:
    held = Memory()
    held.lock_error = error
    run = Session(held, Memory())
    assert run.attempt(A, _sends()).result is result
    held.lock_error = None
    assert run.attempt(B, _sends()).result is result, "what ended stays so"


def test_what_was_done_is_recorded_however_it_ends() -> None:
    memory = Memory()

    def interrupted() -> None:
        with session(memory.lock, memory) as run:
            run.settle(Outcome(A, Result.UPDATED), BASE)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert memory.kept == {A: BASE}


def test_nothing_is_recorded_once_the_lock_is_lost() -> None:
    memory, said = Memory(), list[str]()
    with session(memory.lock, memory, said.append) as run:
        run.settle(Outcome(A, Result.UPDATED), BASE)
        memory.lock_error = Conflict("somebody took over")
    assert memory.kept == {}
    assert said == ["what was written is not on record: somebody took over; the next run finds out by itself"]


def test_what_was_not_even_expected_and_not_recorded_has_failed() -> None:
    memory = Memory()
    memory.record_error = NotAllowed("not you")
    with session(memory.lock, memory) as run:
        run.expect({A: Intent(config(), config())})
        for key in (A, B):
            run.settle(Outcome(key, Result.ADOPTED), BASE)
    assert [run.outcomes[A].result, run.outcomes[B].result] == [Result.ADOPTED, Result.FAILED]
    assert "not on record; run it again: not you" in run.outcomes[B].detail
