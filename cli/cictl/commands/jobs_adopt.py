"""`cictl jobs adopt`: take over the jobs that Git makes and that Job Builder or a person made before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cictl.commands.agreement import Agreement, agreement_options
from cictl.commands.jobs_options import Chosen, chosen_options, take_over_option
from cictl.commands.options import output_option
from cictl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.core.job_adoption import Adoption
    from cictl.core.job_outcome import Outcome
    from cictl.wiring.app import App


@click.command()
@chosen_options
@click.option("--from", "takes_from", multiple=True, metavar="OWNER", help="Take them from this owner, too.")
@take_over_option
@agreement_options
@output_option
@click.pass_context
def adopt(
    ctx: click.Context, *, chosen: Chosen, takes_from: tuple[str, ...], take_over: bool, agreement: Agreement
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
    with adopting(app, chosen.source, owner=chosen.owner, take_over=take_over) as run:
        planned = run.plan(chosen.globs, takes_from)
        count = sum(each.refusal is None for each in planned)
        question = f"Put our mark on {count}?" if count else None
        if not agreement.is_reached(app, plan_document(planned), question, look_after_lock=run.look_after_lock):
            ctx.exit(_exit_code(planned, ()))
        adopted = run.apply(planned)
    app.output.show(results_document("JobsAdoptResult", adopted))
    ctx.exit(_exit_code(planned, adopted))


def _exit_code(planned: Sequence[Adoption], adopted: Sequence[Outcome]) -> ExitCode:
    from cictl.core.job_outcome import exit_code_of  # noqa: PLC0415 - as above

    code = exit_code_of(adopted)
    return ExitCode.CONFLICT if code is ExitCode.OK and any(each.refusal for each in planned) else code
