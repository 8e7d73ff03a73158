"""`cictl hook`: let a push to a Git server tell Jenkins, or run its pipeline there; a push stays as quick as it was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.hook_runs import log, runs, stop, work
from cictl.commands.options import DURATION, dry_run_option, gathered, output_option
from cictl.commands.pipeline_options import credential_option, library_option
from cictl.errors import UsageProblem
from cictl.wiring.push_wishes import RunWishes, TellingWishes

if TYPE_CHECKING:
    from cictl.wiring.app import App


@click.group()
def group() -> None:
    """Have pushes to a Git server built: by Jenkins, or right there."""


for _command in (runs, log, stop, work):
    group.add_command(_command)


@group.command("install")
@click.argument("place", metavar="PATH-OR-SSH")
@click.option("--service", help="The service whose `repo` in cictl.yaml Jenkins knows.")
@click.option("--repo-url", help="The repository's URL as the jobs name it; host and path must be theirs.")
@click.option("--url", "jenkins_url", help="Jenkins as the Git server reaches it.  [default: from cictl.yaml]")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="The file with the notifyCommit token."
    "  [default: JENKINS_NOTIFY_TOKEN, the one installed, the one that bootstrap keeps]",
)
@click.option(
    "--run", "runs_here", is_flag=True, help="Tell no Jenkins: run each pushed branch's pipeline right there."
)
@click.option("--jenkinsfile", metavar="PATH", help="With --run, what is run.  [default: Jenkinsfile]")
@credential_option(
    "ID=FILE|NAME", "With --run, a credential: its file, or the environment variable of --variable that holds it."
)
@library_option("With --run, the folder of a shared library.")
@click.option(
    "--variable",
    "variables",
    multiple=True,
    metavar="NAME",
    help="With --run, an environment variable that runs get, as it is now: KUBECONFIG, DOCKER_HOST, CICTL_…",
)
@click.option(
    "--keep", type=click.IntRange(min=1), help="With --run, how many runs of a branch are kept.  [default: 20]"
)
@click.option(
    "--timeout",
    "timeout_seconds",
    type=DURATION,
    help="With --run, stop a run that takes longer than this; post runs, for 10m at most.  [default: 6h]",
)
@dry_run_option
@output_option
@gathered("telling", TellingWishes)
@gathered("running", RunWishes)
@click.pass_context
def install(
    ctx: click.Context, place: str, *, telling: TellingWishes, running: RunWishes, runs_here: bool, dry_run: bool
) -> None:
    """Write a post-receive hook into the bare repository at PATH-OR-SSH.

    That is a folder, user@host:path or ssh://user@host/path. A hook that is there goes on running: same input, same
    exit status. The new one works in the background, tries again while Jenkins is away, and never fails a push.

    With --run it tells no Jenkins: 'cictl pipeline run' runs each pushed branch in a clean checkout, on this machine,
    as the user that serves pushes. 'git push -o wait' shows how that goes.
    """
    from cictl.commands.hook_documents import installed_document, run_installed_document  # noqa: PLC0415 - once chosen
    from cictl.wiring import push_hooks, push_runs  # noqa: PLC0415 - as above

    app: App = ctx.obj
    if runs_here:
        _refuse(ctx, telling, "excludes --run")
        run = push_runs.install(app, place, running, is_dry_run=dry_run)
        app.output.show(run_installed_document(run, is_dry_run=dry_run))
        return
    _refuse(ctx, running, "is for --run")
    told = push_hooks.install(app, place, telling, is_dry_run=dry_run)
    app.output.show(installed_document(told, is_dry_run=dry_run))


def _refuse(ctx: click.Context, wishes: TellingWishes | RunWishes, why: str) -> None:
    """Refuse an option that is one of WISHES and was given, though it makes no sense here."""
    for param in ctx.command.params:
        if getattr(wishes, param.name or "", None):
            raise UsageProblem(f"{param.opts[-1]} {why}", hint="leave it out")


@group.command("remove")
@click.argument("place", metavar="PATH-OR-SSH")
@dry_run_option
@output_option
@click.pass_obj
def remove(app: App, place: str, *, dry_run: bool) -> None:
    """Take the hook back, and restore the one before it.

    Its token and log go with it. The token itself stays valid until it is revoked in Jenkins. What was run stays in
    cictl-runs; what it was run with goes.
    """
    from cictl.commands.hook_documents import removed_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.push_hooks import remove as remove_hook  # noqa: PLC0415 - as above

    app.output.show(removed_document(remove_hook(app, place, is_dry_run=dry_run), is_dry_run=dry_run))


@group.command("show")
@click.argument("place", metavar="PATH-OR-SSH")
@output_option
@click.pass_obj
def show(app: App, place: str) -> None:
    """Show the hook: whom it tells or what it runs, what it chains, the end of its log."""
    from cictl.commands.hook_documents import shown_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.push_hooks import show as show_hook  # noqa: PLC0415 - as above

    app.output.show(shown_document(*show_hook(app, place)))


@group.command("url")
@click.argument("service")
@click.option("--forge", type=click.Choice(["github", "gitlab", "gitea"]), required=True, help="Who keeps it.")
@click.option("--url", "jenkins_url", help="Jenkins as the forge reaches it.  [default: from cictl.yaml]")
@output_option
@click.pass_obj
def url(app: App, service: str, *, forge: str, jenkins_url: str | None) -> None:
    """Print what to enter at a forge for SERVICE.

    That is address, content type, events and secret; and the plugin that Jenkins needs.
    """
    from cictl.commands.hook_documents import forge_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.push_hooks import forge_entry  # noqa: PLC0415 - as above

    entry, notify = forge_entry(app, service, forge, jenkins_url=jenkins_url)
    app.output.show(forge_document(entry, notify))
