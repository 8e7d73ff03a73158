"""`cictl jobs adopt`: take over the jobs that Git makes and that Job Builder or a person made before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cictl.commands.jobs_options import job_option, owner_option, take_over_option, tree_options, yes_option
from cictl.commands.options import dry_run_option, output_option
from cictl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.core.job_adoption import Adoption
    from cictl.core.job_outcome import Outcome
    from cictl.wiring.app import App
    from cictl.wiring.jobs import JobSource


@click.command()
@tree_options
@job_option
@click.option("--from", "takes_from", multiple=True, metavar="OWNER", help="Take them from this owner, too.")
@owner_option
@take_over_option
@yes_option
@dry_run_option
@output_option
@click.pass_context
def adopt(
    ctx: click.Context,
    *,
    source: JobSource,
    globs: tuple[str, ...],
    takes_from: tuple[str, ...],
    owner: str | None,
    take_over: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """Take over jobs and views that Job Builder or a person made.

    Only those that Git makes under the same name. Nothing of them moves but the description, which gets our mark:
    what Git will change in each is shown, and done by the next 'cictl jobs apply'. From then on Job Builder's
    --delete-old leaves them alone.

    Ends with 6 if something is not as the plan said or belongs to another owner, 7 if Jenkins went away, 9 if something
    failed.
    """
    from cictl.commands.jobs_adopt_documents import plan_document  # noqa: PLC0415 - not for --help
    from cictl.commands.jobs_results import results_document  # noqa: PLC0415 - as above
    from cictl.wiring.jobs_upkeep import adopting  # noqa: PLC0415 - as above

    app: App = ctx.obj
    with adopting(app, source, owner=owner, take_over=take_over) as run:
        planned = run.plan(globs, takes_from)
        going = [each for each in planned if each.refusal is None]
        if not (dry_run or going):
            run.look_after_lock()
        if dry_run or not going:
            app.output.show(plan_document(planned))
            ctx.exit(_exit_code(planned, ()))
        if app.output.is_for_people:
            app.output.show(plan_document(planned))
        if not app.output.confirm(f"Put our mark on {len(going)}?", assume_yes=yes):
            raise click.Abort
        adopted = run.apply(planned)
    app.output.show(results_document("JobsAdoptResult", adopted))
    ctx.exit(_exit_code(planned, adopted))


def _exit_code(planned: Sequence[Adoption], adopted: Sequence[Outcome]) -> ExitCode:
    from cictl.core.job_outcome import exit_code_of  # noqa: PLC0415 - as above

    code = exit_code_of(adopted)
    return ExitCode.CONFLICT if code is ExitCode.OK and any(each.refusal for each in planned) else code
