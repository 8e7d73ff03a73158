"""Builds what renders jobs: the platform's own tree with the data of cictl.yaml, or any other Job Builder tree."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.job_builder import JobBuilder, JobTree
from cictl.clients.job_builder_cache import RenderCache
from cictl.clients.job_builder_lines import RenderedLine
from cictl.clients.job_builder_plugins import PLUGINS_FILE
from cictl.clients.job_folder import write_jobs, write_text
from cictl.core.job_globs import ALL, is_match
from cictl.core.spelling import nearest
from cictl.errors import CictlError, NotFound, UsageProblem
from cictl.user_folders import cache_folder

__all__ = [
    "JobSource",
    "data_text",
    "job_findings",
    "job_tree",
    "rendered_jobs",
    "rendered_texts",
    "require_matched",
    "source_of_commit",
    "tell_if_empty",
    "write_jobs",
    "write_plugins",
]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cictl.config.platform import Config
    from cictl.core.job_policy import Finding
    from cictl.core.rendered_job import RenderedJob
    from cictl.wiring.app import App

_OWN_FOLDER = "jobs"
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class JobSource:
    """Which tree a command works on; PATHS empty is the platform's own `jobs/`.

    CHECKOUT is another checkout of the platform's repository, whose `jobs/` and cictl.yaml are taken as mere data.
    """

    paths: tuple[Path, ...] = ()
    excludes: tuple[str, ...] = ()
    ini: Path | None = None
    plugins: Path | None = None
    checkout: Path | None = None

    @property
    def is_default(self) -> bool:
        """Whether it is what a command works on that is told nothing."""
        return self == JobSource()


def rendered_jobs(app: App, source: JobSource, globs: Sequence[str] = ()) -> tuple[RenderedJob, ...]:
    """Return the jobs and views of SOURCE whose full names match one of GLOBS (all if none is given)."""
    if source.checkout is None:
        return _builder(app).render(job_tree(app, source), globs)
    place = f"{source.checkout}{os.sep}"  # is gone by the time that people read where something stands
    try:
        jobs = _builder(app).render(job_tree(app, source), globs)
    except CictlError as error:
        error.message = error.message.replace(place, "")
        raise
    return tuple(replace(job, source=job.source and job.source.replace(place, "")) for job in jobs)


def require_matched(
    app: App, globs: Sequence[str], known: Iterable[str], *, also: JobSource | None = None, option: str = "--job"
) -> None:
    """Raise UsageProblem if one of GLOBS, which OPTION gave, matches none of KNOWN names; name one of those of ALSO."""
    names = list(known)
    for glob in globs:
        if any(is_match(name, (glob,)) for name in names) or (option != "--job" and glob == ALL):
            continue
        close = nearest(glob, names if also is None else [each.full_name for each in rendered_jobs(app, also)])
        hint = f"did you mean {close!r}?" if close else "'cictl jobs render -o name' lists what there is"
        raise UsageProblem(f"{option} {glob} matches no job of this tree", hint=hint)


def tell_if_empty(app: App, source: JobSource, globs: Sequence[str], *, is_empty: bool) -> None:
    """Say so where SOURCE makes no job at all, which may be the wrong folder."""
    if is_empty and source.paths and not globs:
        places = ", ".join(map(str, source.paths))
        app.output.progress(f"{places} makes no job or view at all: is it the right folder, or all left out by -x?")


def rendered_texts(app: App, source: JobSource) -> Iterator[bytes]:
    """Yield the XML of `rendered_jobs`, in as few parts as it comes; the command line is kept with what it printed."""
    builder, tree, is_empty = _builder(app), job_tree(app, source), True
    line, key = RenderedLine(cache_folder(app.environ), app.words, app.environ), builder.key(tree)
    for text in builder.texts(tree):
        is_empty = is_empty and not text
        yield text
    if key and not is_empty:
        line.keep(key, beside=[*builder.ini_files(tree), *_plugin_files(source, tree.paths)])


def job_findings(app: App, jobs: Sequence[RenderedJob]) -> tuple[Finding, ...]:
    """Return what the platform's own JOBS do that they may not."""
    from cictl.core.job_policy import Policy, policy_findings  # noqa: PLC0415 - other trees follow no policy

    jenkins = app.config().jenkins
    platform = jenkins.platform
    policy = Policy(
        folder=jenkins.folder.strip("/"),
        repository=platform.repo if platform else "",
        branch=platform.branch if platform else "",
        credential_folders={entry.id: entry.folder for entry in jenkins.credentials},
    )
    return tuple(finding for job in jobs for finding in policy_findings(job, policy))


def write_plugins(app: App, path: Path | None) -> tuple[Path, int]:
    """Write the live Jenkins' plugin versions to PATH, by default where jobs/ has them; return where, and how many."""
    from cictl.clients.jenkins_plugins import JenkinsPlugins  # noqa: PLC0415 - rendering asks no Jenkins
    from cictl.clients.job_builder_plugins import plugins_text  # noqa: PLC0415 - as above
    from cictl.wiring.jenkins import jenkins_connection  # noqa: PLC0415 - as above

    where = path or app.config().root / _OWN_FOLDER / PLUGINS_FILE
    with closing(jenkins_connection(app)) as connection:
        installed = JenkinsPlugins(connection).installed()
    write_text(where, plugins_text((each.name, each.title, each.version) for each in installed))
    return where, len(installed)


def job_tree(app: App, source: JobSource) -> JobTree:
    """Return SOURCE as the client takes it; the platform's own tree gets the data of cictl.yaml."""
    root = source.checkout or (None if source.paths else app.config().root)
    paths = source.paths if root is None else (root / _OWN_FOLDER,)
    _require(paths)
    plugins = source.plugins or next((file for file in _plugin_files(source, paths) if file.is_file()), None)
    tree = JobTree(paths, excludes=source.excludes, ini=source.ini, plugins=plugins, confined_to=source.checkout)
    if root is None:
        return tree
    return replace(tree, data=data_text(app, source.checkout), data_name=f"<data of {app.config().path.name}>")


def _plugin_files(source: JobSource, paths: Sequence[Path]) -> list[Path]:
    return [source.plugins] if source.plugins else [path / PLUGINS_FILE for path in paths]


def data_text(app: App, checkout: Path | None = None) -> str:
    """Return what cictl.yaml, that of CHECKOUT if one is given, says to the templates, as YAML for Job Builder."""
    import yaml  # noqa: PLC0415 - other trees need no data

    from cictl.config.job_data import job_data  # noqa: PLC0415 - as above

    config = app.config() if checkout is None else _config_of(app, checkout)
    return yaml.safe_dump([{"project": project} for project in job_data(config)], sort_keys=False)


@contextmanager
def source_of_commit(app: App, source: JobSource, commit: str | None) -> Iterator[JobSource]:
    """Give SOURCE as COMMIT of the platform's repository has it, until the block ends; None changes nothing."""
    if commit is None:
        yield source
        return
    from cictl.clients.git_history import GitHistory  # noqa: PLC0415 - other plans need no Git

    root = app.config().root
    if not _HASH.fullmatch(commit):
        message = f"{commit!r} is not the whole hash of a commit"
        raise UsageProblem(message, hint="'git rev-parse NAME' prints the hash of a branch or tag")
    with ExitStack() as stack:
        try:
            history = GitHistory(root, None, cache=cache_folder(app.environ) / "git")
            (folder,) = stack.enter_context(history.files(commit))
        except NotFound as error:
            raise NotFound(error.message, hint=f"fetch it: git -C {root} fetch origin") from error
        yield replace(source, checkout=folder.resolve())


def _config_of(app: App, checkout: Path) -> Config:
    from cictl.config.platform import load_config  # noqa: PLC0415 - as app.py

    path = checkout / app.config().path.name
    if path.is_symlink() or not path.is_file():
        raise NotFound(f"that commit has no {path.name}", hint="plan a commit of the platform's repository")
    return load_config(path)


def _builder(app: App) -> JobBuilder:
    return JobBuilder(app.environ, RenderCache(cache_folder(app.environ) / "jobs"))


def _require(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise NotFound(f"there is no {path}", hint="name a folder or file of Job Builder YAML")
