"""Tells which services of the catalogue a change concerns, by what Git says of the repository around cictl.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.clients.git_changes import GitChanges
from cictl.config.check import load_listed
from cictl.core.changed_services import Concerned, ServicePaths, concerned_services

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cictl.config.platform import Config, ServiceEntry
    from cictl.wiring.app import App


def changed_services(app: App, since: str | None) -> tuple[Concerned, ...]:
    """Return the services that differ from the commit SINCE; all of them without one, or where it is gone."""
    config = app.config()
    changes = GitChanges(config.root)
    changed = changes.since(since) if since else None
    if since and changed is None:
        app.output.progress(f"commit {since!r} is not here, so all services count as changed")
    services = (ServicePaths(entry.name, _inside(changes, entry, config)) for entry in config.services())
    return concerned_services(changed, services)


def _inside(changes: GitChanges, entry: ServiceEntry, config: Config) -> tuple[str, ...]:
    found = (changes.inside(path) for path in _paths(entry, config))
    return tuple(path for path in found if path is not None)


def _paths(entry: ServiceEntry, config: Config) -> Iterator[Path]:
    """Yield what ENTRY is made of: its folder, what it names of manifests or chart, and what cictl.yaml adds."""
    from cictl.wiring.wanted import default_chart  # noqa: PLC0415 - loads helm's client

    service = load_listed(entry)
    yield entry.path
    yield service.manifests_path or service.chart_path or default_chart(config)
    yield from entry.uses
