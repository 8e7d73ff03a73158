"""`cictl jobs`: the jobs of Jenkins as code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.job_tree import split_paths, tree_options
from cictl.commands.jobs_adopt import adopt
from cictl.commands.jobs_prune import prune
from cictl.commands.jobs_restore import restore
from cictl.errors import ConfigInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.core.rendered_job import RenderedJob
    from cictl.wiring.app import App


@click.group()
def group() -> None:
    """Render, plan and apply the jobs of Jenkins."""


@group.command("render")
@tree_options
@click.option("--out", type=click.Path(path_type=Path), help="Write each job to DIR/NAME/config.xml.", metavar="DIR")
@click.option("--job", "globs", multiple=True, metavar="GLOB", help="Only jobs and views whose names match.")
@click.option("--strict", is_flag=True, help="Fail (exit 3) where a job of jobs/ breaks the platform's policy.")
@click.option("--data", "is_data", is_flag=True, help="Print what cictl.yaml says to the templates of jobs/ instead.")
@click.pass_obj
def render(
    app: App,
    *,
    recursive: str | None,
    exclude: tuple[str, ...],
    ini: Path | None,
    plugins_info: Path | None,
    out: Path | None,
    globs: tuple[str, ...],
    strict: bool,
    is_data: bool,
) -> None:
    """Print the config.xml of every job and view, as 'jenkins-jobs test' does; Jenkins is not asked.

    What the jobs of jobs/ do against the platform's policy is told on stderr.
    """
    from cictl.wiring.jobs import JobSource, data_text, rendered_jobs, write_jobs  # noqa: PLC0415 - once chosen

    if is_data:
        app.output.file([data_text(app).encode()])
        return
    source = JobSource(split_paths(recursive), exclude, ini, plugins_info)
    jobs = rendered_jobs(app, source, globs)
    if out is None:
        app.output.file(job.xml.encode() for job in jobs)
    else:
        write_jobs(jobs, out)
    if not source.paths:
        _tell_findings(app, jobs, is_strict=strict)


def _tell_findings(app: App, jobs: Sequence[RenderedJob], *, is_strict: bool) -> None:
    from cictl.wiring.jobs import job_findings  # noqa: PLC0415 - as above

    findings = job_findings(app, jobs)
    for finding in findings:
        app.output.progress(f"policy: {finding}")
    if findings and is_strict:
        count = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
        raise ConfigInvalid(f"{count} against the platform's policy", hint="each line names its job and file")


@group.command("plugins-info")
@click.option("--out", type=click.Path(path_type=Path), help="Where to.  [default: jobs/plugins_info.yaml]")
@click.pass_obj
def plugins_info(app: App, *, out: Path | None) -> None:
    """Write down the plugin versions of Jenkins, which jobs are rendered for; takes an administrator."""
    from cictl.wiring.jobs import write_plugins  # noqa: PLC0415 - after the command is chosen

    where, count = write_plugins(app, out)
    app.output.line(f"{where}: {count} plugins")


for _command in (adopt, prune, restore):
    group.add_command(_command)
