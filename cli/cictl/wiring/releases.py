"""Asks every environment what runs there; one that cannot be asked leaves the others as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cictl.core.past_releases import Past
from cictl.errors import CictlError
from cictl.services.promotion import past_of
from cictl.wiring.promotion import Remembered, place_in
from cictl.wiring.rollouts import RolloutTools

if TYPE_CHECKING:
    from cictl.config.platform import Environment
    from cictl.wiring.app import App


@dataclass(frozen=True, slots=True)
class Cell:
    """What one environment says of one service, at NOW of its own clock; or why it says nothing."""

    service: str
    environment: str
    past: Past
    now: float = 0.0
    problem: CictlError | None = None


def release_matrix(app: App, service: str | None) -> Iterator[Cell]:
    """Yield what runs, for SERVICE or for all, service by service and environment by environment."""
    config = app.config()
    services = [config.service(service)] if service is not None else config.services()
    for entry in services:
        for environment in config.environments():
            yield _cell(app, entry.name, environment)


def _cell(app: App, service: str, environment: Environment) -> Cell:
    try:
        memory = Remembered(RolloutTools(app, place_in(service, environment)))
        return Cell(service, environment.name, past_of(environment.name, memory), memory.now())
    except CictlError as problem:
        return Cell(service, environment.name, Past(environment.name), problem=problem)
