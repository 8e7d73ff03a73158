"""Builds what runs of pushes need: the repository's folder, the processes, what was given at the installation."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.hook_host import HookHost, run_hook_body
from cictl.clients.local_repository import find_repository, may_run, owner_to_act_as
from cictl.clients.pipeline_runner import PipelineRunner
from cictl.clients.push_run_folder import RunFolder
from cictl.clients.push_run_process import PipelineProcesses, environment_of_run
from cictl.core.named_values import named_values
from cictl.core.push_run import PushRun, RunSettings
from cictl.core.push_run_lines import brief
from cictl.core.repository_place import RepositoryPlace, parse_place
from cictl.errors import NotAllowed, NotFound, UsageProblem
from cictl.services.push_run_following import follow_log, show_log
from cictl.services.push_run_hooks import RunHookInstalled, RunHookShown, install_run_hook, show_run_hook
from cictl.services.push_run_stopping import stop_run
from cictl.services.push_runs import PushRuns
from cictl.user_folders import cache_folder

if TYPE_CHECKING:
    from cictl.core.push_hook import SeenHook
    from cictl.wiring.app import App
    from cictl.wiring.push_wishes import RunWishes

_ALWAYS = ("PATH", "JAVA_HOME")  # what finds programs: a hook's own PATH is often Git's alone


def install(app: App, place: str, wishes: RunWishes, *, is_dry_run: bool) -> RunHookInstalled:
    """Install the hook that runs pipelines in the repository at PLACE."""
    found = _here(place)
    settings = _settings(app, wishes)
    environ = environment_of_run(app.environ, settings)
    PipelineRunner(cache_folder(environ) / "pipeline-runner", environ=environ, say=app.output.progress).require_tools()
    host, folder = HookHost(found, environ=app.environ), _folder(place)
    _check_owner(folder.repository)
    return install_run_hook(host, folder, settings, body=run_hook_body(), python=sys.executable, is_dry_run=is_dry_run)


def _check_owner(repository: Path) -> None:
    owner = owner_to_act_as(repository)
    if owner is not None and not may_run(owner, sys.executable):
        message = f"{owner.name or owner.uid}, whom {repository} belongs to, cannot run cictl by {sys.executable}"
        raise NotAllowed(message, hint="install cictl where that user can read it, as in /opt, and use that one here")


def _settings(app: App, wishes: RunWishes) -> RunSettings:
    kept, usual = _variables(app, wishes.variables), RunSettings()
    return RunSettings(
        _inside(wishes.jenkinsfile or usual.jenkinsfile),
        _credentials(wishes.credentials, kept),
        _libraries(wishes.libraries),
        kept,
        wishes.keep or usual.keep,
        timeout_seconds=usual.timeout_seconds if wishes.timeout_seconds is None else _some(wishes.timeout_seconds),
    )


def shown(seen: SeenHook) -> RunHookShown:
    """Return what the repository that was SEEN on this machine has of runs."""
    return show_run_hook(RunFolder(Path(seen.repository)))


def forget(repository: str) -> None:
    """Take away what runs in REPOSITORY were started with, where it is on this machine."""
    RunFolder(Path(repository)).forget_settings()


def runs(place: str, branch: str | None) -> tuple[PushRun, ...]:
    """Return the runs of the repository at PLACE, newest first; those of BRANCH alone if one is named."""
    folder = _folder(place)
    return tuple(folder.seen(run) for run in reversed(folder.runs()) if branch in {None, run.branch})


def work(app: App, place: str) -> None:
    """Run what pushes have queued; NotAllowed for root where that is somebody else's."""
    folder = _folder(place)
    if (owner := owner_to_act_as(folder.repository)) is not None:
        message = f"{folder.repository} is not root's, and what is pushed to it does not run as root"
        hint = f"runuser -u {owner.name or owner.uid} -- cictl hook work {shlex.quote(str(folder.repository))}"
        raise NotAllowed(message, hint=hint)
    settings = folder.settings()
    if settings is None:
        hint = f"run 'cictl hook install --run {place}'"
        raise NotFound(f"{folder.repository} runs no pipelines", hint=hint)
    folder.prepare()
    PushRuns(folder, PipelineProcesses(folder, settings, environ=app.environ), settings, clock=app.clock).work()


def stop(app: App, place: str, number: int) -> PushRun:
    """Have run NUMBER stopped, and return it as it is then."""
    return stop_run(_folder(place), number, clock=app.clock)


def log(app: App, place: str, number: int | None, *, follow_seconds: float | None, is_brief: bool) -> PushRun:
    """Show the log of run NUMBER, the newest by default; until it is over, at most FOLLOW SECONDS long, if given."""
    folder = _folder(place)
    number = _newest(folder) if number is None else number

    def say(line: str) -> None:
        shortened = brief(line) if is_brief else line
        if shortened is not None:
            app.output.line(shortened or " ")

    if follow_seconds is None:
        return show_log(folder, number, say)
    return follow_log(folder, number, say, clock=app.clock, timeout_seconds=follow_seconds)


def _newest(folder: RunFolder) -> int:
    if found := folder.runs():
        return found[-1].number
    raise NotFound(f"nothing was run in {folder.repository}", hint="push to it")


def _here(place: str) -> RepositoryPlace:
    try:
        found = parse_place(place)
    except ValueError as error:
        raise UsageProblem(str(error), hint="name a folder") from error
    if found.login is not None:
        message = f"{found} is on another machine, and pipelines run where the repository is"
        raise UsageProblem(message, hint=f"install cictl there: ssh {found.login} cictl hook … {found.path}")
    return found


def _folder(place: str) -> RunFolder:
    return RunFolder(find_repository(_here(place).path))


def _inside(jenkinsfile: str) -> str:
    if Path(jenkinsfile).is_absolute() or ".." in Path(jenkinsfile).parts:
        hint = "name it as it is called in the repository, as in pipelines/service.Jenkinsfile"
        raise UsageProblem(f"{jenkinsfile} is no file of the repository that is pushed to", hint=hint)
    return jenkinsfile


def _some(timeout_seconds: float) -> float:
    if timeout_seconds <= 0:
        raise UsageProblem("--timeout must be longer than 0s", hint="write for instance --timeout 6h")
    return timeout_seconds


def _variables(app: App, names: tuple[str, ...]) -> dict[str, str]:
    if missing := [name for name in names if name not in app.environ]:
        message = f"there is no environment variable {missing[0]}"
        raise NotFound(message, hint="set it where you install; its value of now is kept, for the owner alone to read")
    always = [name for name in _ALWAYS if name in app.environ]
    return {name: app.environ[name] for name in (*always, *names)}


def _credentials(texts: tuple[str, ...], variables: dict[str, str]) -> tuple[str, ...]:
    named = named_values(texts, flag="--credential", form="ID=FILE")
    return tuple(f"{name}={_secret_place(name, value, variables)}" for name, value in named.items())


def _secret_place(name: str, value: str, variables: dict[str, str]) -> str:
    """Return the whole path of the file that VALUE names, or else VALUE, one of VARIABLES."""
    if Path(value).is_file():
        return str(Path(value).absolute())
    if value in variables:
        return value
    message = f"--credential {name}: there is neither such a file nor such a variable that runs get"
    raise NotFound(message, hint="write --credential ID=FILE, or ID=NAME with --variable NAME; never the secret itself")


def _libraries(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return TEXTS with whole paths."""
    named = named_values(texts, flag="--library", form="NAME=PATH")
    for name, value in named.items():
        if not Path(value).is_dir():
            hint = "write --library NAME=PATH of the folder that holds vars/ and src/"
            raise NotFound(f"--library {name}={value}: there is no such folder", hint=hint)
    return tuple(f"{name}={Path(value).absolute()}" for name, value in named.items())
