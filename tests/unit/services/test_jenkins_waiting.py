from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cictl.core.jenkins_server import Pulse
from cictl.errors import CictlError, NotAllowed, StartingUp, TimedOut, Unreachable
from cictl.services.jenkins_waiting import JenkinsWaiting
from tests.running import FakeClock

_OLD, _NEW = Pulse("2.516.2", "old"), Pulse("2.516.2", "new")
_NAMELESS = Pulse("", "")
_AWAY, _STARTING = Unreachable("refused"), StartingUp("503")


@dataclass
class FakeServer:
    answers: Iterator[Pulse | CictlError]
    url: str = "http://j"

    def pulse(self) -> Pulse:
        answer = next(self.answers)
        if isinstance(answer, CictlError):
            raise answer
        return answer


def _waiting(clock: FakeClock, told: list[str], *answers: Pulse | CictlError) -> JenkinsWaiting:
    return JenkinsWaiting(FakeServer(iter(answers)), clock, told.append)


def test_one_that_serves_is_not_waited_for(clock: FakeClock) -> None:
    told: list[str] = []
    assert _waiting(clock, told, _OLD).until_ready(60) == _OLD
    assert (told, clock.now) == ([], 0.0)


def test_each_change_is_told_once(clock: FakeClock) -> None:
    told: list[str] = []
    answers: list[Pulse | CictlError] = [_AWAY, _AWAY, TimedOut("silence"), _STARTING, _STARTING, _OLD]
    assert _waiting(clock, told, *answers).until_ready(60) == _OLD
    assert told == [
        "waiting for Jenkins at http://j: nothing answers",
        "waiting for Jenkins at http://j: it is starting or restarting, 3s so far",
    ]


def test_a_long_wait_is_told_again(clock: FakeClock) -> None:
    told: list[str] = []
    _waiting(clock, told, *[_AWAY] * 25, _OLD).until_ready(60)
    assert [line.rpartition(", ")[2] for line in told[1:]] == ["10s so far", "20s so far"]


def test_a_deadline_says_how_it_was(clock: FakeClock) -> None:
    with pytest.raises(TimedOut, match="not ready within 3s: it is starting or restarting"):
        _waiting(clock, [], *[_STARTING] * 10).until_ready(3)
    assert clock.now == 3.0


def test_a_deadline_says_why_nothing_answers(clock: FakeClock) -> None:
    away = Unreachable("its name is unknown here", hint="check jenkins.url")
    with pytest.raises(TimedOut, match="its name is unknown here, for 3s") as problem:
        _waiting(clock, [], *[away] * 10).until_ready(3)
    assert problem.value.hint == "check jenkins.url; else look into its log; --timeout lets it have longer"


def test_silence_until_the_deadline_is_called_so(clock: FakeClock) -> None:
    with pytest.raises(TimedOut, match="not ready within 3s: nothing answers"):
        _waiting(clock, [], *[TimedOut("no answer in time")] * 10).until_ready(3)


def test_what_waiting_does_not_mend_is_raised_at_once(clock: FakeClock) -> None:
    with pytest.raises(NotAllowed):
        _waiting(clock, [], NotAllowed("403")).until_ready(60)


_RESTARTS = [
    pytest.param(_OLD, [_OLD, _STARTING, _AWAY, _STARTING, _NEW], _NEW, id="as-recorded"),
    pytest.param(_OLD, [_OLD, _OLD, _NEW], _NEW, id="too-quick-to-be-seen-away"),
    pytest.param(_OLD, [_STARTING, _OLD, _OLD, _AWAY, _NEW], _NEW, id="a-proxy-that-was-away-is-no-restart"),
    pytest.param(_NAMELESS, [_NAMELESS, _AWAY, _NAMELESS], _NAMELESS, id="headers-dropped-by-a-proxy"),
]


@pytest.mark.parametrize(("before", "answers", "expected"), _RESTARTS)
def test_restarts(clock: FakeClock, before: Pulse, answers: list[Pulse | CictlError], expected: Pulse) -> None:
    waiting = _waiting(clock, [], *answers)
    assert waiting.until_restarted(before, 60) == expected
    assert next(waiting.server.answers, None) is None  # type: ignore[attr-defined] # the fake's


def test_a_restart_that_never_comes(clock: FakeClock) -> None:
    with pytest.raises(TimedOut, match="it has not restarted yet"):
        _waiting(clock, [], *[_OLD] * 10).until_restarted(_OLD, 5)
