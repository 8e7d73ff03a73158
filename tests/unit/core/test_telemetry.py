"""When telemetry can be relied on, and when one number can."""

from __future__ import annotations

import math

import pytest

from cictl.core.release_target import ReadyPod, ReleaseTarget
from cictl.core.telemetry import Measurement, Reading, Sample, Targets, measurement, read_targets, targets_query

NOW = 1000.0


def _target(*pods: str) -> ReleaseTarget:
    return ReleaseTarget("shop", "checkout", "rs", tuple(ReadyPod(pod, 0.0) for pod in pods))


def _scraped(
    pod: str, *, up: float = 1, scrapes: float | None = 10, at: float = NOW - 1, port: str = ":1"
) -> list[Sample]:
    labels = {"job": "pods", "instance": f"{pod or 'ip'}{port}"} | ({"pod": pod} if pod else {})
    values = {"up": up, "scraped": at, "scrapes": scrapes}
    return [Sample({**labels, "cictl_part": part}, value, NOW) for part, value in values.items() if value is not None]


def _read(*samples: list[Sample], pods: tuple[str, ...] = ("a",), warnings: tuple[str, ...] = ()) -> Targets:
    clock = Sample({"cictl_part": "now"}, NOW, NOW)
    found = read_targets(
        Reading((*(sample for group in samples for sample in group), clock), warnings),
        _target(*pods),
        window_seconds=20.0,
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("targets", "fault"),
    [
        pytest.param(_read(_scraped("a")), None, id="up"),
        pytest.param(_read(_scraped("a"), _scraped("b"), pods=("a", "b")), None, id="both-up"),
        pytest.param(_read(_scraped("a"), _scraped("gone", up=0)), None, id="a-pod-that-is-not-ready-does-not-count"),
        pytest.param(_read(), "Prometheus has no target for a", id="no-target"),
        pytest.param(_read(_scraped("a"), pods=("a", "b", "c")), "Prometheus has no target for b and 1 more", id="two"),
        pytest.param(_read(_scraped("a", up=0)), "Prometheus cannot scrape a", id="down"),
        pytest.param(_read(_scraped("a"), _scraped("a", up=0, port=":2")), "Prometheus cannot scrape a", id="a-port"),
        pytest.param(_read(_scraped("a", scrapes=1)), "fewer than two scrapes of a since the step began", id="fresh"),
        pytest.param(_read(_scraped("a", scrapes=None)), "fewer than two scrapes of a since the step began", id="none"),
        pytest.param(
            _read(_scraped("a", at=NOW - 7)), "the newest scrape is 7 s old, at one about every 2 s", id="stale"
        ),
        pytest.param(_read(_scraped("a"), pods=()), "no pod of the release is ready", id="no-ready-pod"),
        pytest.param(_read(_scraped("a"), warnings=("partial",)), "Prometheus warns: partial", id="partial"),
        pytest.param(_read(_scraped("")), None, id="without-pod-label-enough"),
        pytest.param(_read(_scraped(""), pods=("a", "b")), "Prometheus has no target for a and 1 more", id="too-few"),
    ],
)
def test_fault(targets: Targets, fault: str | None) -> None:
    assert targets.fault == fault


def test_scrape_interval_is_estimated() -> None:
    found = _read(_scraped("a", scrapes=10), _scraped("b", scrapes=4), pods=("a", "b"))
    assert (found.now, found.scrape_seconds, found.scraped_at, found.count) == (NOW, 2.0, NOW - 1, 2)
    assert found.scrapes == {"a:1": 10, "b:1": 4}


def test_an_answer_without_time_is_none() -> None:
    assert read_targets(Reading(), _target("a"), window_seconds=1.0) is None


def test_one_query_asks_for_all() -> None:
    query = targets_query('pod="x"', "9s")
    assert [part in query for part in ('up{pod="x"}', "timestamp(", 'up{pod="x"}[9s]', "vector(time())")] == [True] * 4


@pytest.mark.parametrize(
    ("reading", "value", "problem"),
    [
        pytest.param(Reading(), None, None, id="no-data"),
        pytest.param(Reading((Sample({}, 3.0, NOW),)), 3.0, None, id="one"),
        pytest.param(
            Reading((Sample({"a": "1"}, 3.0, NOW), Sample({"a": "2"}, 3.0, NOW))),
            None,
            "the query gives 2 series, not one; aggregate it, as with sum()",
            id="several",
        ),
        pytest.param(Reading((Sample({}, 3.0, NOW),), ("x", "y")), 3.0, "Prometheus warns: x; y", id="warnings"),
    ],
)
def test_measurement(reading: Reading, value: float | None, problem: str | None) -> None:
    assert measurement("q", reading) == Measurement("q", value, problem)


def test_nan_is_no_number() -> None:
    assert not Measurement("q", math.nan).is_number
