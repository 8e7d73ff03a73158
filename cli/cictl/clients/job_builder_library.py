"""Runs the Job Builder library: from YAML files to XML, step by step as `jenkins-jobs test` does.

Nothing else imports it, but for the fast path and the errors beside this.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cictl.clients.job_builder_inputs import Inputs
from cictl.clients.job_builder_plugins import PLUGINS_FILE, Plugin, files_of
from cictl.core.job_globs import chosen_by
from cictl.core.job_order import alphanumeric_key
from cictl.core.rendered_job import RenderedJob

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pkg_resources says on each import that it will go
    import pkg_resources
    from jenkins_jobs import utils
    from jenkins_jobs.alphanum import AlphanumSort
    from jenkins_jobs.config import JJBConfig
    from jenkins_jobs.errors import JenkinsJobsException
    from jenkins_jobs.loader import load_files
    from jenkins_jobs.registry import ModuleRegistry
    from jenkins_jobs.roots import Roots
    from jenkins_jobs.xml_config import XmlJob, XmlJobGenerator, XmlViewGenerator

Library = Any  # it ships no types


@dataclass(frozen=True, slots=True)
class Machinery:
    """The parts of the library that one way of rendering uses."""

    load_files: Callable[[Library, Library, list[Library]], None]
    registry: Callable[[Library, list[Plugin]], Library]
    job_generator: Callable[[Library], Library]
    view_generator: Callable[[Library], Library]
    to_text: Callable[[Library], str]


def output(job: Library) -> str:
    """Return the XML of JOB as the library prints it."""
    text: str = job.output().decode()
    return text


PLAIN = Machinery(load_files, ModuleRegistry, XmlJobGenerator, XmlViewGenerator, output)


class TextOfNoFile(str):
    """YAML that no file holds. The library takes what can be read for its standard input, text keeps its snippets."""

    __slots__ = ()
    name = "<unicode string>"  # as PyYAML calls it

    def read(self) -> str:
        """Return the text."""
        return str(self)


class FailedJob(Exception):
    """A module of the library failed on one job; the cause is what it raised."""

    def __init__(self, job: str, source: str | None) -> None:
        """JOB is its full name."""
        super().__init__(job)
        self.job, self.source = job, source


def read_ini(path: Path | None, section: str) -> Library:
    """Return the library's configuration, from PATH or where the library looks."""
    config = JJBConfig(None if path is None else str(path), config_section=section)
    config.validate()
    return config


def recursed(paths: Sequence[Path], excludes: Sequence[str], inputs: Inputs) -> list[Library]:
    """Return the files of PATHS and of all folders below them, less the folders that EXCLUDES name; tell INPUTS."""
    found: list[Path] = []
    for path in paths:
        folders = [Path(folder) for folder in utils.recurse_path(str(path), list(excludes))] if path.is_dir() else []
        inputs.folders.update(map(str, folders))
        inputs.files.update(str(folder / PLUGINS_FILE) for folder in folders if (folder / PLUGINS_FILE).is_file())
        found += [file for folder in folders for file in files_of(folder)] if path.is_dir() else [path]
    inputs.files.update(str(path.absolute()) for path in found)
    return found


def is_extended() -> bool:
    """Whether other distributions add modules to the library: code of which nothing is known."""
    return any(
        group.startswith("jenkins_jobs.")
        for distribution in pkg_resources.working_set
        if distribution.key != "jenkins-job-builder"
        for group in distribution.get_entry_map()
    )


def render(
    machinery: Machinery, config: Library, paths: list[Library], plugins: list[Plugin], globs: Sequence[str]
) -> tuple[RenderedJob, ...]:
    """Return all jobs, then all views whose names match one of GLOBS (all if none is given), in the library's order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tags that the library deprecates go on working
        roots = Roots(config)
        machinery.load_files(config, roots, paths)
        registry = machinery.registry(config, plugins)
        registry.set_macros(roots.macros)
        chosen = chosen_by(globs)
        jobs = [job for job in roots.generate_jobs() if chosen(job.name)]
        views = [view for view in roots.generate_views() if chosen(view.name)]
        registry.amend_job_dicts(jobs)
        return (
            *_ordered(_generated(machinery.job_generator(registry), jobs, machinery, is_view=False)),
            *_ordered(_generated(machinery.view_generator(registry), views, machinery, is_view=True)),
        )


def _generated(
    generator: Library, items: list[Library], machinery: Machinery, *, is_view: bool
) -> Iterator[RenderedJob]:
    """Yield one job after the other, so that no more than one tree of XML is held."""
    for item in items:
        source = _source(item.data)
        try:
            (job,) = generator.generateXML([item])
            yield RenderedJob(job.name, machinery.to_text(job), is_view, source)
        except JenkinsJobsException:
            raise  # it says where
        except Exception as error:
            raise FailedJob(str(item.data.get("name")), source) from error


def _ordered(jobs: Iterator[RenderedJob]) -> list[RenderedJob]:
    found = list(jobs)
    if all(job.full_name.isascii() for job in found):
        return sorted(found, key=lambda job: alphanumeric_key(job.full_name))
    order = {id(job): AlphanumSort(XmlJob(None, job.full_name)) for job in found}
    return sorted(found, key=lambda job: order[id(job)])


def _source(data: Library) -> str | None:
    position = getattr(data, "pos", None)
    return None if position is None else f"{_shortest(str(position.path))}:{position.line + 1}"


@cache
def _shortest(path: str) -> str:
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
