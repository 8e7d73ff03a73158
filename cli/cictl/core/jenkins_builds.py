"""Builds as Jenkins' API tells of them: what a job asks for, what waits, runs and ran; frozen values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

_QUEUE_ITEM = re.compile(r"/queue/item/(\d+)/?$")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a job asks for; `kind` is Jenkins' class without "ParameterDefinition", as in String, Choice or Boolean."""

    name: str
    kind: str
    default: str | None = None
    choices: tuple[str, ...] = ()
    description: str = ""

    @property
    def is_secret(self) -> bool:
        """Whether its value must not be shown."""
        return self.kind == "Password"


@dataclass(frozen=True, slots=True)
class BuildableJob:
    """A job as one who starts it must know it; `is_buildable` is False for a disabled one."""

    full_name: str
    class_name: str
    is_buildable: bool
    parameters: tuple[Parameter, ...] = ()
    next_number: int = 1


class QueueState(StrEnum):
    """How far a queued build is."""

    WAITING = "waiting"
    CANCELLED = "cancelled"
    LEFT = "left"  # it became a build


@dataclass(frozen=True, slots=True)
class QueueItem:
    """What waits to be built; `why` is Jenkins' own words, `number` the build's once it left."""

    queue_id: int
    state: QueueState
    why: str = ""
    is_stuck: bool = False
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """A build that waits in the queue; `users` are who asked for it, by Jenkins' user ids."""

    queue_id: int
    parameters: Mapping[str, str] = field(default_factory=dict)
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """A build; times in seconds, `result` None while it runs, else SUCCESS, UNSTABLE, FAILURE, ABORTED, NOT_BUILT.

    `causes` are Jenkins' own words for why it was built, `users` the ids of those who started it.
    """

    full_name: str
    number: int
    is_building: bool
    result: str | None
    started_at: float
    duration_seconds: float
    queue_id: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    causes: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"{self.full_name} #{self.number}"


@dataclass(frozen=True, slots=True)
class Branch:
    """A job that a multibranch project made; `name` is the item's, `shown_as` the branch's or pull request's own."""

    full_name: str
    name: str
    shown_as: str
    is_buildable: bool = True


@dataclass(frozen=True, slots=True)
class LogPosition:
    """Where a log was read to, in Jenkins' own bytes, and whether the build still writes."""

    next_start: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class WaitingInput:
    """A question that a build waits with; `parameters` are known only where Jenkins tells them."""

    input_id: str
    message: str
    parameters: tuple[str, ...] = ()


def queue_id_of(location: str) -> int | None:
    """Return the id of the queue item that LOCATION (of a 201) names, None if it names none.

    The address before it is built from Jenkins' root URL, which may be wrong: it does not count.
    """
    found = _QUEUE_ITEM.search(urlsplit(location).path)
    return int(found[1]) if found else None
