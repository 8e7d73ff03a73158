"""What waits gives up when its time is over, and not a look later."""

from __future__ import annotations

import pytest

from cictl.clock import sleep_until
from cictl.core.bootstrap_agent import wish_for
from cictl.core.jenkins_builds import Build
from cictl.core.jenkins_nodes import Node
from cictl.errors import TimedOut, Unreachable
from cictl.services.bootstrap_agent import AgentWait
from cictl.services.build_patience import Patience
from cictl.services.jenkins_waiting import JenkinsWaiting
from tests.running import FakeClock

SECONDS = 2.5  # looks are a second apart


class Nobody:
    """Nodes of which none is online, a server that is away."""

    url = "http://jenkins"

    def nodes(self) -> tuple[Node, ...]:
        return ()

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)

    def pulse(self) -> object:
        raise Unreachable("it is away")

    def build(self) -> Build:
        raise Unreachable("it is away")


@pytest.mark.parametrize(
    ("seconds", "left", "slept"),
    [
        pytest.param(1.0, 5.0, 1.0, id="long-before"),
        pytest.param(1.0, 0.25, 0.25, id="shortly-before"),
        pytest.param(1.0, -3.0, 0.0, id="after"),
    ],
)
def test_sleep_until(clock: FakeClock, seconds: float, left: float, slept: float) -> None:
    began = clock.monotonic()
    sleep_until(began + left, clock, at_most=seconds)
    assert clock.monotonic() - began == pytest.approx(slept)


def _agent(clock: FakeClock) -> None:
    wait = AgentWait(clock, lambda _: None, SECONDS)
    assert not wait.is_online(Nobody(), wish_for("docker", folder="shop"), ())  # type: ignore[arg-type]


def _jenkins(clock: FakeClock) -> None:
    with pytest.raises(TimedOut):
        JenkinsWaiting(Nobody(), clock, lambda _: None).until_ready(SECONDS)  # type: ignore[arg-type]


def _patience_until(clock: FakeClock) -> None:
    with pytest.raises(Unreachable):
        Patience(clock, lambda _: None).ask(Nobody().build, deadline=clock.monotonic() + SECONDS)


def _patience(clock: FakeClock) -> None:
    with pytest.raises(Unreachable):
        Patience(clock, lambda _: None, away_seconds=SECONDS).ask(Nobody().build)


@pytest.mark.parametrize("wait", [_agent, _jenkins, _patience_until, _patience])
def test_no_wait_is_longer_than_it_may(clock: FakeClock, wait: object) -> None:
    began = clock.monotonic()
    wait(clock)  # type: ignore[operator]
    assert clock.monotonic() - began == pytest.approx(SECONDS)
