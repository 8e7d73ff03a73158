"""What becomes of the wish to stop a run."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from cictl.core.push_run import PushRun, State
from cictl.errors import Conflict
from cictl.services.push_run_stopping import stop_run
from tests.running import FakeClock

RUN = PushRun(7, "main", "a" * 40, 1.0, State.RUNNING)


@dataclass
class Folder:
    """One run, and a worker who takes a wish after LOOKS."""

    kept: PushRun
    looks: int = 3
    is_asked: bool = False

    def run(self, number: int) -> PushRun:
        assert number == self.kept.number
        return self.kept

    def seen(self, run: PushRun) -> PushRun:
        return run

    def ask_to_stop(self, number: int) -> None:
        self.is_asked = number == self.kept.number

    def is_asked_to_stop(self, number: int) -> bool:
        self.looks -= 1
        return self.is_asked and self.looks > 0 and number > 0

    def takes_stop(self, number: int) -> bool:
        was_asked, self.is_asked = self.is_asked, False
        return was_asked and number > 0


def test_a_worker_takes_the_wish() -> None:
    folder, clock = Folder(RUN), FakeClock()
    assert stop_run(folder, 7, clock=clock) == RUN
    assert folder.is_asked
    assert 0 < clock.monotonic() < 1


def test_where_no_worker_is_the_wish_is_taken_back() -> None:
    folder = Folder(RUN, looks=10_000)
    with pytest.raises(Conflict, match="has outlived its worker"):
        stop_run(folder, 7, clock=FakeClock())
    assert not folder.is_asked


def test_what_is_over_stays_so() -> None:
    folder = Folder(replace(RUN, state=State.ENDED, result="SUCCESS"))
    assert stop_run(folder, 7, clock=FakeClock()).outcome == "success"
    assert not folder.is_asked


@pytest.mark.parametrize("state", [State.QUEUED, State.BROKEN_OFF])
def test_what_is_not_under_way_cannot_be_stopped(state: State) -> None:
    with pytest.raises(Conflict) as caught:
        stop_run(Folder(replace(RUN, state=state)), 7, clock=FakeClock())
    assert "delete the branch" in str(caught.value.hint)
