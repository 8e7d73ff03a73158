"""A log that grows while somebody reads it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from cictl.core.push_run import PushRun, State
from cictl.errors import TimedOut
from cictl.services.push_run_following import follow_log, show_log
from tests.running import FakeClock

RUN = PushRun(7, "main", "a" * 40, 1.0)


@dataclass
class Folder:
    """Shows one more of its SCENES at each look: a state, and what was written meanwhile."""

    scenes: list[tuple[State, bytes]]
    log: bytes = b""
    last: State = State.QUEUED
    looks: list[int] = field(default_factory=list)

    def run(self, number: int) -> PushRun:
        if self.scenes:
            self.last, more = self.scenes.pop(0)
            self.log += more
        return replace(RUN, number=number, state=self.last)

    def seen(self, run: PushRun) -> PushRun:
        return run

    def log_from(self, number: int, offset: int) -> bytes:
        self.looks.append(number)
        return self.log[offset:]


def follow(folder: Folder, clock: FakeClock | None = None, timeout_seconds: float = 60.0) -> list[str]:
    said: list[str] = []
    follow_log(folder, 7, said.append, clock=clock or FakeClock(), timeout_seconds=timeout_seconds)
    return said


def test_lines_are_said_once_and_whole() -> None:
    scenes = [(State.RUNNING, b"one\ntw"), (State.RUNNING, b"o\n"), (State.RUNNING, b""), (State.ENDED, "drü".encode())]
    assert follow(Folder(scenes)) == ["one", "two", "drü"]


def test_what_waits_or_broke_off_is_said_but_not_at_once() -> None:
    scenes = [(State.QUEUED, b"")] * 30 + [(State.BROKEN_OFF, b"")] * 30 + [(State.ENDED, b"end\n")]
    waits, broken, end = follow(Folder(scenes))
    assert "waits for another one" in waits
    assert "cictl hook work" in broken
    assert end == "end"
    assert follow(Folder([(State.QUEUED, b""), (State.ENDED, b"end\n")])) == ["end"]


def test_it_gives_up_looking_and_says_that_the_run_goes_on() -> None:
    clock = FakeClock()
    with pytest.raises(TimedOut, match="it goes on"):
        follow(Folder([(State.RUNNING, b"x\n")]), clock, timeout_seconds=5.0)
    assert 5.0 < clock.now < 6.0


def test_a_log_as_it_is_now() -> None:
    said: list[str] = []
    assert show_log(Folder([(State.RUNNING, b"one\ntw")]), 7, said.append).state is State.RUNNING
    assert said == ["one", "tw"]
