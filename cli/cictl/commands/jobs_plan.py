"""`cictl jobs plan`, `apply` and `drift`: what Git, the last write and Jenkins say, compared, shown and written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.agreement import ask, show_to_people, yes_option
from cictl.commands.jobs_options import Chosen, chosen_options, take_over_option
from cictl.commands.options import MARKDOWN, gathered, output_option
from cictl.errors import ConfigInvalid, ExitCode, UsageProblem
from cictl.output import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.core.job_outcome import Outcome
    from cictl.core.job_saved_plan import SavedPlan
    from cictl.services.jobs_plan import Planned
    from cictl.wiring.app import App
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


@dataclass(frozen=True, slots=True)
class _PlanWishes:
    """What is planned besides what is chosen, how it is shown and where it goes."""

    full: bool
    out: Path | None
    commit: str | None
    overwrite: tuple[str, ...]
    detailed_exitcode: bool
    is_markdown: bool


@dataclass(frozen=True, slots=True)
class _ApplyWishes:
    """What Git wins in and what is enabled, by names, globs or `all`; TAKE_OVER breaks a lock, YES asks nothing."""

    overwrite: tuple[str, ...]
    enable: tuple[str, ...]
    take_over: bool
    yes: bool


@click.command()
@chosen_options
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
@gathered("wishes", _PlanWishes)
@click.pass_context
def plan(ctx: click.Context, *, chosen: Chosen, wishes: _PlanWishes) -> None:
    """Show what 'apply' would do, field by field, against what Jenkins has now.

    Git's change is compared with the last write and with Jenkins: what a person edited there is told from what Git
    changed. A save in Jenkins that edits nothing is no change. --overwrite goes into the saved plan, too.

    With --detailed-exitcode it ends with 20 where 'apply' would write or stop at a conflict. What people changed and
    'apply' leaves is no such thing: 'cictl jobs drift --detailed-exitcode' tells that.

    With --commit, who wrote it needs no trust: its templates reach no program, no variable and no file outside of it,
    and Jenkins, folder and rules are those of the cictl.yaml that is here.
    """
    from cictl.wiring.jobs import source_of_commit  # noqa: PLC0415 - not for --help
    from cictl.wiring.jobs_plan import jobs_run, wishes_of  # noqa: PLC0415 - as above

    app: App = ctx.obj
    if wishes.commit is not None and (wishes.out is not None or not chosen.source.is_default):
        raise UsageProblem("--commit is of the platform's own jobs/, and only to be looked at", hint=_COMMIT_HINT)
    with (
        source_of_commit(app, chosen.source, wishes.commit) as tree,
        jobs_run(app, tree, chosen.globs, owner=chosen.owner) as run,
    ):
        planned = run.plan()
        run.require_chosen(planned)
        run.require_known(planned, "--overwrite", wishes.overwrite)
        _show_plan(app, run, planned, wishes)
        _refuse_problems(app, run, planned)
        if wishes.out is not None:
            run.save(planned, wishes.out, wishes.overwrite)
        if wishes.detailed_exitcode and run.has_work(planned, wishes_of(wishes.overwrite, ())):
            ctx.exit(ExitCode.CHANGES_PRESENT)


def _show_plan(app: App, run: JobsRun, planned: Planned, wishes: _PlanWishes) -> None:
    from cictl.commands.jobs_plan_documents import plan_markdown, plan_shown  # noqa: PLC0415 - as above
    from cictl.wiring.jobs_plan import wishes_of  # noqa: PLC0415 - as above

    winning = wishes_of(wishes.overwrite, ())
    diffs = run.diffs(planned, winning) if wishes.full else ()
    if wishes.is_markdown:
        app.output.text(plan_markdown(planned, winning))
    else:
        app.output.show(plan_shown(planned, diffs, winning))


@click.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path))
@chosen_options
@_overwrite_option
@_enable_option
@take_over_option
@yes_option
@output_option
@gathered("wishes", _ApplyWishes)
@click.pass_context
def apply(ctx: click.Context, *, plan_file: Path | None, chosen: Chosen, wishes: _ApplyWishes) -> None:
    """Create and update jobs and views as planned; PLAN is one that 'plan --out' saved.

    Each is read once more before it is written, and read back after. What a person edited in Jenkins stays unless
    --overwrite names it; a field that both changed is left, and Git's other changes of that job with it. A job that
    was disabled in Jenkins stays so. Nothing is deleted: 'cictl jobs prune' does that.

    Ends with 6 if something moved since the plan or is in conflict, 7 if Jenkins went away, 9 if something failed. What
    somebody else has written already, as planned, is no conflict.
    """
    from cictl.wiring.jobs_plan import jobs_run, read_plan_file  # noqa: PLC0415 - as above

    app: App = ctx.obj
    saved = read_plan_file(plan_file) if plan_file else None
    if saved is not None:
        chosen, wishes = _as_saved(saved, chosen, wishes)
    with jobs_run(app, chosen.source, chosen.globs, owner=chosen.owner, take_over=wishes.take_over) as run:
        planned = run.plan()
        if saved is None:
            run.require_chosen(planned)
        _refuse_problems(app, run, planned)
        run.require_known(planned, "--overwrite", () if saved else wishes.overwrite)
        run.require_known(planned, "--enable", wishes.enable)
        planned, moved = run.narrow(planned, saved) if saved is not None else (planned, ())
        outcomes = _applied(app, run, planned, wishes)
    _finish(ctx, (*moved, *outcomes))


def _as_saved(saved: SavedPlan, chosen: Chosen, wishes: _ApplyWishes) -> tuple[Chosen, _ApplyWishes]:
    """Return which jobs SAVED is of, and what Git wins in; UsageProblem where the command line says it, too."""
    from cictl.wiring.jobs_plan import source_of  # noqa: PLC0415 - as above

    if not chosen.source.is_default or chosen.globs or wishes.overwrite:
        raise UsageProblem(
            "a saved plan says itself which jobs it is of, and what Git wins in",
            hint="leave -r, -x, --ini, --plugins-info, --job out, and give --overwrite to 'cictl jobs plan --out'",
        )
    owner = saved.plan.owner
    if chosen.owner not in {None, owner}:
        message = f"the plan is of the jobs of {owner!r}, not of those of {chosen.owner!r}"
        raise UsageProblem(message, hint="leave --owner out, or make the plan anew with it")
    return Chosen(source_of(saved), saved.globs, owner), replace(wishes, overwrite=saved.overwrite)


def _applied(app: App, run: JobsRun, planned: Planned, wishes: _ApplyWishes) -> tuple[Outcome, ...]:
    from cictl.commands.jobs_plan_documents import plan_shown  # noqa: PLC0415 - not for --help
    from cictl.wiring.jobs_plan import wishes_of  # noqa: PLC0415 - as above

    winning = wishes_of(wishes.overwrite, wishes.enable)
    writes, left = run.decide(planned, winning)
    if writes:
        show_to_people(app, plan_shown(planned, wishes=winning))
        ask(app, f"Write {len(writes)} of these to Jenkins?", is_agreed=wishes.yes)
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
@chosen_options
@click.option("--accept", metavar="JOB", help="Print what Git must say to keep what this job has in Jenkins.")
@click.option("--detailed-exitcode", is_flag=True, help="End with 20 where something was changed in Jenkins.")
@output_option
@click.pass_context
def drift(ctx: click.Context, *, chosen: Chosen, accept: str | None, detailed_exitcode: bool) -> None:
    """Show what people changed in Jenkins since the last write; nothing is written.

    --accept prints the line of YAML, or the XML, that carries the change over to Git.
    """
    from cictl.commands.jobs_plan_documents import drift_shown  # noqa: PLC0415 - not for --help
    from cictl.wiring.jobs_plan import acceptance, drifted_jobs, jobs_run, lost_jobs  # noqa: PLC0415 - as above

    app: App = ctx.obj
    with jobs_run(app, chosen.source, chosen.globs, owner=chosen.owner) as run:
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
