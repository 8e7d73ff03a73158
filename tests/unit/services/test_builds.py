"""Starting and stopping where answers are lost and Jenkins is away; the usual ways are tried against a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from cictl.core.jenkins_builds import Build, BuildableJob, Parameter, Queued
from cictl.errors import AnswerLost, Conflict, FarSideFailed, NotFound, TimedOut, Unreachable, UsageProblem
from cictl.services.build_patience import Patience
from cictl.services.builds import BuildDesk
from tests.running import FakeClock

_LOST = AnswerLost("lost")
_JOB = BuildableJob("j", "x", is_buildable=True, parameters=(Parameter("V", "String"),))
_RUNS = Build("j", 1, True, None, 0.0, 0.0, 1, {}, (), ("ana",))  # noqa: FBT003 - a row


@dataclass
class FakeBuilds:
    asks_for: BuildableJob = _JOB
    answers: list[int | Exception] = field(default_factory=list)
    queue: list[tuple[Queued, ...] | Exception] = field(default_factory=list)
    kept: tuple[Build, ...] = ()
    states: list[Build | Exception | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    lost: int = 0
    is_pipeline: bool = True

    def job(self, full_name: str) -> BuildableJob:
        assert full_name == "j"
        return self.asks_for

    def start(self, job: BuildableJob, parameters: Mapping[str, str]) -> int | None:
        self.asked.append(f"start {job.full_name} {dict(parameters)}")
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def queued(self, full_name: str) -> tuple[Queued, ...]:
        assert full_name == "j"
        seen = self.queue.pop(0) if self.queue else ()
        if isinstance(seen, Exception):
            raise seen
        return seen

    def builds(self, full_name: str, *, limit: int = 20) -> tuple[Build, ...]:
        assert full_name == "j"
        return self.kept[:limit]

    def build(self, full_name: str, number: int) -> Build | None:
        assert full_name == "j"
        state = self.states.pop(0) if self.states else next((b for b in self.kept if b.number == number), None)
        if isinstance(state, Exception):
            raise state
        return state

    def cancel_queued(self, queue_id: int) -> None:
        self._acted(f"cancel {queue_id}")

    def stop(self, full_name: str, number: int) -> None:
        self._acted(f"stop {full_name} {number}")

    def kill(self, full_name: str, number: int) -> None:
        if not self.is_pipeline:
            raise NotFound("404")
        self._acted(f"kill {full_name} {number}")

    def _acted(self, what: str) -> None:
        self.asked.append(what)
        if self.lost:
            self.lost -= 1
            raise _LOST


def _desk(builds: FakeBuilds, clock: FakeClock) -> BuildDesk:
    return BuildDesk(builds, clock, Patience(clock, lambda _: None), "ana")


def test_a_lost_start_shows_up_later(clock: FakeClock) -> None:
    mine = Queued(9, {"V": "1"}, ("ana",))
    builds = FakeBuilds(answers=[_LOST], queue=[(), (), Unreachable("away"), (), (mine,)])
    assert _desk(builds, clock).start("j", {"V": "1"}) == 9
    assert builds.asked == ["start j {'V': '1'}"]


def test_a_lost_start_of_which_nothing_shows(clock: FakeClock) -> None:
    builds = FakeBuilds(answers=[_LOST])
    with pytest.raises(Unreachable, match="was not started") as problem:
        _desk(builds, clock).start("j", {})
    assert (clock.now, len(builds.asked)) == (20, 1)
    assert "run it again" in (problem.value.hint or "")


def test_a_lost_start_after_which_jenkins_stays_away(clock: FakeClock) -> None:
    builds = FakeBuilds(answers=[_LOST], queue=[(), *[Unreachable("away")] * 1000])
    with pytest.raises(AnswerLost, match="j may have been started") as problem:
        _desk(builds, clock).start("j", {})
    assert "do not start it again before" in (problem.value.hint or "")


def test_a_disabled_job_is_not_asked(clock: FakeClock) -> None:
    builds = FakeBuilds(asks_for=BuildableJob("j", "x", is_buildable=False))
    with pytest.raises(Conflict, match="j is disabled"):
        _desk(builds, clock).start("j", {})
    assert builds.asked == []


def test_stopping_waits_for_the_end(clock: FakeClock) -> None:
    ended = replace(_RUNS, is_building=False, result="ABORTED")
    builds = FakeBuilds(states=[_RUNS, Unreachable("away"), _RUNS, ended])
    assert _desk(builds, clock).stop(_RUNS, timeout_seconds=60) == ended
    assert builds.asked == ["stop j 1"]


@pytest.mark.parametrize(("runs_on", "asked"), [(True, 2), (False, 1)])
def test_a_lost_stop_is_repeated_if_the_build_runs_on(clock: FakeClock, runs_on: bool, asked: int) -> None:
    ended = replace(_RUNS, is_building=False, result="ABORTED")
    builds = FakeBuilds(states=[_RUNS if runs_on else ended, ended], lost=1)
    assert _desk(builds, clock).stop(_RUNS, timeout_seconds=60, is_forced=True) == ended
    assert builds.asked == ["kill j 1"] * asked


def test_what_is_no_pipeline_is_stopped_instead_of_killed(clock: FakeClock) -> None:
    ended = replace(_RUNS, is_building=False, result="ABORTED")
    builds = FakeBuilds(states=[ended], is_pipeline=False)
    assert _desk(builds, clock).stop(_RUNS, timeout_seconds=60, is_forced=True) == ended
    assert builds.asked == ["stop j 1"]


def test_one_that_does_not_listen(clock: FakeClock) -> None:
    with pytest.raises(TimedOut, match="still runs") as problem:
        _desk(FakeBuilds(kept=(_RUNS,)), clock).stop(_RUNS, timeout_seconds=5)
    assert "--kill" in (problem.value.hint or "")


def test_one_that_has_ended_is_left_alone(clock: FakeClock) -> None:
    ended = replace(_RUNS, is_building=False, result="SUCCESS")
    builds = FakeBuilds()
    assert (_desk(builds, clock).stop(ended, timeout_seconds=5), builds.asked) == (ended, [])


def test_cancelling_is_read_back(clock: FakeClock) -> None:
    waits = (Queued(9),)
    builds = FakeBuilds(queue=[waits, ()], lost=1)
    _desk(builds, clock).cancel("j", 9)
    with pytest.raises(AnswerLost):
        _desk(FakeBuilds(queue=[waits, waits], lost=1), clock).cancel("j", 9)
    with pytest.raises(FarSideFailed, match="still waits"):
        _desk(FakeBuilds(queue=[waits, waits]), clock).cancel("j", 9)
    with pytest.raises(NotFound):
        _desk(FakeBuilds(), clock).cancel("j", 9)


def test_which_build_is_meant(clock: FakeClock) -> None:
    numbers = ((4, None), (3, "SUCCESS"), (2, "FAILURE"), (1, "FAILURE"))
    kept = tuple(replace(_RUNS, number=number, result=result, is_building=result is None) for number, result in numbers)
    desk = _desk(FakeBuilds(kept=kept), clock)
    assert [desk.find("j", wanted).number for wanted in ("last", "lastFailed", "3")] == [4, 2, 3]
    assert desk.running("j").number == 4
    with pytest.raises(NotFound, match="has no build 9"):
        desk.find("j", "9")
    with pytest.raises(NotFound, match="no failed build") as problem:
        _desk(FakeBuilds(kept=kept[:2]), clock).find("j", "lastFailed")
    assert problem.value.hint == "'cictl build list' shows how they ended"
    with pytest.raises(UsageProblem, match="2 builds of j run: 4, 5"):
        _desk(FakeBuilds(kept=(kept[0], replace(_RUNS, number=5))), clock).running("j")
