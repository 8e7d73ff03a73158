"""Renders a Job Builder tree, byte for byte as `jenkins-jobs test` does; asks no Jenkins and changes nothing."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cictl.clients.job_builder_cache import RenderCache, key_of
from cictl.clients.job_builder_ini import ini_parts, ini_places
from cictl.clients.job_builder_plugins import Plugin, read_plugins
from cictl.core.job_globs import is_match
from cictl.errors import CictlError

if TYPE_CHECKING:
    from cictl.clients.job_builder_inputs import Inputs
    from cictl.core.rendered_job import RenderedJob

Library = Any  # it ships no types


@dataclass(frozen=True, slots=True)
class JobTree:
    """What is rendered.

    PATHS are files, and folders with all below them. EXCLUDES are globs of folders to leave out; without any, those of
    the ini file. DATA is YAML that no file holds, DATA_NAME what messages call it. INI is the `jenkins_jobs.ini`; None
    is the one that Job Builder finds. PLUGINS is a `plugins_info.yaml`; None renders for the newest of all plugins.
    CONFINED_TO is the folder of a tree whose authors are not trusted: nothing of it is run, nothing outside is read.
    """

    paths: tuple[Path, ...]
    excludes: tuple[str, ...] = ()
    data: str | None = None
    data_name: str = "<data>"
    ini: Path | None = None
    plugins: Path | None = None
    confined_to: Path | None = None


class JobBuilder:
    """The jenkins-job-builder library, imported when a tree is rendered of which nothing is kept."""

    def __init__(self, environ: Mapping[str, str], cache: RenderCache | None = None) -> None:
        """ENVIRON names the ini file and its section as for Job Builder: JJB_CONF, JJB_SECTION."""
        self._environ = environ
        self._cache = cache

    def render(self, tree: JobTree, globs: Sequence[str] = ()) -> tuple[RenderedJob, ...]:
        """Return the jobs, then the views, whose full names match one of GLOBS; all if none is given."""
        with _without_collector():
            key = self.key(tree)
            kept = self._cache.find(key) if self._cache and key else None
            if kept is None:
                return self._made(tree, globs, key)
            return tuple(job for job in kept if is_match(job.full_name, globs)) if globs else kept

    def texts(self, tree: JobTree) -> Iterator[bytes]:
        """Yield the XML of the jobs, then of the views, in as few parts as it comes."""
        key = self.key(tree)
        kept = self._cache.find_text(key) if self._cache and key else None
        if kept is not None:
            yield kept
            return
        with _without_collector():
            jobs = self._made(tree, (), key)
        yield from (job.xml.encode() for job in jobs)

    def key(self, tree: JobTree) -> str | None:
        """Return what TREE is kept under; None where not all is known that it is rendered from, or nobody vouches."""
        if tree.confined_to is not None:
            return None
        ini = ini_parts(self._ini(tree))
        try:
            plugins = None if tree.plugins is None else tree.plugins.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return None  # who renders says what is wrong with it
        paths = [str(path.absolute()) for path in tree.paths]
        parts = (paths, tree.excludes, tree.data, tree.data_name, ini, self._section, plugins)
        return None if ini is None else key_of(*parts)

    def ini_files(self, tree: JobTree) -> list[Path]:
        """Return where the ini file of TREE is, or would be looked for."""
        return ini_places(self._ini(tree))

    def _made(self, tree: JobTree, globs: Sequence[str], key: str | None) -> tuple[RenderedJob, ...]:
        began = time.time_ns()
        try:
            return self._rendered(tree, globs, key, began)
        except CictlError:
            raise
        except Exception as error:
            from cictl.clients.job_builder_errors import translated  # noqa: PLC0415 - half a second

            raise translated(error, data_name=tree.data_name) from error

    def _rendered(self, tree: JobTree, globs: Sequence[str], key: str | None, began: int) -> tuple[RenderedJob, ...]:
        if tree.confined_to is not None and tree.plugins is not None:
            from cictl.clients.job_builder_confined import refuse_links  # noqa: PLC0415 - half a second

            refuse_links(tree.confined_to, [tree.plugins])
        plugins = None if tree.plugins is None else read_plugins(tree.plugins)
        from cictl.clients.job_builder_aliases import bounded_aliases  # noqa: PLC0415 - half a second
        from cictl.clients.job_builder_inputs import Inputs, watched  # noqa: PLC0415 - as above
        from cictl.clients.job_builder_library import is_extended, read_ini  # noqa: PLC0415 - as above

        inputs = Inputs()
        with watched(inputs), bounded_aliases():
            config = read_ini(self._ini(tree), self._section)
            render = _render if tree.confined_to is None else _render_confined
            jobs = render(tree, config, _plugins(plugins, config), globs, inputs)
        if self._cache and key and not globs and not is_extended():
            self._cache.keep(key, inputs, jobs, began_nanoseconds=began)
        return jobs

    @property
    def _section(self) -> str:
        return self._environ.get("JJB_SECTION", "jenkins")

    def _ini(self, tree: JobTree) -> Path | None:
        """Return the ini file that is named; None where the library looks for one itself."""
        named = self._environ.get("JJB_CONF")
        return tree.ini or (Path(named) if named else None)


def _inputs(tree: JobTree, config: Library, inputs: Inputs) -> list[Library]:
    from cictl.clients.job_builder_library import TextOfNoFile, recursed  # noqa: PLC0415 - half a second

    paths = recursed(tree.paths, tree.excludes or config.excludes, inputs)
    data = [] if tree.data is None else [TextOfNoFile(tree.data)]
    return [*paths, *data]


def _plugins(named: list[Plugin] | None, config: Library) -> list[Plugin]:
    if named is not None:
        return named
    if config.builder["plugins_info"] is None:
        logging.getLogger(__name__).warning(
            "the ini file wants plugin versions of a live Jenkins; rendered for the newest ones instead: "
            "write them with 'cictl jobs plugins-info', and name the file with --plugins-info"
        )
    return []


def _render(
    tree: JobTree, config: Library, plugins: list[Plugin], globs: Sequence[str], inputs: Inputs
) -> tuple[RenderedJob, ...]:
    """Where anything is unusual, the library itself decides, and words what is wrong."""
    from cictl.clients.job_builder_library import PLAIN, render  # noqa: PLC0415 - half a second

    try:
        # Fails, too, where PyYAML came without libyaml, or another version of the library is installed.
        from cictl.clients import job_builder_fast as fast  # noqa: PLC0415 - as above

        with fast.replaced():
            return render(fast.FAST, config, _inputs(tree, config, inputs), [dict(plugin) for plugin in plugins], globs)
    except Exception:
        # Whatever it is, the library meets it again.
        logging.getLogger(__name__).debug("the fast path gives up", exc_info=True)
    return render(PLAIN, config, _inputs(tree, config, inputs), plugins, globs)


def _render_confined(
    tree: JobTree, config: Library, plugins: list[Plugin], globs: Sequence[str], inputs: Inputs
) -> tuple[RenderedJob, ...]:
    """By the library's own parts, which is slower: the fast ones are not fenced in."""
    from cictl.clients.job_builder_confined import confined, refuse_links  # noqa: PLC0415 - half a second
    from cictl.clients.job_builder_library import PLAIN, render  # noqa: PLC0415 - as above

    root = tree.confined_to or Path()
    paths = _inputs(tree, config, inputs)
    refuse_links(root, [path for path in paths if isinstance(path, Path)])
    with confined(root):
        return render(PLAIN, config, paths, plugins, globs)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Spare the search for cycles: nearly everything that rendering makes lives until its end, and has none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
