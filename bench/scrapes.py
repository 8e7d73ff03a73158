"""When Prometheus could first know of a new pod: no peer can judge what was not scraped twice."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench.place import NAMESPACE, Place

_LOOK_BACK = "5m"
_ENOUGH = 2  # a growth needs two


def second_scrape(place: Place, name: str, *, since: float) -> float | None:
    """Return when a pod of NAME that was first scraped after SINCE was scraped for the second time."""
    query = f'up{{namespace="{NAMESPACE}",pod=~"{name}-[^-]+-[^-]+"}}[{_LOOK_BACK}]'
    address = f"{place.prometheus}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - the lab's own Prometheus
        found: Mapping[str, Any] = json.load(answer)
    return earliest_second([series["values"] for series in found["data"]["result"]], since=since)


def earliest_second(series: Iterable[Sequence[Sequence[Any]]], *, since: float) -> float | None:
    """Return the earliest second sample among SERIES that began after SINCE."""
    times = [[float(at) for at, _ in values] for values in series]
    return min((each[1] for each in times if len(each) >= _ENOUGH and each[0] >= since), default=None)
