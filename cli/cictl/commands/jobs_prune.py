"""`cictl jobs prune`: delete what is ours and Git no longer makes, after a plan and a backup."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.agreement import Agreement, agreement_options
from cictl.commands.jobs_options import Chosen, backup_option, chosen_options, take_over_option
from cictl.commands.options import output_option
from cictl.errors import UsageProblem

if TYPE_CHECKING:
    from cictl.services.jobs_prune import PrunePlan
    from cictl.wiring.app import App


@click.command()
@chosen_options
@click.option(
    "--max-delete",
    metavar="N|N%",
    help="Delete nothing if more jobs would go.  [default: 10 % of ours, at least 1, never more than 5]",
)
@backup_option
@take_over_option
@agreement_options
@output_option
@click.pass_context
def prune(
    ctx: click.Context,
    *,
    chosen: Chosen,
    max_delete: str | None,
    backup_dir: Path | None,
    take_over: bool,
    agreement: Agreement,
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
    with pruning(app, chosen.source, backup_dir, owner=chosen.owner, take_over=take_over) as run:
        planned = run.plan(chosen.globs, max_delete)
        question = f"Delete {len(planned.going)} from Jenkins, with the builds?" if planned.going else None
        shown, check = plan_document(planned), partial(_refuse, planned, run.common_mark)
        if not agreement.is_reached(app, shown, question, look_after_lock=run.look_after_lock, check=check):
            return
        removed = run.apply(planned)
    app.output.show(results_document("JobsPruneResult", removed, backup=run.backup_place))
    ctx.exit(exit_code_of(removed))


def _refuse(plan: PrunePlan, mark: str | None) -> None:
    """Refuse what others may own by MARK, or more than may go at once."""
    if mark is not None:
        message = f"the mark {mark!r} is that of any tree of this name, so some of these may be another repository's"
        hint = f"if all are yours, pass --owner {mark!r}; jenkins.folder in cictl.yaml makes the mark your own"
        raise UsageProblem(message, hint=hint)
    count = plan.counted
    if count > plan.most:
        message = f"{count} jobs would be deleted of {plan.owned} that are ours, and at most {plan.most} may be at once"
        hint = f"is all of the tree here? If so, pass --max-delete {count}, or some at a time by --job"
        raise UsageProblem(message, hint=hint)
