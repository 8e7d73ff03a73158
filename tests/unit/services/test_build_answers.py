from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from cictl.core.jenkins_builds import Build, LogPosition, WaitingInput
from cictl.errors import AnswerLost, Conflict, FarSideFailed, NotFound, UsageProblem
from cictl.services.build_answers import AnswerDesk, Question
from cictl.services.build_patience import Patience
from tests.running import FakeClock

_BUILD = Build("j", 1, True, None, 0.0, 0.0)  # noqa: FBT003 - a row
_QUESTION = Question(_BUILD, WaitingInput("Go", "Go?"))
_VERSION = WaitingInput("Go", "Go?", ("VERSION",))
_LOST = AnswerLost("lost")


@dataclass
class FakeBuilds:
    log: str = "[Pipeline] input\nGo?\n"
    waiting: list[str] = field(default_factory=lambda: ["Go"])
    on_send: Callable[[FakeBuilds], None] = lambda _: None
    is_told: bool = True
    sent: list[str] = field(default_factory=list)

    def build(self, full_name: str, number: int) -> Build | None:
        return _BUILD if (full_name, number) == ("j", 1) else None

    def builds(self, full_name: str, *, limit: int = 20) -> tuple[Build, ...]:
        assert (full_name, limit) == ("j", 100)
        return (_BUILD,)

    def waiting_inputs(self, full_name: str, number: int) -> tuple[WaitingInput, ...]:
        assert (full_name, number) == ("j", 1)
        if not self.is_told:
            raise FarSideFailed("Jenkins does not tell")
        return tuple(WaitingInput(each, "?") for each in self.waiting)

    def proceed(self, full_name: str, number: int, input_id: str, parameters: Mapping[str, str] | None = None) -> None:
        self.sent.append(f"{full_name}/{number}/{input_id}/{parameters or ''}")
        self.on_send(self)

    def abort(self, full_name: str, number: int, input_id: str) -> None:
        self.sent.append(f"not {full_name}/{number}/{input_id}")
        self.on_send(self)

    def read_log(self, full_name: str, number: int, start: int, sink: Callable[[bytes], None]) -> LogPosition:
        assert (full_name, number, start) == ("j", 1, 0)
        sink(self.log.encode())
        return LogPosition(len(self.log), has_more=True)


def _desk(builds: FakeBuilds, clock: FakeClock) -> AnswerDesk:
    return AnswerDesk(builds, clock, Patience(clock, lambda _: None))


def _answered(builds: FakeBuilds, said: str) -> None:
    builds.waiting, builds.log = [], f"{builds.log}{said}\n"


def test_an_answer_is_read_back(clock: FakeClock) -> None:
    log = "[Pipeline] input\nInput requested\n[Pipeline] input\nGo?\n"
    builds = FakeBuilds(log=log, on_send=lambda builds: _answered(builds, "Approved by ana"))
    assert _desk(builds, clock).approve(_QUESTION, {"A": "1"}).said == "Approved by ana"
    assert builds.sent == ["j/1/Go/{'A': '1'}"]


def test_values_that_nobody_asks_for_are_not_sent(clock: FakeClock) -> None:
    builds = FakeBuilds(log="[Pipeline] input\nGo?\nProceed or Abort\n")
    with pytest.raises(UsageProblem, match="asks for no parameters"):
        _desk(builds, clock).approve(_QUESTION, {"A": "1"})
    with pytest.raises(UsageProblem, match="no parameter 'VERISON'") as problem:
        _desk(builds, clock).approve(replace(_QUESTION, asked=_VERSION), {"VERISON": "1"})
    assert (problem.value.hint, builds.sent) == ("did you mean 'VERSION'?", [])


def _lost_after(said: str) -> Callable[[FakeBuilds], None]:
    def act(builds: FakeBuilds) -> None:
        _answered(builds, said)
        raise _LOST

    return act


def test_a_lost_answer_that_arrived(clock: FakeClock) -> None:
    builds = FakeBuilds(on_send=_lost_after("Rejected by ana"))
    assert _desk(builds, clock).reject(_QUESTION).said == "Rejected by ana"


@pytest.mark.parametrize("said", ["Rejected by bob", "Aborted by bob", "something else"])
def test_a_lost_answer_that_somebody_forestalled(clock: FakeClock, said: str) -> None:
    builds = FakeBuilds(on_send=_lost_after(said))
    with pytest.raises(Conflict, match="not by this answer"):
        _desk(builds, clock).approve(_QUESTION, {})


def test_an_answer_that_changes_nothing_is_no_success(clock: FakeClock) -> None:
    with pytest.raises(FarSideFailed, match="still waits"):
        _desk(FakeBuilds(), clock).approve(_QUESTION, {})
    assert clock.now == 30


def test_where_jenkins_does_not_tell_the_id_it_may_be_named(clock: FakeClock) -> None:
    builds = FakeBuilds(is_told=False)
    desk = _desk(builds, clock)
    with pytest.raises(FarSideFailed, match="does not tell"):
        desk.find("j")
    desk.approve(desk.find("j", input_id="Go"), {})
    assert builds.sent == ["j/1/Go/"]


def test_where_jenkins_does_not_tell_the_id_its_log_may(clock: FakeClock) -> None:
    hidden = base64.b64encode(gzip.compress(b"/job/j/1/input/Go/proceedEmpty")).decode()
    builds = FakeBuilds(is_told=False, log=f"[Pipeline] input\nGo?\n\x1b[8mha:{hidden}\x1b[0mProceed\n")
    assert _desk(builds, clock).find("j").asked.input_id == "Go"


def test_what_does_not_wait(clock: FakeClock) -> None:
    desk = _desk(FakeBuilds(waiting=[]), clock)
    with pytest.raises(NotFound, match="no build of j waits"):
        desk.find("j")
    with pytest.raises(NotFound, match="has no build 2"):
        desk.find("j", number=2)
    with pytest.raises(NotFound, match="asks nothing called 'Gp'") as problem:
        _desk(FakeBuilds(), clock).find("j", input_id="Gp")
    assert problem.value.hint == "known: Go"
