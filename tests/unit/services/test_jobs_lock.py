"""One run at a time writes jobs; a lock that nobody holds any more is broken, and said."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import pytest

from cictl.core.job_keeping import STALE_SECONDS, Lock, lock_xml, read_lock
from cictl.errors import Conflict
from cictl.services.jobs_lock import RENEW_SECONDS, Held, JobsLock
from tests.running import FakeClock
from tests.unit.services.jobs_in_memory import JobsInMemory

NAME = "shop/admin/cictl-lock"
NOW = 1000.0


@dataclass(frozen=True)
class Process:
    dead: frozenset[str] = frozenset()
    who: str = "ann@laptop, process 7"
    token: str = "me"

    def is_dead(self, token: str) -> bool:
        return token in self.dead


def _there(*, renewed: float = NOW, process: str = "other") -> JobsInMemory:
    return JobsInMemory({NAME: lock_xml(Lock("x", "bob@ci, process 9", process, NOW - 60, renewed))})


def _lock(
    jobs: JobsInMemory, told: list[str] | None = None, *, dead: str = "", take_over: bool = False, clock: FakeClock
) -> JobsLock:
    told = told if told is not None else []
    process = Process(frozenset({dead}))
    return JobsLock(jobs, "shop", process, lambda: NOW + clock.now, clock, told.append, take_over)


def test_it_is_there_while_it_is_held(clock: FakeClock) -> None:
    jobs = JobsInMemory()
    with _lock(jobs, clock=clock).held():
        assert read_lock(jobs.jobs[NAME]).who == "ann@laptop, process 7"
    assert jobs.jobs == {}


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_it_goes_however_the_run_ends(clock: FakeClock, error: type[BaseException]) -> None:
    jobs = JobsInMemory()
    with pytest.raises(error), _lock(jobs, clock=clock).held():
        raise error
    assert jobs.jobs == {}


def test_a_lost_answer_is_looked_up(clock: FakeClock) -> None:
    jobs = JobsInMemory()
    jobs.lost = {f"create {NAME}"}
    with _lock(jobs, clock=clock).held():
        assert [each for each in jobs.asked if each.startswith("create")] == [f"create {NAME}"]


def test_another_run_is_named(clock: FakeClock) -> None:
    jobs = _there()
    with pytest.raises(Conflict, match="bob@ci, process 9 writes jobs, since 1m"), _lock(jobs, clock=clock).held():
        pass
    assert read_lock(jobs.jobs[NAME]).holder == "x", "it is not taken away"


@pytest.mark.parametrize(
    ("jobs", "dead", "take_over", "reason"),
    [
        pytest.param(_there(process="gone"), "gone", False, "that process is no more", id="dead"),
        pytest.param(_there(renewed=NOW - STALE_SECONDS - 1), "", False, "no sign of life for 5m1s", id="silent"),
        pytest.param(_there(), "", True, "--take-over says so", id="told-to"),
        pytest.param(JobsInMemory({NAME: "<project/>"}), "", True, "--take-over says so", id="what-is-no-lock"),
    ],
)
def test_a_stale_lock_is_broken(
    clock: FakeClock, jobs: JobsInMemory, dead: str, reason: str, *, take_over: bool
) -> None:
    told: list[str] = []
    with _lock(jobs, told, dead=dead, take_over=take_over, clock=clock).held():
        assert read_lock(jobs.jobs[NAME]).who == "ann@laptop, process 7"
    assert len(told) == 1
    assert reason in told[0]


def test_what_is_no_lock_is_not_broken_by_itself(clock: FakeClock) -> None:
    lock = _lock(JobsInMemory({NAME: "<project/>"}), clock=clock)
    with pytest.raises(Conflict, match="no lock of this cictl"), lock.held():
        pass


def _renewals(jobs: JobsInMemory) -> int:
    return jobs.asked.count(f"update {NAME}")


def test_a_sign_of_life_now_and_then(clock: FakeClock) -> None:
    jobs = JobsInMemory()
    held: Held
    with _lock(jobs, clock=clock).held() as held:
        held.renew()
        assert _renewals(jobs) == 0
        clock.sleep(RENEW_SECONDS + 1)
        held.renew()
        held.renew()
        assert _renewals(jobs) == 1
        assert read_lock(jobs.jobs[NAME]).renewed == NOW + RENEW_SECONDS + 1


def test_a_lock_that_was_taken_over_is_not_renewed_and_not_taken_away(clock: FakeClock) -> None:
    jobs = JobsInMemory()
    with _lock(jobs, clock=clock).held() as held:
        jobs.jobs[NAME] = _there().jobs[NAME]
        clock.sleep(RENEW_SECONDS + 1)
        with pytest.raises(Conflict, match="bob@ci, process 9 took over"):
            held.renew()
    assert read_lock(jobs.jobs[NAME]).holder == "x"


@pytest.mark.parametrize(
    ("lasts", "outcome"),
    [
        pytest.param(5.0, nullcontext(), id="it-ends"),
        pytest.param(60.0, pytest.raises(Conflict, match="bob@ci, process 9 writes jobs"), id="it-goes-on"),
    ],
)
def test_another_run_is_waited_for(clock: FakeClock, lasts: float, outcome: AbstractContextManager[object]) -> None:
    jobs, told = _there(), list[str]()

    def ends(_: str) -> None:
        there = jobs.jobs.get(NAME)
        if clock.now >= lasts and there is not None and read_lock(there).holder == "x":
            del jobs.jobs[NAME]

    jobs.before = ends
    with outcome, replace(_lock(jobs, told, clock=clock), patience_seconds=20.0).held():
        assert read_lock(jobs.jobs[NAME]).who == "ann@laptop, process 7"
    assert told == ["bob@ci, process 9 writes jobs, since 1m; waiting for it"]
    assert clock.now == pytest.approx(min(lasts + 1, 20.0))
