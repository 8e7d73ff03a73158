"""What Kubernetes' events tell about one pod: when something began, and its newest message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cictl.core.objects import KubernetesObject, text_at, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class PodEvent:
    """One kind of thing that happened, once or often; times in seconds since the epoch."""

    reason: str
    message: str
    first: float | None
    last: float | None


@dataclass(frozen=True, slots=True)
class PodEvents:
    """The events of one pod, oldest first."""

    events: tuple[PodEvent, ...]

    def since(self, reason: str, pattern: str = "") -> float | None:
        """Return when REASON with a message like PATTERN was first seen."""
        return min((each.first for each in self._matching(reason, pattern) if each.first is not None), default=None)

    def newest(self, reason: str, pattern: str = "") -> str:
        """Return the newest message of REASON like PATTERN, empty where there is none."""
        return next((each.message for each in reversed(self._matching(reason, pattern))), "")

    def _matching(self, reason: str, pattern: str) -> list[PodEvent]:
        return [each for each in self.events if each.reason == reason and re.search(pattern, each.message)]


def events_of(pod: KubernetesObject, events: Iterable[KubernetesObject]) -> PodEvents:
    """Return those of EVENTS that are about POD, told by its UID: a name can come again."""
    mine = [_read(event) for event in events if _is_about(event, pod)]
    return PodEvents(tuple(sorted(mine, key=lambda event: event.last or 0.0)))


def group_by_name(events: Iterable[KubernetesObject]) -> dict[str, list[KubernetesObject]]:
    """Return EVENTS by the name of what they are about: a namespace can have thousands."""
    groups: dict[str, list[KubernetesObject]] = {}
    for event in events:
        groups.setdefault(text_at(event, "involvedObject", "name"), []).append(event)
    return groups


def seconds_at(manifest: object, *path: str) -> float | None:
    """Return the time at PATH as seconds since the epoch, None where there is none."""
    text = text_at(manifest, *path)
    try:
        return datetime.fromisoformat(text).timestamp() if text else None
    except ValueError:
        return None


def _read(event: KubernetesObject) -> PodEvent:
    """Return EVENT; the scheduler's have only `eventTime` and `series`, the kubelet's only first and last."""
    once = seconds_at(event, "eventTime")
    first = seconds_at(event, "firstTimestamp") or once or seconds_at(event, "metadata", "creationTimestamp")
    last = seconds_at(event, "series", "lastObservedTime") or seconds_at(event, "lastTimestamp") or once or first
    return PodEvent(text_at(event, "reason"), text_at(event, "message"), first, last)


def _is_about(event: KubernetesObject, pod: KubernetesObject) -> bool:
    about, uid = value_at(event, "involvedObject"), text_at(pod, "metadata", "uid")
    if text_at(about, "kind") != "Pod" or text_at(about, "name") != text_at(pod, "metadata", "name"):
        return False
    return not uid or text_at(about, "uid") in ("", uid)
