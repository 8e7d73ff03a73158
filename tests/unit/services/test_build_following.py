"""What no server does on demand: a log that breaks off within a line, restarts that last, words that change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from cictl.core.jenkins_builds import Build, LogPosition, QueueItem, QueueState
from cictl.errors import FarSideFailed, StartingUp, TimedOut, Unreachable
from cictl.services.build_following import BuildFollowing
from tests.running import FakeClock

_LOG = "one\nt\u00e9o\nthree\nFinished: SUCCESS\n".encode()
_AWAY = Unreachable("gone")


def _build(*, is_building: bool) -> Build:
    return Build("j", 1, is_building, None if is_building else "SUCCESS", 0.0, 0.0)


@dataclass
class FakeBuilds:
    """A log of which each reading gives so much before it breaks off; None is a whole one."""

    breaks: list[int | None] = field(default_factory=list)
    items: list[QueueItem | Exception] = field(default_factory=list)
    states: list[bool | Exception] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    newline: bytes = b"\n"
    log: bytes = _LOG

    def read_log(self, full_name: str, number: int, start: int, sink: Callable[[bytes], None]) -> LogPosition:
        assert (full_name, number) == ("j", 1)
        self.starts.append(start)
        rest = self.log[start:]
        length = self.breaks.pop(0) if self.breaks else None
        sent = rest.replace(b"\n", self.newline)[:length]
        sink(sent)
        if length is not None:
            raise _AWAY
        return LogPosition(len(self.log), has_more=False)

    def queue_item(self, queue_id: int) -> QueueItem | None:
        assert queue_id == 7
        item = self.items.pop(0)
        if isinstance(item, Exception):
            raise item
        return item

    def build_of_queue_item(self, full_name: str, queue_id: int) -> Build | None:
        raise AssertionError(full_name, queue_id)

    def build(self, full_name: str, number: int) -> Build | None:
        assert (full_name, number) == ("j", 1)
        state = self.states.pop(0) if self.states else False
        if isinstance(state, Exception):
            raise state
        return _build(is_building=state)


@dataclass
class Watcher:
    builds: FakeBuilds
    clock: FakeClock
    told: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    @property
    def following(self) -> BuildFollowing:
        return BuildFollowing(self.builds, self.clock, self.told.append, self.shown.append)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"], ids=["as-kept", "as-jenkins-sends-it"])
@pytest.mark.parametrize("breaks", [[3], [4], [5], [6], [7], [0, 1, 2], [9, 3]], ids=str)
def test_a_log_that_breaks_off_goes_on_where_it_broke(clock: FakeClock, breaks: list[int], newline: bytes) -> None:
    watcher = Watcher(FakeBuilds(breaks=[*breaks], newline=newline), clock)
    ended = watcher.following.until_ended(_build(is_building=True), deadline=100)
    assert (ended.result, "".join(watcher.shown)) == ("SUCCESS", _LOG.decode())
    assert watcher.told[0].startswith("waiting: gone")


def test_a_build_that_writes_nothing_is_looked_at_ever_more_seldom(clock: FakeClock) -> None:
    watcher = Watcher(FakeBuilds(states=[True] * 60), clock)
    watcher.following.until_ended(_build(is_building=True), deadline=1000)
    assert 50 < clock.now < 60
    assert "".join(watcher.shown) == _LOG.decode()


def test_it_ends_at_the_deadline_and_says_how_to_go_on(clock: FakeClock) -> None:
    watcher = Watcher(FakeBuilds(states=[True] * 60), clock)
    with pytest.raises(TimedOut, match="j #1 has not ended yet") as problem:
        watcher.following.until_ended(_build(is_building=True), deadline=5)
    assert "cictl build log --job j --build 1 --follow" in (problem.value.hint or "")
    assert clock.now == 5


def test_a_jenkins_that_stays_away_is_given_up(clock: FakeClock) -> None:
    watcher = Watcher(FakeBuilds(states=[StartingUp("503")] * 1000), clock)
    with pytest.raises(StartingUp):
        watcher.following.until_ended(_build(is_building=True), deadline=10_000)
    assert 300 <= clock.now <= 302
    assert watcher.told == ["Jenkins is starting or restarting; what was started there goes on"]


def _item(state: QueueState = QueueState.WAITING, why: str = "", number: int | None = None) -> QueueItem:
    return QueueItem(7, state, why, number=number)


def test_the_queue_says_why_once_and_again_each_minute(clock: FakeClock) -> None:
    waits: list[QueueItem | Exception] = [_item(why="no agent")] * 70
    left = [_item(QueueState.LEFT), _item(QueueState.LEFT, number=1)]  # at first Jenkins names no build
    watcher = Watcher(FakeBuilds(items=[_item(why="quiet"), _AWAY, *waits, *left]), clock)
    assert watcher.following.until_started("j", 7, deadline=1000).number == 1
    assert [line for line in watcher.told if "queue" in line][:3] == [
        "waiting in the queue: quiet",
        "waiting in the queue: no agent",
        "waiting in the queue: no agent (1m2s so far)",
    ]


def test_a_cancelled_one_is_no_timeout(clock: FakeClock) -> None:
    watcher = Watcher(FakeBuilds(items=[_item(QueueState.CANCELLED)]), clock)
    with pytest.raises(FarSideFailed, match="cancelled in the queue"):
        watcher.following.until_started("j", 7, deadline=10)
