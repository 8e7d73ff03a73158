"""Renders a Job Builder tree, byte for byte as `jenkins-jobs test` does; asks no Jenkins and changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cictl.clients.job_builder_plugins import Plugin, read_plugins
from cictl.errors import CictlError

if TYPE_CHECKING:
    from cictl.core.rendered_job import RenderedJob


@dataclass(frozen=True, slots=True)
class JobTree:
    """What is rendered.

    PATHS are files, and folders with all below them. EXCLUDES are globs of folders to leave out; without any, those of
    the ini file. DATA is YAML that no file holds, DATA_NAME what messages call it. INI is the `jenkins_jobs.ini`; None
    is the one that Job Builder finds. PLUGINS is a `plugins_info.yaml`; None renders for the newest of all plugins.
    """

    paths: tuple[Path, ...]
    excludes: tuple[str, ...] = ()
    data: str | None = None
    data_name: str = "<data>"
    ini: Path | None = None
    plugins: Path | None = None


class JobBuilder:
    """The jenkins-job-builder library, imported when the first tree is rendered."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """ENVIRON names the ini file and its section as for Job Builder: JJB_CONF, JJB_SECTION."""
        self._environ = environ

    def render(self, tree: JobTree, globs: Sequence[str] = ()) -> tuple[RenderedJob, ...]:
        """Return the jobs, then the views, whose full names match one of GLOBS; all if none is given."""
        plugins = None if tree.plugins is None else read_plugins(tree.plugins)
        from cictl.clients import job_builder_library as library  # noqa: PLC0415 - half a second

        try:
            config = self._config(tree)
            paths = _inputs(tree, config)
            return library.render(library.PLAIN, config, paths, _plugins(plugins, config), globs)
        except CictlError:
            raise
        except Exception as error:
            from cictl.clients.job_builder_errors import translated  # noqa: PLC0415 - as above

            raise translated(error) from error

    def _config(self, tree: JobTree) -> Any:  # noqa: ANN401 - the library ships no types
        from cictl.clients.job_builder_library import read_ini  # noqa: PLC0415 - half a second

        return read_ini(self.ini(tree), self._environ.get("JJB_SECTION", "jenkins"))

    def ini(self, tree: JobTree) -> Path | None:
        """Return the ini file that is named; None where the library looks for one itself."""
        named = self._environ.get("JJB_CONF")
        return tree.ini or (Path(named) if named else None)


def _inputs(tree: JobTree, config: Any) -> list[Any]:  # noqa: ANN401 - as above
    from cictl.clients.job_builder_library import NamedText, recursed  # noqa: PLC0415 - as above

    paths = recursed(tree.paths, tree.excludes or config.excludes)
    data = [] if tree.data is None else [NamedText(tree.data, tree.data_name)]
    return [*paths, *data]


def _plugins(named: list[Plugin] | None, config: Any) -> list[Plugin]:  # noqa: ANN401 - as above
    if named is not None:
        return named
    if config.builder["plugins_info"] is None:
        logging.getLogger(__name__).warning(
            "the ini file wants plugin versions of a live Jenkins; rendered for the newest ones instead: "
            "write them with 'cictl jobs plugins-info', and name the file with --plugins-info"
        )
    return []
