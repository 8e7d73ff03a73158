"""Builds what push hooks need: the repository's host, the token, the addresses of Jenkins and of the repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.hook_host import HookHost, hook_body
from cictl.core.forge_hooks import Forge, ForgeHook, forge_hook, notify_url
from cictl.core.push_hook import SeenHook, Token
from cictl.core.push_hook_text import HookSettings
from cictl.core.repository_place import parse_place
from cictl.errors import ConfigInvalid, NotFound, UsageProblem
from cictl.redaction import redact
from cictl.services.push_hooks import Installed, Removed, install_hook, remove_hook, show_hook
from cictl.wiring import push_runs
from cictl.wiring.jenkins import jenkins_url, push_token_file, web_address

if TYPE_CHECKING:
    from cictl.services.push_run_hooks import RunHookShown
    from cictl.wiring.app import App
    from cictl.wiring.push_wishes import TellingWishes

TOKEN_VARIABLE = "JENKINS_NOTIFY_TOKEN"  # noqa: S105 - a name


def install(app: App, place: str, wishes: TellingWishes, *, is_dry_run: bool) -> Installed:
    """Install the hook in the repository at PLACE."""
    host = _host(app, place)
    settings = HookSettings(_jenkins(app, wishes.jenkins_url), wishes.repo_url or _repo(app, wishes.service))
    token = _token(app, wishes.token_file)
    if token is None and show_hook(host).token is Token.ABSENT:
        token = push_token_file(app, settings.jenkins).read()
    return install_hook(host, settings, body=hook_body(), token=token, is_dry_run=is_dry_run)


def remove(app: App, place: str, *, is_dry_run: bool) -> Removed:
    """Take the hook back from the repository at PLACE."""
    done = remove_hook(_host(app, place), is_dry_run=is_dry_run)
    if done.seen.runs_pipelines and not is_dry_run and parse_place(place).login is None:
        push_runs.forget(done.seen.repository)
    return done


def show(app: App, place: str) -> tuple[SeenHook, RunHookShown | None]:
    """Return what stands in the repository at PLACE, with the runs of a hook that runs pipelines on this machine."""
    seen = show_hook(_host(app, place))
    has_runs = seen.runs_pipelines and parse_place(place).login is None
    return seen, push_runs.shown(seen) if has_runs else None


def forge_entry(app: App, service: str, forge: str, *, jenkins_url: str | None) -> tuple[ForgeHook, str]:
    """Return what to enter at FORGE for SERVICE, and the address that needs no plugin of the forge's."""
    jenkins = _jenkins(app, jenkins_url)
    return forge_hook(Forge(forge), jenkins=jenkins), notify_url(jenkins=jenkins, repository_url=_repo(app, service))


def _host(app: App, place: str) -> HookHost:
    try:
        return HookHost(parse_place(place), environ=app.environ)
    except ValueError as error:
        raise UsageProblem(str(error), hint="name a folder, user@host:path or ssh://user@host/path") from error


def _jenkins(app: App, named: str | None) -> str:
    """Return the address in NAMED, else the configured one."""
    if not named:
        return jenkins_url(app)
    try:
        return web_address(named)
    except ValueError as error:
        raise UsageProblem(f"--url {error}", hint="name Jenkins as the Git server reaches it") from error


def _repo(app: App, service: str | None) -> str:
    if service is None:
        message = "which repository does Jenkins know? name its URL, or the service that cictl.yaml says it for"
        raise UsageProblem(message, hint="pass --repo-url URL or --service NAME")
    repo = app.config().service(service).repo
    if repo is None:
        hint = f"add repo: to services.{service} in cictl.yaml; 'cictl hook install' takes --repo-url instead"
        raise ConfigInvalid(f"the service {service} has no repository", hint=hint)
    return repo


def _token(app: App, file: Path | None) -> str | None:
    if file is None:
        token = app.environ.get(TOKEN_VARIABLE, "").strip()
        return _checked(token, TOKEN_VARIABLE) if token else None
    try:
        return _checked(file.read_text(encoding="utf-8").strip(), str(file))
    except OSError as error:
        raise NotFound(
            f"the token in {file} cannot be read: {error.strerror}", hint="check its path and mode"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigInvalid(f"{file} holds no token", hint="it is one line of letters and digits") from error


def _checked(token: str, where: str) -> str:
    redact(token)
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigInvalid(f"{where} holds no token", hint="it is one line of letters and digits")
    return token
