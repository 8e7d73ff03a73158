"""Builds what makes reports of rollouts, and puts them on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cictl.core.report_page import page
from cictl.errors import NotFound
from cictl.services.rollout_reports import RolloutReports

if TYPE_CHECKING:
    from cictl.core.commits import Commit
    from cictl.core.report import Report
    from cictl.wiring.rollouts import RolloutTools


def rollout_report(tools: RolloutTools, release: int | None) -> Report:
    """Return the report of RELEASE (None: the newest) of the service of TOOLS."""
    reports = RolloutReports(
        tools.store,
        tools.follower(),
        undo_target=lambda service: tools.rollouts.undo_target(service, None),
        commit=lambda commit: _commit(tools, commit),
        clock=tools.api.now,
    )
    return reports.report(tools.place.service, release)


def _commit(tools: RolloutTools, commit: str) -> Commit:
    """Return what Git says of COMMIT of a service; of others' Deployments nobody knows the repository."""
    from cictl.wiring.commit_sources import history_of  # noqa: PLC0415 - Git only where it is asked

    if tools.place.environment is None:
        raise NotFound(f"nobody knows the repository of {tools.place.service}")
    return history_of(tools.app, tools.app.config().service(tools.place.service)).newest(commit)


def write_page(report: Report, path: Path) -> None:
    """Write REPORT to PATH as HTML, in place of what is there."""
    from cictl.clients.report_folder import write_file  # noqa: PLC0415 - only where a file is asked for

    write_file(path, page(report))
