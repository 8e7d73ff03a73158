"""`cictl jobs prune`: delete what is ours and Git no longer makes, after a plan and a backup."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.jobs_options import job_option, owner_option, take_over_option, tree_options, yes_option
from cictl.commands.options import dry_run_option, output_option
from cictl.errors import UsageProblem

if TYPE_CHECKING:
    from cictl.services.jobs_prune import PrunePlan
    from cictl.wiring.app import App
    from cictl.wiring.jobs import JobSource


@click.command()
@tree_options
@job_option
@click.option(
    "--max-delete",
    metavar="N|N%",
    help="Delete nothing if more jobs would go.  [default: 10 % of ours, at least 1, never more than 5]",
)
@click.option(
    "--backup-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep backups below this folder.  [default: XDG_STATE_HOME/cictl/backups]",
)
@owner_option
@take_over_option
@yes_option
@dry_run_option
@output_option
@click.pass_context
def prune(
    ctx: click.Context,
    *,
    source: JobSource,
    globs: tuple[str, ...],
    max_delete: str | None,
    backup_dir: Path | None,
    owner: str | None,
    take_over: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """Delete the jobs and views of ours that Git no longer makes.

    Ours is what bears our mark and what cictl has a record of writing. Nothing goes that runs or waits to be built,
    nothing in a folder that holds jobs of others. Each is kept in a backup first, which 'cictl jobs restore' brings
    back: its configuration, not its builds.

    Ends with 6 if something is not as the plan said, 7 if Jenkins went away, 9 if something failed.
    """
    from cictl.commands.jobs_prune_documents import plan_document  # noqa: PLC0415 - not for --help
    from cictl.commands.jobs_results import results_document  # noqa: PLC0415 - as above
    from cictl.core.job_outcome import exit_code_of  # noqa: PLC0415 - as above
    from cictl.wiring.jobs_upkeep import pruning  # noqa: PLC0415 - as above

    app: App = ctx.obj
    with pruning(app, source, backup_dir, owner=owner, take_over=take_over) as run:
        planned = run.plan(globs, max_delete)
        if not (dry_run or planned.going):
            run.look_after_lock()
        if dry_run or not planned.going:
            app.output.show(plan_document(planned))
            return
        if app.output.is_for_people:
            app.output.show(plan_document(planned))
        _refuse_common_mark(run.common_mark)
        _refuse_too_many(planned)
        if not app.output.confirm(_question(planned), assume_yes=yes):
            raise click.Abort
        removed = run.apply(planned)
    app.output.show(results_document("JobsPruneResult", removed, backup=run.backup_place))
    ctx.exit(exit_code_of(removed))


def _refuse_common_mark(mark: str | None) -> None:
    if mark is not None:
        message = f"the mark {mark!r} is that of any tree of this name, so some of these may be another repository's"
        hint = f"if all are yours, pass --owner {mark!r}; jenkins.folder in cictl.yaml makes the mark your own"
        raise UsageProblem(message, hint=hint)


def _refuse_too_many(plan: PrunePlan) -> None:
    count = plan.counted
    if count > plan.most:
        message = f"{count} jobs would be deleted of {plan.owned} that are ours, and at most {plan.most} may be at once"
        hint = f"is all of the tree here? If so, pass --max-delete {count}, or some at a time by --job"
        raise UsageProblem(message, hint=hint)


def _question(plan: PrunePlan) -> str:
    return f"Delete {len(plan.going)} from Jenkins, with the builds?"
