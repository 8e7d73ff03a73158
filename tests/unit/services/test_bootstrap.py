"""The frame around bootstrap's parts: their order, what waits, what a failure stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from cictl.core.bootstrap_plan import Part, Standing, Step
from cictl.errors import AnswerLost, CictlError, ExitCode, FarSideFailed, NotAllowed, StartingUp, Unreachable
from cictl.services.bootstrap import Bootstrap


@dataclass
class Work:
    part: Part
    steps: tuple[Step, ...] = ()
    error: CictlError | None = None
    applied: list[str] = field(default_factory=list)
    fails: dict[str, CictlError] = field(default_factory=dict)

    def plan(self) -> tuple[Step, ...]:
        if self.error is not None:
            raise self.error
        return self.steps

    def apply(self, step: Step) -> Step:
        self.applied.append(step.subject)
        if step.subject in self.fails:
            raise self.fails[step.subject]
        return step


def _step(part: Part, subject: str, standing: Standing = Standing.CREATED, after: str = "") -> Step:
    return Step(part, subject, standing, after=after)


def _frame(*works: Work, say: Callable[[str], None] = lambda _: None) -> Bootstrap:
    return Bootstrap(works, say)


def _states(steps: tuple[Step, ...]) -> dict[str, str]:
    return {f"{step.part}/{step.subject}": step.standing.value for step in steps}


def test_a_part_whose_plan_fails_is_refused_and_the_others_are_planned() -> None:
    forbidden = Work(Part.TRIGGERS, error=NotAllowed("no right", hint="ask"))
    folders = Work(Part.FOLDERS, (_step(Part.FOLDERS, "shop"),))
    plan = _frame(folders, forbidden).plan()
    assert _states(plan) == {"folders/shop": "created", "triggers/plan": "refused"}
    assert (plan[-1].todo, plan[-1].exit_code) == ("ask", ExitCode.NOT_ALLOWED)


def test_a_plan_of_a_jenkins_that_is_away_is_no_plan() -> None:
    with pytest.raises(Unreachable):
        _frame(Work(Part.ACCESS, error=Unreachable("away"))).plan()


def test_what_waits_is_neither_planned_nor_done() -> None:
    folders = Work(Part.FOLDERS, (_step(Part.FOLDERS, "shop"),), fails={"shop": FarSideFailed("oops")})
    jobs = Work(Part.JOBS, (_step(Part.JOBS, "jobs"),))
    triggers = Work(Part.TRIGGERS, (_step(Part.TRIGGERS, "token"),))
    frame = _frame(folders, jobs, triggers)
    results = frame.apply(frame.plan())
    assert _states(results) == {"folders/shop": "refused", "jobs/all": "refused", "triggers/token": "created"}
    assert (jobs.applied, triggers.applied) == ([], ["token"])


def test_a_step_waits_for_the_one_before_it_in_its_part() -> None:
    steps = (_step(Part.FOLDERS, "shop"), _step(Part.FOLDERS, "shop/ci", after="shop"), _step(Part.FOLDERS, "other"))
    work = Work(Part.FOLDERS, steps, fails={"shop": FarSideFailed("oops")})
    frame = _frame(work)
    assert [step.standing.value for step in frame.apply(frame.plan())] == ["refused", "refused", "created"]
    assert work.applied == ["shop", "other"]


def test_only_what_is_to_be_done_is_done_and_told() -> None:
    told: list[str] = []
    steps = (
        _step(Part.AGENT, "a", Standing.UNCHANGED),
        _step(Part.AGENT, "b"),
        _step(Part.AGENT, "c", Standing.UNVERIFIED),
    )
    work = Work(Part.AGENT, steps)
    frame = _frame(work, say=told.append)
    frame.apply(frame.plan())
    assert (work.applied, told) == (["b"], ["agent: b"])


def test_a_jenkins_that_restarts_is_waited_for_and_the_step_done_again() -> None:
    waited: list[str] = []
    agent = Work(Part.AGENT, (_step(Part.AGENT, "a"),), fails={"a": StartingUp("restarting")})

    def wait() -> None:
        waited.append("once")
        agent.fails.clear()

    frame = Bootstrap([agent], lambda _: None, wait)
    assert _states(frame.apply(frame.plan())) == {"agent/a": "created"}
    assert (waited, agent.applied) == (["once"], ["a", "a"])


@pytest.mark.parametrize(
    ("error", "applied"),
    [
        pytest.param(Unreachable("away"), [], id="away"),
        pytest.param(AnswerLost("lost"), ["token"], id="an-answer-was-lost"),
        pytest.param(FarSideFailed("no"), ["token"], id="refused"),
    ],
)
def test_a_jenkins_that_went_away_is_left_alone(error: CictlError, applied: list[str]) -> None:
    agent = Work(Part.AGENT, (_step(Part.AGENT, "a"), _step(Part.AGENT, "b", Standing.UNCHANGED)), fails={"a": error})
    triggers = Work(Part.TRIGGERS, (_step(Part.TRIGGERS, "token"),))
    frame = _frame(agent, triggers)
    frame.apply(frame.plan())
    assert triggers.applied == applied
