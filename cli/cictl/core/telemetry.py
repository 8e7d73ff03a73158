"""What Prometheus answered, and whether it can be relied on: every ready pod up, scraped twice, and lately."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cictl.core.release_target import ReleaseTarget

_PART = "cictl_part"
_ENOUGH_SCRAPES = 2  # a growth needs two
_STALE_AFTER_SCRAPES = 3.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One series' value; `at` in seconds since the epoch by Prometheus."""

    labels: Mapping[str, str]
    value: float
    at: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The answer to one query; a warning means that something may be missing in it."""

    samples: tuple[Sample, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number out of one query: `value` is None without data, `problem` says why it cannot be relied on."""

    query: str
    value: float | None = None
    problem: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether something was measured, NaN being nothing."""
        return self.value is not None and not math.isnan(self.value)


@dataclass(frozen=True, slots=True)
class _Target:
    """One scraped address of a pod."""

    pod: str
    instance: str
    is_up: bool
    scrapes: int
    scraped_at: float


@dataclass(frozen=True, slots=True)
class Targets:
    """The release's scraped addresses at `now` (Prometheus' time); `fault` is why they cannot be relied on.

    `scrape_seconds` is estimated from the number of scrapes in the window, `scraped_at` the newest of them.
    """

    now: float
    fault: str | None = None
    scrape_seconds: float = 0.0
    scraped_at: float = 0.0
    count: int = 0
    scrapes: Mapping[str, int] = field(default_factory=dict)


def measurement(query: str, reading: Reading) -> Measurement:
    """Return the one number in READING; several series, or a warning, make it unreliable."""
    if len(reading.samples) > 1:
        problem = f"the query gives {len(reading.samples)} series, not one; aggregate it, as with sum()"
        return Measurement(query, problem=problem)
    value = reading.samples[0].value if reading.samples else None
    return Measurement(query, value, _warning(reading))


def targets_query(selector: str, window: str) -> str:
    """Return one query for all that `read_targets` wants to know, at one moment of Prometheus' own clock."""
    parts = {
        "up": f"up{{{selector}}}",
        "scraped": f"timestamp(up{{{selector}}})",
        "scrapes": f"count_over_time(up{{{selector}}}[{window}])",
        "now": "vector(time())",
    }
    return " or ".join(f'label_replace({promql},"{_PART}","{part}","","")' for part, promql in parts.items())


def read_targets(reading: Reading, target: ReleaseTarget, *, window_seconds: float) -> Targets | None:
    """Return what READING of `targets_query` says about TARGET's pods; None if it is not such an answer."""
    now = next((sample.value for sample in reading.samples if sample.labels.get(_PART) == "now"), None)
    if now is None:
        return None
    targets = _grouped(reading.samples)
    most = max((item.scrapes for item in targets), default=0)
    interval = window_seconds / most if most else 0.0
    fault = _fault(targets, target, now=now, interval=interval) or _warning(reading)
    newest = max((item.scraped_at for item in targets), default=0.0)
    scrapes = {item.instance: item.scrapes for item in targets}
    return Targets(now, fault, interval, newest, len(targets), scrapes)


def _warning(reading: Reading) -> str | None:
    return f"Prometheus warns: {'; '.join(reading.warnings)}" if reading.warnings else None


def _grouped(samples: Iterable[Sample]) -> list[_Target]:
    """One `_Target` for each address that is known now; a pod that has gone is not waited for."""
    values: dict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)
    for sample in samples:
        labels = sample.labels
        key = (labels.get("job", ""), labels.get("instance", ""), labels.get("pod", ""))
        values[key][labels.get(_PART, "")] = sample.value
    return [
        _Target(pod, instance, found["up"] == 1, int(found.get("scrapes", 0)), found.get("scraped", 0.0))
        for (_, instance, pod), found in values.items()
        if "up" in found
    ]


def _fault(targets: list[_Target], target: ReleaseTarget, *, now: float, interval: float) -> str | None:
    ready = {pod.name for pod in target.ready_pods}
    if not ready:
        return "no pod of the release is ready"
    by_pod = {pod: [item for item in targets if item.pod == pod] for pod in ready}
    if any(item.pod for item in targets):
        missing = sorted(pod for pod, found in by_pod.items() if not found)
        judged = [item for found in by_pod.values() for item in found]
    else:  # a matcher of the user's own, on targets without a pod label: only their number can be compared
        missing = sorted(ready) if len(targets) < len(ready) else []
        judged = targets
    if missing:
        return f"Prometheus has no target for {_some(missing)}"
    return _fault_of_scrapes(judged, now=now, interval=interval)


def _fault_of_scrapes(targets: list[_Target], *, now: float, interval: float) -> str | None:
    if down := sorted(item.pod or item.instance for item in targets if not item.is_up):
        return f"Prometheus cannot scrape {_some(down)}"
    if fresh := sorted(item.pod or item.instance for item in targets if item.scrapes < _ENOUGH_SCRAPES):
        return f"fewer than two scrapes of {_some(fresh)} since the step began"
    oldest = now - min(item.scraped_at for item in targets)
    if oldest > max(1.0, interval * _STALE_AFTER_SCRAPES):
        return f"the newest scrape is {oldest:.0f} s old, at one about every {interval:.0f} s"
    return None


def _some(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    return unique[0] if len(unique) == 1 else f"{unique[0]} and {len(unique) - 1} more"
