"""`cictl jobs restore`: bring back from a backup what prune deleted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.agreement import Agreement, agreement_options
from cictl.commands.jobs_options import backup_option, job_option, take_over_option
from cictl.commands.options import output_option
from cictl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.core.job_outcome import Outcome
    from cictl.services.jobs_restore import RestorePlan
    from cictl.wiring.app import App


@click.command()
@click.argument("backup", required=False)
@job_option
@click.option("--overwrite", is_flag=True, help="Replace what is there now, which is kept in a backup before.")
@click.option("--lossy", is_flag=True, help="Bring back, without its secrets, what they were hidden in.")
@backup_option
@take_over_option
@agreement_options
@output_option
@click.pass_context
def restore(
    ctx: click.Context,
    *,
    backup: str | None,
    globs: tuple[str, ...],
    overwrite: bool,
    lossy: bool,
    backup_dir: Path | None,
    take_over: bool,
    agreement: Agreement,
) -> None:
    """Bring back jobs, folders and views from BACKUP; without it, list the backups that there are.

    BACKUP is a name from that list or a folder. What is there now stays, unless --overwrite. Builds do not come back;
    their numbers go on where Jenkins has the plugin next-build-number.

    Ends with 6 if something cannot come back as the plan said, 7 if Jenkins went away, 9 if something failed.
    """
    from cictl.commands.jobs_restore_documents import plan_document  # noqa: PLC0415 - not for --help
    from cictl.commands.jobs_results import results_document  # noqa: PLC0415 - as above
    from cictl.wiring.jobs_upkeep import restoring  # noqa: PLC0415 - as above

    app: App = ctx.obj
    if backup is None:
        _list_backups(app, backup_dir)
        return
    with restoring(app, backup, backup_dir, take_over=take_over) as run:
        planned = run.plan(globs, overwrite=overwrite, lossy=lossy)
        question = f"Write {len(planned.writes)} to Jenkins?" if planned.writes else None
        shown = plan_document(planned, run.place)
        if not agreement.is_reached(app, shown, question, look_after_lock=run.look_after_lock):
            ctx.exit(_exit_code(planned, ()))
        restored = run.apply(planned)
    app.output.show(results_document("JobsRestoreResult", restored, backup=run.backup_place))
    ctx.exit(_exit_code(planned, restored))


def _list_backups(app: App, backup_dir: Path | None) -> None:
    from cictl.commands.jobs_restore_documents import backups_document  # noqa: PLC0415 - as above
    from cictl.wiring.jobs_upkeep import job_backups  # noqa: PLC0415 - as above

    backups = job_backups(app, backup_dir)
    app.output.show(backups_document(backups.summaries(), str(backups.folder)))


def _exit_code(planned: RestorePlan, restored: Sequence[Outcome]) -> ExitCode:
    from cictl.core.job_outcome import exit_code_of  # noqa: PLC0415 - as above
    from cictl.core.job_restore import RestoreAction  # noqa: PLC0415 - as above

    code = exit_code_of(restored)
    left = {RestoreAction.REFUSED, RestoreAction.PRESENT} & {each.action for each in planned.restorations}
    return ExitCode.CONFLICT if code is ExitCode.OK and left else code
