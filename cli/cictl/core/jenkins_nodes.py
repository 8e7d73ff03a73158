"""Where builds run, as Jenkins lists it; frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Node:
    """An agent, or the controller itself."""

    name: str
    is_controller: bool
    is_online: bool
    executors: int
    labels: frozenset[str] = field(default_factory=frozenset)
    is_inbound: bool = False
    offline_because: str = ""


@dataclass(frozen=True, slots=True)
class InboundAgent:
    """What an agent needs to connect; SECRET lets anything connect under its name."""

    name: str
    secret: str = field(repr=False)
    url: str
