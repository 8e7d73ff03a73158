"""The lazy command table and the one error boundary; imports no command before it is asked for."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import importlib
import os
import signal
import sys
import threading
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

import click

from cictl.commands.options import output_option
from cictl.core.spelling import suggestion
from cictl.errors import CictlError, ExitCode, FarSideFailed, FolderGone
from cictl.log_line import LogFormat
from cictl.output import Output
from cictl.redaction import redacted
from cictl.wiring.app import App

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_INTERRUPTED = 130  # 128 + SIGINT, as shells report it
_TERMINATED = 143  # 128 + SIGTERM
_PIPE_CLOSED = 141  # 128 + SIGPIPE
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}


class Terminated(KeyboardInterrupt):
    """SIGTERM, by which CI servers stop a build: it cleans up as Ctrl-C does."""


class Entry(NamedTuple):
    """Where a command is, and its line in the help."""

    target: str
    summary: str


COMMANDS = {
    "image": Entry("cictl.commands.image:group", "Build, test and push a service's image."),
    "rollout": Entry("cictl.commands.rollout:group", "Roll a release out, watch it, undo it."),
    "promote": Entry("cictl.commands.promote:command", "Release into an environment what ran healthy before it."),
    "releases": Entry("cictl.commands.releases:command", "Show which release of each service runs where."),
    "pipeline": Entry("cictl.commands.pipeline:group", "Run and check Jenkinsfiles without a Jenkins."),
    "services": Entry("cictl.commands.services:group", "Ask which services a change concerns."),
    "gate": Entry("cictl.commands.gate:group", "Measure a release against its gate."),
    "bootstrap": Entry("cictl.commands.bootstrap:command", "Make a working Jenkins of a fresh one."),
    "jobs": Entry("cictl.commands.jobs:group", "Render, plan and apply the jobs of Jenkins."),
    "build": Entry("cictl.commands.build:group", "Start, follow, stop and answer builds in Jenkins."),
    "open": Entry("cictl.commands.open:command", "Show a service's page in Jenkins."),
    "login": Entry("cictl.commands.login:login", "Sign in at Jenkins and keep an API token."),
    "logout": Entry("cictl.commands.login:logout", "Revoke that token and forget it."),
    "hook": Entry("cictl.commands.hook:group", "Have pushes to a Git server built, by Jenkins or there."),
    "config": Entry("cictl.commands.config:group", "Show and check the configuration."),
    "doctor": Entry("cictl.commands.doctor:command", "Check every system that cictl needs."),
    "completion": Entry("cictl.commands.completion:command", "Print the shell's completion script."),
}


class CommandTable(click.Group):
    """A group whose commands are imported when they run, not when they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import and return one command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, name = entry.target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command for an unknown one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            message = f"no command {name!r}; {suggestion(name, COMMANDS)}"
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the table's summaries."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415 - costs more than click itself

        Output().text(f"cictl {version('cictl')}")
        ctx.exit()


@click.command(cls=CommandTable, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", "config_path", type=click.Path(path_type=Path), help="Read this cictl.yaml.  [default: found upward]"
)
@output_option
@click.option("-v", "--verbose", count=True, help="Log what is done; twice, log everything.")
@click.option(
    "--log-format", type=click.Choice([f.value for f in LogFormat]), help="How to write stderr.  [default: text]"
)
@click.option("--no-color", is_flag=True, help="Never use colour, as with NO_COLOR.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Print the version."
)
@click.pass_obj
def cli(app: App, *, config_path: Path | None, verbose: int, log_format: str | None, no_color: bool) -> None:
    """Build, test, push and roll out microservices, with canaries, health gates and rollback."""
    if config_path is not None:
        app.name_config(config_path)
    chosen = LogFormat(log_format) if log_format else app.output.log_format
    app.output = dataclasses.replace(app.output, log_format=chosen, no_color=app.output.no_color or no_color)
    from cictl.logs import configure  # noqa: PLC0415 - --help logs nothing

    configure(chosen, verbosity=verbose, has_times=app.output.has_times)


def main(
    argv: Sequence[str] | None = None, *, app: App | None = None, run: Callable[[list[str], App], int] | None = None
) -> int:
    """Run one command line and return its exit status; every error ends here, also those of RUN in its place."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _open_closed_streams()
    app = app or App(output=_first_output(arguments, os.environ))
    app.words = tuple(arguments)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminate)
    try:
        status = (run or _run)(arguments, app)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
        return _PIPE_CLOSED
    except OSError as problem:
        if problem.errno not in _FULL:
            return _report(FolderGone() if _is_of_no_folder(problem) else problem, arguments, app)
        _silence(sys.stdout)
        return _report(_not_written(problem), arguments, app)
    except (KeyboardInterrupt, click.Abort) as stop:
        # Click turns a KeyboardInterrupt into its own Abort.
        return _TERMINATED if isinstance(stop.__cause__ or stop, Terminated) else _INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the boundary: whatever comes here becomes an exit status
        return _report(error, arguments, app)
    return status


def _open_closed_streams() -> None:
    """Let what is said to a closed stream, as by `>&-`, go nowhere: the interpreter has no such stream then."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - until the end; its number is free
            os.set_inheritable(stream.fileno(), True)  # noqa: FBT003 - its only parameter
            setattr(sys, name, stream)


def _is_of_no_folder(problem: OSError) -> bool:
    """Whether PROBLEM is of who asked for the working directory, which is gone: it names no file."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return isinstance(problem, FileNotFoundError) and problem.filename is None
    return False


def _not_written(problem: OSError) -> CictlError:
    where = f" {problem.filename}" if problem.filename else ""
    message = f"cannot write{where}: {problem.strerror}"
    return FarSideFailed(message, hint="free some space there; what was done before stays done")


def _terminate(_signal: int, _frame: object) -> None:
    raise Terminated


def _run(argv: list[str], app: App) -> int:
    if instruction := app.environ.get("_CICTL_COMPLETE"):
        from click.shell_completion import shell_complete  # noqa: PLC0415 - only the shell asks for it

        return shell_complete(cli, {"obj": app}, "cictl", "_CICTL_COMPLETE", instruction)
    try:
        with cli.make_context("cictl", argv, obj=app) as context:
            cli.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    return ExitCode.OK


def _first_output(argv: Sequence[str], environ: Mapping[str, str]) -> Output:
    """How to speak of errors in the command line itself, before it is parsed."""
    words = [word for argument in argv for word in argument.split("=", 1)]
    asked = dict(pairwise(words)).get("--log-format", environ.get("CICTL_LOG_FORMAT"))
    return Output(
        log_format=LogFormat.JSON if asked == LogFormat.JSON else LogFormat.TEXT,
        no_color="--no-color" in words or bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb",
        has_times=environ.get("CICTL_LOG_TIMES") != "no",
    )


def _report(error: Exception, argv: Sequence[str], app: App) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        app.output.text(error.format_message(), err=True)
        return ExitCode.USAGE
    if isinstance(error, CictlError):
        message, hint, status = error.message, error.hint, error.exit_code
    elif isinstance(error, click.ClickException):
        message, hint, status = _usage_problem(error)
    else:
        message, hint, status = _bug(error, argv, app)
    try:
        app.output.error(message, hint=hint, exit_code=status)
    except BrokenPipeError:  # as by `2>&1 | head`; the status still says it
        _silence(sys.stderr)
    if path := app.environ.get("CICTL_ERROR_FILE"):
        _keep(Path(path), {"message": redacted(message), "hint": redacted(hint or ""), "exitCode": int(status)})
    app.logger.debug("where it came from", exc_info=error)
    return status


def _keep(path: Path, error: Mapping[str, object]) -> None:
    """Write ERROR where a script asked for it, which reads neither logs nor people's lines; it is no second error."""
    import json  # noqa: PLC0415 - --help needs none

    with contextlib.suppress(OSError):
        path.write_text(json.dumps(error, ensure_ascii=False), encoding="utf-8")


def _usage_problem(error: click.ClickException) -> tuple[str, str | None, ExitCode]:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "cictl"
    message = error.format_message().rstrip(".")
    return message[:1].lower() + message[1:], f"run '{command} --help' for its options", ExitCode.USAGE


def _bug(error: Exception, argv: Sequence[str], app: App) -> tuple[str, str, ExitCode]:
    from cictl.crash import write_traceback  # noqa: PLC0415 - nobody waits for it to be quick

    path = write_traceback(error, argv=argv, environ=app.environ)
    message = f"a bug in cictl: {type(error).__name__}: {error}"
    where = f"attach {path}" if path else "attach the traceback above"
    hint = f"{where} to an issue where you got cictl from; known secrets are masked in it"
    return message, hint, ExitCode.BUG


def _silence(stream: TextIO) -> None:
    """Keep the interpreter's own flush at exit from complaining about the same pipe."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
