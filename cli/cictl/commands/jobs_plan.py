"""`cictl jobs plan`, `apply` and `drift`: what Git, the last write and Jenkins say, compared, shown and written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.jobs_options import job_option, owner_option, take_over_option, tree_options, yes_option
from cictl.commands.options import MARKDOWN, output_option
from cictl.errors import ConfigInvalid, ExitCode, UsageProblem
from cictl.output import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.core.job_outcome import Outcome
    from cictl.services.jobs_plan import Planned
    from cictl.wiring.app import App
    from cictl.wiring.jobs import JobSource
    from cictl.wiring.jobs_plan import JobsRun


def _markdown_too(ctx: click.Context, _param: click.Parameter, value: str | None) -> bool:
    if value is None or value == MARKDOWN or ctx.obj is None:
        return value == MARKDOWN
    app: App = ctx.obj
    app.select_format(Format(value))
    return False


_overwrite_option = click.option(
    "--overwrite", multiple=True, metavar="JOB|all", help="Let Git win where Jenkins was edited; may be a glob."
)
_enable_option = click.option(
    "--enable", multiple=True, metavar="JOB|all", help="Let a job build that was disabled in Jenkins; may be a glob."
)
_COMMIT_HINT = "leave -r, -x, --ini, --plugins-info and --out out; what is merged is applied"
_detailed_option = click.option(
    "--detailed-exitcode", is_flag=True, help="End with 20 where 'apply' has something to do."
)


@click.command()
@tree_options
@job_option
@owner_option
@click.option("--full", is_flag=True, help="Show the XML that changes, too.")
@click.option("--out", type=click.Path(path_type=Path), metavar="PLAN", help="Save the plan, for 'apply PLAN'.")
@click.option("--commit", metavar="HASH", help="Plan jobs/ and cictl.yaml of this commit, as data that runs nothing.")
@_overwrite_option
@_detailed_option
@click.option(
    "-o",
    "--output",
    "is_markdown",
    type=click.Choice([*(each.value for each in Format), MARKDOWN]),
    callback=_markdown_too,
    help="How to print the plan; markdown is for a pull request.  [default: table]",
)
@click.pass_context
def plan(
    ctx: click.Context,
    *,
    source: JobSource,
    globs: tuple[str, ...],
    owner: str | None,
    full: bool,
    out: Path | None,
    commit: str | None,
    overwrite: tuple[str, ...],
    detailed_exitcode: bool,
    is_markdown: bool,
) -> None:
    """Show what 'apply' would do, field by field, against what Jenkins has now.

    Git's change is compared with the last write and with Jenkins: what a person edited there is told from what Git
    changed. A save in Jenkins that edits nothing is no change. --overwrite goes into the saved plan, too.

    With --detailed-exitcode it ends with 20 where 'apply' would write or stop at a conflict. What people changed and
    'apply' leaves is no such thing: 'cictl jobs drift --detailed-exitcode' tells that.

    With --commit, who wrote it needs no trust: its templates reach no program, no variable and no file outside of it,
    and Jenkins, folder and rules are those of the cictl.yaml that is here.
    """
    from cictl.commands.jobs_plan_documents import plan_markdown, plan_shown  # noqa: PLC0415 - not for --help
    from cictl.wiring.jobs import source_of_commit  # noqa: PLC0415 - as above
    from cictl.wiring.jobs_plan import jobs_run, wishes_of  # noqa: PLC0415 - as above

    app: App = ctx.obj
    if commit is not None and (out is not None or not source.is_default):
        raise UsageProblem("--commit is of the platform's own jobs/, and only to be looked at", hint=_COMMIT_HINT)
    with source_of_commit(app, source, commit) as tree, jobs_run(app, tree, globs, owner=owner) as run:
        planned = run.plan()
        run.require_chosen(planned)
        run.require_known(planned, "--overwrite", overwrite)
        wishes = wishes_of(overwrite, ())
        diffs = run.diffs(planned, wishes) if full else ()
        if is_markdown:
            app.output.text(plan_markdown(planned, wishes))
        else:
            app.output.show(plan_shown(planned, diffs, wishes))
        _refuse_problems(app, run, planned)
        if out is not None:
            run.save(planned, out, overwrite)
        if detailed_exitcode and run.has_work(planned, wishes):
            ctx.exit(ExitCode.CHANGES_PRESENT)


@click.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path))
@tree_options
@job_option
@owner_option
@_overwrite_option
@_enable_option
@take_over_option
@yes_option
@output_option
@click.pass_context
def apply(
    ctx: click.Context,
    *,
    plan_file: Path | None,
    source: JobSource,
    globs: tuple[str, ...],
    owner: str | None,
    overwrite: tuple[str, ...],
    enable: tuple[str, ...],
    take_over: bool,
    yes: bool,
) -> None:
    """Create and update jobs and views as planned; PLAN is one that 'plan --out' saved.

    Each is read once more before it is written, and read back after. What a person edited in Jenkins stays unless
    --overwrite names it; a field that both changed is left, and Git's other changes of that job with it. A job that
    was disabled in Jenkins stays so. Nothing is deleted: 'cictl jobs prune' does that.

    Ends with 6 if something moved since the plan or is in conflict, 7 if Jenkins went away, 9 if something failed. What
    somebody else has written already, as planned, is no conflict.
    """
    from cictl.wiring.jobs_plan import jobs_run, read_plan_file, source_of  # noqa: PLC0415 - as above

    app: App = ctx.obj
    saved = read_plan_file(plan_file) if plan_file else None
    if saved is not None:
        if not source.is_default or globs or overwrite:
            raise UsageProblem(
                "a saved plan says itself which jobs it is of, and what Git wins in",
                hint="leave -r, -x, --ini, --plugins-info, --job out, and give --overwrite to 'cictl jobs plan --out'",
            )
        if owner not in {None, saved.plan.owner}:
            message = f"the plan is of the jobs of {saved.plan.owner!r}, not of those of {owner!r}"
            raise UsageProblem(message, hint="leave --owner out, or make the plan anew with it")
        source, globs, owner = source_of(saved), saved.globs, saved.plan.owner
        overwrite = saved.overwrite
    with jobs_run(app, source, globs, owner=owner, take_over=take_over) as run:
        planned = run.plan()
        if saved is None:
            run.require_chosen(planned)
        _refuse_problems(app, run, planned)
        run.require_known(planned, "--overwrite", () if saved else overwrite)
        run.require_known(planned, "--enable", enable)
        planned, moved = run.narrow(planned, saved) if saved is not None else (planned, ())
        outcomes = _applied(app, run, planned, overwrite, enable, is_agreed=yes)
    _finish(ctx, (*moved, *outcomes))


def _applied(
    app: App, run: JobsRun, planned: Planned, overwrite: Sequence[str], enable: Sequence[str], *, is_agreed: bool
) -> tuple[Outcome, ...]:
    from cictl.commands.jobs_plan_documents import plan_shown  # noqa: PLC0415 - not for --help
    from cictl.wiring.jobs_plan import wishes_of  # noqa: PLC0415 - as above

    wishes = wishes_of(overwrite, enable)
    writes, left = run.decide(planned, wishes)
    if writes:
        if app.output.is_for_people:
            app.output.show(plan_shown(planned, wishes=wishes))
        if not app.output.confirm(f"Write {len(writes)} of these to Jenkins?", assume_yes=is_agreed):
            raise click.Abort
    return (*left, *run.apply(planned, writes))


def _finish(ctx: click.Context, outcomes: Sequence[Outcome]) -> None:
    from cictl.commands.jobs_results import results_document  # noqa: PLC0415 - not for --help
    from cictl.core.job_outcome import counted, exit_code_of  # noqa: PLC0415 - as above

    app: App = ctx.obj
    app.output.show(results_document("JobsApply", outcomes))
    if outcomes:
        app.output.progress(counted(outcomes))
    ctx.exit(exit_code_of(outcomes))


@click.command()
@tree_options
@job_option
@owner_option
@click.option("--accept", metavar="JOB", help="Print what Git must say to keep what this job has in Jenkins.")
@click.option("--detailed-exitcode", is_flag=True, help="End with 20 where something was changed in Jenkins.")
@output_option
@click.pass_context
def drift(
    ctx: click.Context,
    *,
    source: JobSource,
    globs: tuple[str, ...],
    owner: str | None,
    accept: str | None,
    detailed_exitcode: bool,
) -> None:
    """Show what people changed in Jenkins since the last write; nothing is written.

    --accept prints the line of YAML, or the XML, that carries the change over to Git.
    """
    from cictl.commands.jobs_plan_documents import drift_shown  # noqa: PLC0415 - not for --help
    from cictl.wiring.jobs_plan import acceptance, drifted_jobs, jobs_run, lost_jobs  # noqa: PLC0415 - as above

    app: App = ctx.obj
    with jobs_run(app, source, globs, owner=owner) as run:
        planned = run.plan()
        run.require_chosen(planned)
    if accept is not None:
        app.output.text(acceptance(planned, accept, Path.cwd()))
        return
    drifted = (*drifted_jobs(planned), *lost_jobs(planned))
    app.output.show(drift_shown(planned, drifted))
    if detailed_exitcode and drifted:
        ctx.exit(ExitCode.CHANGES_PRESENT)


def _refuse_problems(app: App, run: JobsRun, planned: Planned) -> None:
    problems = run.problems(planned)
    for each in problems:
        app.output.progress(each)
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise ConfigInvalid(f"{count} with what Git says; nothing was written", hint="each line names its job and file")
