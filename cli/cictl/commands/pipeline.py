"""`cictl pipeline`: run and check Jenkinsfiles without a Jenkins."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.options import gathered, output_option
from cictl.commands.pipeline_options import credential_option, library_option
from cictl.core.pipeline_request import Answer, Manner
from cictl.errors import CictlError, UsageProblem
from cictl.wiring.pipeline_wishes import Head, PipelineWishes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cictl.core.pipeline_change import ChangeRequest
    from cictl.wiring.app import App

_JENKINSFILE = click.argument(
    "jenkinsfile", type=click.Path(dir_okay=False, path_type=Path), default=Path("Jenkinsfile"), required=False
)


@click.group()
def group() -> None:
    """Run and check Jenkinsfiles on this machine, without a Jenkins."""


def _check_one(given: Mapping[str, object]) -> None:
    if all(value is not None for value in given.values()):
        raise UsageProblem(f"{' and '.join(given)} exclude each other", hint="leave one of them out")


def _head(branch: str | None, tag: str | None, change_request: str | None) -> Head:
    _check_one({"--tag": tag, "--branch": branch})
    _check_one({"--tag": tag, "--change-request": change_request})
    return Head(branch, tag, _change_request(change_request))


def _change_request(text: str | None) -> ChangeRequest | None:
    from cictl.core.pipeline_change import ChangeRequest  # noqa: PLC0415 - after the command is chosen

    try:
        return None if text is None else ChangeRequest.parse(text)
    except ValueError as error:
        hint = "write --change-request 42,target=main,author=ada"
        raise UsageProblem(f"--change-request: {error}", hint=hint) from error


def _answer(*, is_approved: bool | None) -> Answer | None:
    if is_approved is None:
        return Answer.ASK if sys.stdin.isatty() else None
    return Answer.APPROVE if is_approved else Answer.REJECT


_library_option = library_option(
    "The folder of a shared library.  [default: the repository's shared-lib/, under any name]"
)


@group.command("run")
@_JENKINSFILE
@click.option("-p", "--param", "parameters", multiple=True, metavar="KEY=VALUE", help="A parameter of the build.")
@click.option("--stage", metavar="NAME", help="Run this stage alone, with what is in it.")
@click.option("--from", "from_stage", metavar="STAGE", help="Begin at this stage.")
@click.option("--approve/--reject", "is_approved", default=None, help="How to answer `input`.  [default: ask]")
@click.option("--approver", metavar="NAME", help="Who answers `input`.  [default: the user of this machine]")
@credential_option(
    "ID=FILE|ENV", "A credential: the file or the environment variable that holds it; a login as user:password."
)
@_library_option
@click.option("--branch", metavar="NAME", help="The branch that is built.  [default: the one checked out]")
@click.option("--tag", metavar="NAME", help="Build this tag, for `when { tag … }` and `buildingTag()`.")
@click.option(
    "--change-request",
    metavar="ID[,FIELD=VALUE]...",
    help="Build a change request, for `when { changeRequest … }`: target (main by default), branch, author, title …",
)
@click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    help="Run in this folder, new, empty or of a run before, with a copy of the tree.  [default: the tree itself]",
)
@click.option(
    "--log-limit",
    "most_log_mib",
    type=click.IntRange(min=1),
    metavar="MIB",
    help="Cut a log that is longer, but for its last lines.  [default: no limit]",
)
@click.option("--sandbox", "is_sandboxed", is_flag=True, help="Refuse calls that Jenkins' sandbox refuses.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Print what `sh` would run, and run nothing.")
@output_option
@gathered("head", _head)
@gathered("answer", _answer)
@gathered("manner", Manner)
@gathered("wishes", PipelineWishes)
@click.pass_obj
def run(app: App, *, wishes: PipelineWishes) -> None:
    """Run JENKINSFILE as Jenkins would, under the same transformation of Groovy: exit 0, 9 failed, 8 timed out.

    It runs in the working tree as it is. An unstable build exits 0 and says so. Ctrl-C stops it, and `post` runs.
    """
    from cictl.commands.pipeline_documents import raise_problem, run_document  # noqa: PLC0415 - after it is chosen
    from cictl.wiring.pipelines import run as run_pipeline  # noqa: PLC0415 - as above

    _check_one({"--stage": wishes.manner.stage, "--from": wishes.manner.from_stage})
    told = run_pipeline(app, wishes)
    if not told.errors:
        app.output.show(run_document(told, str(wishes.jenkinsfile)))
    raise_problem(told, str(wishes.jenkinsfile))


@group.command("lint")
@_JENKINSFILE
@_library_option
@click.option(
    "--jenkins/--no-jenkins",
    "asks_jenkins",
    default=None,
    help="Have Jenkins' validator look at it, too.  [default: if a Jenkins is configured and answers]",
)
@output_option
@click.pass_obj
def lint(app: App, *, jenkinsfile: Path, libraries: tuple[str, ...], asks_jenkins: bool | None) -> None:
    """Check JENKINSFILE and what it uses of its libraries, without running it: exit 3 with errors.

    Unknown sections, options, conditions, steps and their parameters are errors. What a run here can't show is a note.
    A configured Jenkins is asked as well; what it says is shown apart. That it is away is a note, or 7 with --jenkins.
    """
    from cictl.commands.pipeline_documents import lint_document, raise_findings  # noqa: PLC0415 - after it is chosen
    from cictl.wiring.pipeline_lint import jenkins_verdict  # noqa: PLC0415 - as above
    from cictl.wiring.pipelines import run as run_pipeline  # noqa: PLC0415 - as above

    told = run_pipeline(app, PipelineWishes(jenkinsfile, libraries=libraries, manner=Manner(is_lint=True)))
    try:
        verdict = jenkins_verdict(app, jenkinsfile, is_wanted=asks_jenkins)
    except CictlError:
        app.output.show(lint_document(told, None, str(jenkinsfile)))
        raise
    app.output.show(lint_document(told, verdict, str(jenkinsfile)))
    raise_findings(told, verdict, str(jenkinsfile))
