"""`cictl hook runs`, `log`, `stop` and `work`: what pushes have run here, stopping it and running it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from cictl.commands.options import DURATION, output_option
from cictl.errors import ExitCode

if TYPE_CHECKING:
    from cictl.wiring.app import App

_GOOD = {"SUCCESS", "UNSTABLE", "NOT_BUILT"}


@click.command("runs")
@click.argument("place", metavar="PATH")
@click.option("--branch", metavar="NAME", help="Those of this branch alone.")
@output_option
@click.pass_obj
def runs(app: App, place: str, *, branch: str | None) -> None:
    """List what pushes to the repository at PATH have run, newest first."""
    from cictl.commands.hook_run_documents import runs_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.push_runs import runs as find_runs  # noqa: PLC0415 - as above

    app.output.show(runs_document(find_runs(place, branch), now=app.clock.wall()))


@click.command("log")
@click.argument("place", metavar="PATH")
@click.argument("run", type=click.IntRange(min=1), required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on until the run is over; exit 9 if it failed.")
@click.option("--brief/--all", "is_brief", default=False, help="Stages and rollouts only, or all.  [default: all]")
@click.option("--timeout", type=DURATION, default=86400.0, help="Follow no longer than this (exit 8).  [default: 1d]")
@click.pass_obj
def log(app: App, place: str, *, run: int | None, follow: bool, is_brief: bool, timeout: float) -> None:
    """Print the log of RUN, by default of the newest, in the repository at PATH."""
    from cictl.wiring.push_runs import log as show_log  # noqa: PLC0415 - after the command is chosen

    shown = show_log(app, place, run, follow_seconds=timeout if follow else None, is_brief=is_brief)
    if follow and shown.result is not None and shown.result not in _GOOD:
        if is_brief:
            app.output.line(f"all of it: cictl hook log {shlex.quote(place)} {shown.number}")
        raise click.exceptions.Exit(ExitCode.FAR_SIDE_FAILED)


@click.command("stop")
@click.argument("place", metavar="PATH")
@click.argument("run", type=click.IntRange(min=1))
@output_option
@click.pass_obj
def stop(app: App, place: str, *, run: int) -> None:
    """Stop RUN in the repository at PATH: its post runs, and it ends as aborted.

    Asked again while post runs, it does not wait for that. A run that is over stays as it is.
    """
    from cictl.commands.hook_run_documents import stopped_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.push_runs import stop as stop_run  # noqa: PLC0415 - as above

    app.output.show(stopped_document(stop_run(app, place, run), place))


@click.command("work")
@click.argument("place", metavar="PATH")
@click.pass_obj
def work(app: App, place: str) -> None:
    """Run what pushes to the repository at PATH have queued, and end.

    The hook starts this at each push. Start it yourself, as the user that pushes run as, after the machine has gone
    down in the middle of a run.
    """
    import signal  # noqa: PLC0415 - only here

    from cictl.wiring.push_runs import work as work_off  # noqa: PLC0415 - after the command is chosen

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has what it puts aside ignore it, and builds too
    work_off(app, place)
