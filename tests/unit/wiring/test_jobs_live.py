from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.errors import CictlError, FarSideFailed, Unreachable
from cictl.wiring.app import App
from cictl.wiring.jobs_live import LiveJobs
from tests.running import FakeClock


class _Timeless:
    def __init__(self, error: CictlError) -> None:
        self.error = error

    def now(self) -> float:
        raise self.error


def _live(folder: Path, clock: FakeClock, error: CictlError) -> LiveJobs:
    app = App(directory=folder, environ={}, clock=clock)
    return LiveJobs(app, cast("JenkinsConnection", _Timeless(error)), "shop", "shop")


def test_a_proxy_that_takes_jenkins_time_away_is_no_reason_to_write_nothing(tmp_path: Path, clock: FakeClock) -> None:
    assert _live(tmp_path, clock, FarSideFailed("it tells no time")).lock.now() == clock.wall()


def test_a_jenkins_that_is_away_is_one(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(Unreachable):
        _live(tmp_path, clock, Unreachable("it is away")).lock.now()
