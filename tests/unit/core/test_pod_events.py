from __future__ import annotations

from typing import Any

import pytest

from cictl.core.pod_events import events_of, seconds_at

POD = {"metadata": {"name": "a", "uid": "1"}}
T0 = 1_800_000_000.0


def event(name: str = "a", uid: str = "1", **rest: object) -> dict[str, Any]:
    return {"involvedObject": {"kind": "Pod", "name": name, "uid": uid}, "reason": "Failed", "message": "m", **rest}


@pytest.mark.parametrize(
    ("times", "first", "last"),
    [
        pytest.param(
            {"firstTimestamp": "2027-01-15T08:00:00Z", "lastTimestamp": "2027-01-15T08:00:09Z"},
            T0,
            T0 + 9,
            id="kubelet",
        ),
        pytest.param(
            {"eventTime": "2027-01-15T08:00:00.500000Z", "firstTimestamp": None}, T0 + 0.5, T0 + 0.5, id="scheduler"
        ),
        pytest.param(
            {"eventTime": "2027-01-15T08:00:00Z", "series": {"lastObservedTime": "2027-01-15T08:01:00Z"}},
            T0,
            T0 + 60,
            id="series",
        ),
        pytest.param({"metadata": {"creationTimestamp": "2027-01-15T08:00:00Z"}}, T0, T0, id="only-created"),
        pytest.param({}, None, None, id="no-time"),
    ],
)
def test_times_of_an_event(times: dict[str, Any], first: float | None, last: float | None) -> None:
    (found,) = events_of(POD, [event(**times)]).events
    assert (found.first, found.last) == (first, last)


def test_events_of_others_are_left_out() -> None:
    of_service = {"involvedObject": {"kind": "Service", "name": "a"}}
    assert events_of(POD, [event("b"), event(uid="of-the-pod-before"), of_service]).events == ()
    assert len(events_of(POD, [event(uid="")]).events) == 1


def test_first_and_newest() -> None:
    early = event(message="pull: no", firstTimestamp="2027-01-15T08:00:00Z", lastTimestamp="2027-01-15T08:00:30Z")
    late = event(message="pull: never", firstTimestamp="2027-01-15T08:00:10Z", lastTimestamp="2027-01-15T08:00:40Z")
    events = events_of(POD, [late, early])
    assert events.since("Failed", "pull") == T0
    assert events.newest("Failed", "pull") == "pull: never"
    assert events.newest("Failed", "mount") == ""
    assert events.since("Other") is None


@pytest.mark.parametrize("text", ["", "soon", None, 5])
def test_what_is_no_time(text: object) -> None:
    assert seconds_at({"at": text}, "at") is None
