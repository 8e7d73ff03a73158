"""`cictl bootstrap`: a fresh Jenkins to a working one, in one command that may run again at any time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.agreement import Agreement, agreement_options, ask, show_to_people
from cictl.commands.options import DURATION, gathered, output_option, timeout_option
from cictl.core.bootstrap_plan import Part, check_exit_code, exit_code
from cictl.errors import UsageProblem
from cictl.wiring.bootstrap_options import BootstrapOptions

if TYPE_CHECKING:
    from cictl.errors import ExitCode
    from cictl.services.bootstrap import Bootstrap
    from cictl.wiring.app import App


@click.command()
@click.option(
    "--only",
    type=click.Choice([part.value for part in Part]),
    callback=lambda _ctx, _param, names: tuple(map(Part, names)),
    multiple=True,
    metavar="PART",
    help=f"See to this part alone; may be repeated. One of {', '.join(Part)}.",
)
@click.option("--check", "is_check", is_flag=True, help="Change nothing, and say by the exit code whether all is well.")
@click.option("--rotate", multiple=True, metavar="ID", help="Write this credential anew; may be repeated.")
@click.option(
    "--install-plugins",
    "may_install_plugins",
    is_flag=True,
    help="Let the update centre install what jobs/plugins.txt lacks.",
)
@click.option("--restart", "may_restart", is_flag=True, help="Let Jenkins restart, if plugins need it.")
@click.option(
    "--no-controller-builds", "stops_controller_builds", is_flag=True, help="Take the controller's executors."
)
@click.option(
    "--wait-for-agent",
    "agent_wait_seconds",
    type=DURATION,
    default=0.0,
    help="After an agent is made, wait this long for you to start it.  [default: 0s]",
)
@click.option(
    "--initial-password-file",
    type=click.Path(path_type=Path),
    help="On a fresh Jenkins: the file with the password that it made for admin.",
)
@click.option(
    "--admin-user",
    metavar="NAME",
    help="On a fresh Jenkins: make this administrator in place of admin, whose initial password ends.",
)
@click.option(
    "--admin-password-file",
    type=click.Path(path_type=Path),
    help="The file with the password that this administrator gets.",
)
@click.option(
    "--emit",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write plugins.txt and JCasC YAML for all of this into DIR, for a controller built as an image.",
)
@agreement_options
@timeout_option(default_seconds=300.0)
@output_option
@gathered("options", BootstrapOptions)
@click.pass_context
def command(ctx: click.Context, *, options: BootstrapOptions, agreement: Agreement, emit: Path | None) -> None:
    """Make a working Jenkins of a fresh one, and keep it so.

    Access, plugins, folders with the shared library, credentials, an agent, jobs and views, push triggers, and a build
    that proves it. The plan comes first; what is as it should be is left alone.

    Ends with 0 when all is well, else as what was refused would: 5 for a missing right, 6 for what others hold,
    9 for most of the rest. With --check also 20, when a run would change something.
    """
    from cictl.wiring.bootstrap import bootstrap  # noqa: PLC0415 - not for --help

    if (options.admin_user is None) != (options.admin_password_file is None):
        hint = "the file holds the password that the new administrator gets, and stays yours"
        raise UsageProblem("--admin-user and --admin-password-file go together", hint=hint)
    if emit is not None:
        _emit(ctx.obj, emit)
        return
    ctx.exit(_run(ctx.obj, bootstrap(ctx.obj, options), agreement, is_check=options.is_check))


def _run(app: App, run: Bootstrap, agreement: Agreement, *, is_check: bool) -> ExitCode:
    from cictl.commands.bootstrap_documents import plan_document, result_document  # noqa: PLC0415 - as above

    planned = run.plan()
    to_do = sum(step.is_to_do for step in planned)
    if is_check or agreement.dry_run or not to_do:
        app.output.show(plan_document(planned, is_check=is_check))
        return check_exit_code(planned) if is_check else exit_code(planned)
    show_to_people(app, plan_document(planned))
    has_begun = False
    try:
        ask(app, f"Do {to_do} of these?", is_agreed=agreement.yes)
        has_begun = True
        results = run.apply(planned)
    except (KeyboardInterrupt, click.Abort):
        done = "what was done stays: run it again, and it goes on from there" if has_begun else "nothing was changed"
        app.output.progress(f"stopped: {done}")
        raise
    app.output.show(result_document(results))
    return exit_code(results)


def _emit(app: App, folder: Path) -> None:
    from cictl.commands.bootstrap_documents import emitted_document  # noqa: PLC0415 - as above
    from cictl.wiring.bootstrap_emit import emit  # noqa: PLC0415 - as above

    app.output.show(emitted_document(emit(app, folder)))
