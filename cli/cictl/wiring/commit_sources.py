"""A service's files as one commit has them, wherever the service lives: in this checkout or in its own repository."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.git_history import GitHistory
from cictl.config.service_file import FILE_NAME, load_service_file
from cictl.core.commits import SHORT_COMMIT
from cictl.errors import ConfigInvalid
from cictl.user_folders import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cictl.config.platform import ServiceEntry
    from cictl.config.service_file import ServiceFile
    from cictl.wiring.app import App


def history_of(app: App, entry: ServiceEntry) -> GitHistory:
    """Return the history of ENTRY; what is fetched for it is kept below XDG_CACHE_HOME."""
    return GitHistory(entry.path, entry.repo, cache=cache_folder(app.environ) / "git")


@contextmanager
def files_of(
    history: GitHistory, entry: ServiceEntry, commit: str, default_chart: Path
) -> Iterator[tuple[ServiceFile, Path]]:
    """Give ENTRY's service.yaml and DEFAULT_CHART as COMMIT has them, in a folder that is gone afterwards."""
    with history.files(commit, default_chart) as (folder, chart):
        name = f"{FILE_NAME} of {commit[:SHORT_COMMIT]}"
        service = load_service_file(folder, name=name)
        if service.name != entry.name:
            message = f"{name} calls itself {service.name!r}, not {entry.name!r}"
            raise ConfigInvalid(message, hint=f"was the image built from the path or repo of services.{entry.name}?")
        yield service, chart
