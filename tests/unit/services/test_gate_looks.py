from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from cictl.core.release_target import ReadyPod, ReleaseTarget
from cictl.core.rollout_state import Phase
from cictl.core.verdict import GateResult, Verdict
from cictl.services.gate_looks import GateLooks
from tests.running import FakeClock
from tests.unit.rollout_cases import a_state

READY = ReleaseTarget("prod", "shop", "shop-1", (ReadyPod("p", 0.0),))
NOT_READY = ReleaseTarget("prod", "shop", "shop-1", ())


@dataclass
class FakeJudge:
    """Judges when it is let; remembers which steps it was asked to judge."""

    steps: list[float] = field(default_factory=list)
    looks: int = 0
    may_look: threading.Event = field(default_factory=threading.Event)
    looked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    every_seconds: float = 10.0

    def __call__(self, step_began: float) -> FakeJudge:
        self.steps.append(step_began)
        return self

    def look(self, _target: ReleaseTarget) -> GateResult:
        assert self.may_look.wait(60)
        self.looks += 1
        return GateResult("default", Verdict.HEALTHY, f"look {self.looks}", 0.0)

    def on_look(self) -> None:
        self.looked.release()

    def finish(self) -> None:
        """Let one look end."""
        self.may_look.set()
        assert self.looked.acquire(timeout=60)


@pytest.fixture
def judge() -> FakeJudge:
    return FakeJudge()


@pytest.fixture
def looks(judge: FakeJudge, clock: FakeClock) -> GateLooks:
    return GateLooks(judge, clock, on_look=judge.on_look)


def test_without_a_gate_nothing_is_looked_at(clock: FakeClock) -> None:
    looks = GateLooks(None, clock, on_look=lambda: None)
    looks.follow(a_state(), READY)
    assert (looks.newest(), looks.seconds_to_next(), looks.is_due) == (None, None, False)
    looks.close()


def test_a_look_is_taken_in_and_the_next_is_planned(looks: GateLooks, judge: FakeJudge, clock: FakeClock) -> None:
    looks.follow(a_state(), READY)
    assert (looks.newest(), looks.seconds_to_next(), looks.is_due) == (None, None, True)
    judge.finish()
    looks.follow(a_state(), READY)
    newest = looks.newest()
    assert newest is not None
    assert (newest.reason, looks.seconds_to_next(), looks.is_due) == ("look 1", 10.0, False)
    clock.sleep(4)
    looks.follow(a_state(), READY)
    assert (looks.seconds_to_next(), judge.looks) == (6.0, 1)
    clock.sleep(6)
    looks.follow(a_state(), READY)
    judge.finish()
    looks.follow(a_state(), READY)
    assert judge.looks == 2
    looks.close()


@pytest.mark.parametrize("target", [None, NOT_READY])
def test_without_a_ready_pod_it_is_not_asked_and_nobody_is_woken(
    looks: GateLooks, judge: FakeJudge, clock: FakeClock, target: ReleaseTarget | None
) -> None:
    looks.follow(a_state(), target)
    assert (looks.seconds_to_next(), looks.is_due) == (None, True)
    clock.sleep(31)
    assert not looks.is_due, "not for ever"
    assert judge.looks == 0
    looks.close()


def test_each_step_is_judged_anew(looks: GateLooks, judge: FakeJudge) -> None:
    first, second = a_state(ago=100), a_state(step=1, ago=50)
    looks.follow(first, READY)
    looks.follow(second, READY)
    assert judge.steps == [first.since, second.since]
    judge.finish()
    judge.finish()
    looks.follow(second, READY)
    newest = looks.newest()
    assert newest is not None
    assert newest.reason == "look 2", "what was asked for the step before is not this step's"
    looks.follow(a_state(Phase.PROMOTING), READY)
    assert looks.newest() is None
    looks.close()


def test_an_old_look_says_nothing_of_now(looks: GateLooks, judge: FakeJudge, clock: FakeClock) -> None:
    looks.follow(a_state(), READY)
    judge.finish()
    looks.follow(a_state(), READY)
    clock.sleep(30)
    assert looks.newest() is not None
    clock.sleep(0.5)
    assert looks.newest() is None
    looks.close()
