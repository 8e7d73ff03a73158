"""`cictl build`: what people do with builds, in Jenkins' own words where it has some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cictl.commands.build_options import (
    AskedInput,
    BuildName,
    Given,
    Which,
    input_options,
    job_options,
    parameter_options,
)
from cictl.commands.options import output_option, timeout_option
from cictl.errors import FarSideFailed, UsageProblem

if TYPE_CHECKING:
    from cictl.core.jenkins_builds import Build
    from cictl.services.build_jobs import NamedJob
    from cictl.wiring.app import App
    from cictl.wiring.builds import BuildTools

_HOUR = 3600.0
_MINUTE = 60.0
_SUCCESS, _UNSTABLE = "SUCCESS", "UNSTABLE"


@click.group(name="build")
def group() -> None:
    """Start, follow, stop and answer builds in Jenkins."""


@group.command("start")
@job_options
@parameter_options
@click.option("--follow", is_flag=True, help="Show the log until the build ends; exit 9 if it fails.")
@click.option("--allow-unstable", is_flag=True, help="Take UNSTABLE for success, with --follow.")
@timeout_option(default_seconds=_HOUR)
@output_option
@click.pass_obj
def start(
    app: App,
    *,
    which: Which,
    given: Given,
    follow: bool,
    allow_unstable: bool,
    timeout_seconds: float,
) -> None:
    """Start a build of SERVICE, and wait until it runs, or with --follow until it ends.

    Parameters are checked before Jenkins is asked. Ctrl-C offers to stop the build; a second one leaves it running.
    """
    from cictl.commands.build_interrupts import Watched, watching  # noqa: PLC0415 - loads clients
    from cictl.wiring.builds import BuildTools, given_values  # noqa: PLC0415 - as above

    typed, values = given_values(app, given.words, given.places)
    tools = BuildTools(app)
    named, full_name = _found(tools, which)
    deadline = app.clock.monotonic() + timeout_seconds
    with watching(app, tools, Watched(full_name)) as watched:
        watched.queue_id = tools.desk.start(full_name, values, from_command_line=typed)
        build = watched.build = tools.following.until_started(full_name, watched.queue_id, deadline=deadline)
        app.output.progress(f"{build.label} has started")
        if follow:
            build = tools.following.until_ended(build, deadline=deadline)
    _show(app, build, project=named.full_name, now=tools.now(), is_followed=follow)
    if follow:
        _judge(build, is_unstable_fine=allow_unstable)


@group.command("log")
@job_options
@click.option("--build", "number", type=BuildName(), default="last", help="Its number, last or lastFailed.")
@click.option("--follow", is_flag=True, help="Go on until the build ends; exit 9 if it fails.")
@click.option("--allow-unstable", is_flag=True, help="Take UNSTABLE for success, with --follow.")
@timeout_option(default_seconds=_HOUR)
@click.pass_obj
def log(
    app: App,
    *,
    which: Which,
    number: str,
    follow: bool,
    allow_unstable: bool,
    timeout_seconds: float,
) -> None:
    """Show the log of a build of SERVICE, the last one by default."""
    from cictl.commands.build_interrupts import Watched, watching  # noqa: PLC0415 - loads clients
    from cictl.wiring.builds import BuildTools  # noqa: PLC0415 - as above

    tools = BuildTools(app)
    _, full_name = _found(tools, which)
    build = tools.desk.find(full_name, number)
    if not follow:
        tools.following.show_log(build)
        return
    deadline = app.clock.monotonic() + timeout_seconds
    with watching(app, tools, Watched(full_name, build=build)):
        build = tools.following.until_ended(build, deadline=deadline)
    app.output.progress(f"{build.label} ended as {build.result}")
    _judge(build, is_unstable_fine=allow_unstable)


@group.command("stop")
@job_options
@click.option("--build", "number", type=click.IntRange(min=1), help="Its number.  [default: the one that runs]")
@click.option("--queued", "queue_id", type=click.IntRange(min=1), help="A queue item's id: it is taken out.")
@click.option("--kill", is_flag=True, help="End a pipeline that does not listen, without its cleaning up.")
@timeout_option(default_seconds=_MINUTE)
@output_option
@click.pass_obj
def stop(
    app: App,
    *,
    which: Which,
    number: int | None,
    queue_id: int | None,
    kill: bool,
    timeout_seconds: float,
) -> None:
    """Stop the build of SERVICE that runs, and wait until it has ended."""
    from cictl.wiring.builds import BuildTools  # noqa: PLC0415 - loads clients

    if number is not None and queue_id is not None:
        raise UsageProblem("--build and --queued name something each", hint="pass one of them")
    tools = BuildTools(app)
    named, full_name = _found(tools, which)
    if queue_id is not None:
        tools.desk.cancel(full_name, queue_id)
        app.output.progress(f"{full_name} (queue item {queue_id}) is out of the queue")
        return
    found = tools.desk.running(full_name) if number is None else tools.desk.find(full_name, str(number))
    if not found.is_building:
        app.output.progress(f"{found.label} ended before, as {found.result}")
    ended = tools.desk.stop(found, timeout_seconds=timeout_seconds, is_forced=kill)
    _show(app, ended, project=named.full_name, now=tools.now(), is_followed=False)


@group.command("list")
@job_options
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many.")
@output_option
@click.pass_obj
def list_builds(app: App, *, which: Which, limit: int) -> None:
    """List the newest builds of SERVICE, of all branches unless one is named."""
    from cictl.commands.build_documents import builds_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.builds import BuildTools  # noqa: PLC0415 - loads clients

    tools = BuildTools(app)
    named = tools.named(which.service, which.job)
    builds = tools.listed(named, which.branch, limit=limit)
    app.output.show(builds_document(builds, project=named.full_name, now=tools.now()))


@group.command("approve")
@job_options
@input_options
@parameter_options
@click.option("--without-parameters", is_flag=True, help="Give none, though the input asks for some.")
@output_option
@click.pass_obj
def approve(
    app: App,
    *,
    which: Which,
    asked: AskedInput,
    given: Given,
    without_parameters: bool,
) -> None:
    """Let the build of SERVICE that waits for an answer go on."""
    from cictl.commands.build_documents import answer_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.builds import BuildTools, given_values  # noqa: PLC0415 - loads clients

    _, values = given_values(app, given.words, given.places)
    tools = BuildTools(app)
    named, full_name = _found(tools, which)
    question = tools.answers.find(full_name, number=asked.number, input_id=asked.input_id)
    answered = tools.answers.approve(question, values, is_bare_fine=without_parameters)
    app.output.show(answer_document(answered, project=named.full_name, outcome="approved"))


@group.command("reject")
@job_options
@input_options
@output_option
@click.pass_obj
def reject(
    app: App,
    *,
    which: Which,
    asked: AskedInput,
) -> None:
    """Say no to the build of SERVICE that waits for an answer; it ends as ABORTED."""
    from cictl.commands.build_documents import answer_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.builds import BuildTools  # noqa: PLC0415 - loads clients

    tools = BuildTools(app)
    named, full_name = _found(tools, which)
    question = tools.answers.find(full_name, number=asked.number, input_id=asked.input_id)
    app.output.show(answer_document(tools.answers.reject(question), project=named.full_name, outcome="rejected"))


@group.command("scan")
@click.argument("service", required=False)
@click.option("--job", help="Any multibranch project, by its full name, in place of SERVICE.")
@timeout_option(default_seconds=_HOUR)
@click.pass_obj
def scan(app: App, *, service: str | None, job: str | None, timeout_seconds: float) -> None:
    """Let Jenkins look for new branches of SERVICE, and show what it found."""
    from cictl.wiring.builds import BuildTools  # noqa: PLC0415 - loads clients

    tools = BuildTools(app)
    project = tools.finder.project(tools.named(service, job))
    tools.scan.run(project.full_name, timeout_seconds=timeout_seconds)


def _found(tools: BuildTools, which: Which) -> tuple[NamedJob, str]:
    """Return the job that is meant, and the full name of what is built: of a multibranch project a branch's."""
    named = tools.named(which.service, which.job)
    return named, tools.finder.find(named, which.branch)


def _show(app: App, build: Build, *, project: str, now: float, is_followed: bool) -> None:
    """Show BUILD; people who have read its log need one line only."""
    from cictl.commands.build_documents import build_document  # noqa: PLC0415 - after the command is chosen

    if is_followed and app.output.is_for_people:
        app.output.progress(f"{build.label} ended as {build.result}")
    else:
        app.output.show(build_document(build, project=project, now=now))


def _judge(build: Build, *, is_unstable_fine: bool) -> None:
    if build.result == _SUCCESS or (is_unstable_fine and build.result == _UNSTABLE):
        return
    where = f"--job {build.full_name} --build {build.number}"
    hint = f"read its log: 'cictl build log {where}'"
    if build.result == _UNSTABLE:
        hint = "tests failed, most likely; --allow-unstable takes it for success"
    raise FarSideFailed(f"{build.label} ended as {build.result}", hint=hint)
