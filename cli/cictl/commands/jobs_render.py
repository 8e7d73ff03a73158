"""`cictl jobs render` and `cictl jobs plugins-info`: what the templates make, and for which plugins."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.jobs_options import job_option, tree_options
from cictl.commands.options import output_option
from cictl.errors import ConfigInvalid
from cictl.output import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.core.job_policy import Finding
    from cictl.core.rendered_job import RenderedJob
    from cictl.wiring.app import App
    from cictl.wiring.jobs import JobSource


@click.command("render")
@tree_options
@click.option("--out", type=click.Path(path_type=Path), help="Write each job to DIR/NAME/config.xml.", metavar="DIR")
@job_option
@click.option("--strict", is_flag=True, help="Fail (exit 3) where a job of jobs/ breaks the platform's policy.")
@click.option("--data", "is_data", is_flag=True, help="Print what cictl.yaml says to the templates of jobs/ instead.")
@output_option
@click.pass_obj
def render(
    app: App,
    *,
    source: JobSource,
    out: Path | None,
    globs: tuple[str, ...],
    strict: bool,
    is_data: bool,
) -> None:
    """Print the config.xml of every job and view, as 'jenkins-jobs test' does; Jenkins is not asked.

    What the jobs of jobs/ do against the platform's policy is told on stderr. With -o the jobs are listed instead.
    """
    from cictl.wiring.jobs import data_text  # noqa: PLC0415 - once chosen

    if is_data:
        app.output.file([data_text(app).encode()])
    elif source.paths and not globs and out is None and app.output.is_for_people:
        _print_texts(app, source)
    else:
        _render(app, source, globs, out, is_strict=strict)


def _print_texts(app: App, source: JobSource) -> None:
    """Print all of another tree as it comes: policy is of the platform's own."""
    from cictl.wiring.jobs import rendered_texts, tell_if_empty  # noqa: PLC0415 - as above

    texts = rendered_texts(app, source)
    first = next(texts, b"")
    tell_if_empty(app, source, (), is_empty=not first)
    app.output.file(chain([first], texts))


def _render(app: App, source: JobSource, globs: Sequence[str], out: Path | None, *, is_strict: bool) -> None:
    from cictl.wiring.jobs import job_findings, rendered_jobs, require_matched, tell_if_empty  # noqa: PLC0415 - as above

    jobs = rendered_jobs(app, source, globs)
    tell_if_empty(app, source, globs, is_empty=not jobs)
    require_matched(app, globs, [job.full_name for job in jobs], also=source)
    findings = () if source.paths else job_findings(app, jobs)
    _hand_out(app, jobs, findings, out)
    _tell(app, findings, is_strict=is_strict)


def _hand_out(app: App, jobs: Sequence[RenderedJob], findings: Sequence[Finding], out: Path | None) -> None:
    from cictl.wiring.jobs import write_jobs  # noqa: PLC0415 - as above

    if out is not None:
        write_jobs(jobs, out)
    if not app.output.is_for_people:
        app.output.show(rendered_document(jobs, findings))
    elif out is None:
        app.output.file(job.xml.encode() for job in jobs)


def _tell(app: App, findings: Sequence[Finding], *, is_strict: bool) -> None:
    for finding in findings:
        app.output.progress(f"policy: {finding}")
    if findings and is_strict:
        count = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
        raise ConfigInvalid(f"{count} against the platform's policy", hint="each line names its job and file")


def rendered_document(jobs: Sequence[RenderedJob], findings: Sequence[Finding]) -> Document:
    """Return the list of JOBS and of what they break, without their XML."""
    listed = [{"fullName": job.full_name, "isView": job.is_view, "source": job.source} for job in jobs]
    broken = [{"job": each.job, "source": each.source, "rule": each.rule, "message": each.message} for each in findings]
    names = tuple(job.full_name for job in jobs)
    return Document("RenderedJobs", {"jobs": listed, "findings": broken}, names=names)


@click.command("plugins-info")
@click.option("--out", type=click.Path(path_type=Path), help="Where to.  [default: jobs/plugins_info.yaml]")
@click.pass_obj
def plugins_info(app: App, *, out: Path | None) -> None:
    """Write down the plugin versions of Jenkins, which jobs are rendered for; takes an administrator."""
    from cictl.wiring.jobs import write_plugins  # noqa: PLC0415 - after the command is chosen

    where, count = write_plugins(app, out)
    app.output.line(f"{where}: {count} plugins")
