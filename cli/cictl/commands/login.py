"""`cictl login` and `cictl logout`: a password for an API token once, and back; the password is kept nowhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.options import output_option
from cictl.errors import UsageProblem
from cictl.output import Document
from cictl.redaction import redact

if TYPE_CHECKING:
    from cictl.services.jenkins_login import LoginResult
    from cictl.wiring.app import App


@click.command()
@click.option("--user", help="Who signs in.  [default: jenkins.user or JENKINS_USER_ID]")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Read the password from this file, or from stdin for '-', instead of asking.",
)
@output_option
@click.pass_obj
def login(app: App, *, user: str | None, password_file: Path | None) -> None:
    """Sign in at Jenkins and keep an API token.

    The password is used once, to make the token, and kept nowhere. The token is kept for you alone, below
    XDG_STATE_HOME; 'cictl logout' revokes it. Without --password-file nothing is asked while a kept token works.
    """
    from cictl.wiring.jenkins import account_of, jenkins_login, jenkins_user  # noqa: PLC0415 - --help needs none

    service = jenkins_login(app)
    name = user or jenkins_user(app)
    found = service.find_working(name)
    if found is None:
        name = name or _asked_name()
        password = _password(password_file, name, service.url)
        with account_of(app, service.url, name, password, origin="this password", is_password=True) as account:
            found = service.sign_in(name, account)
    app.output.show(_document(found))


@click.command()
@click.option("--user", help="Whose token.  [default: jenkins.user, JENKINS_USER_ID or the last who signed in]")
@output_option
@click.pass_obj
def logout(app: App, *, user: str | None) -> None:
    """Revoke the token that 'cictl login' made, and forget it."""
    from cictl.wiring.jenkins import jenkins_login, jenkins_user  # noqa: PLC0415 - as above

    app.output.show(_document(jenkins_login(app).sign_out(user or jenkins_user(app))))


def _asked_name() -> str:
    if not sys.stdin.isatty():
        raise UsageProblem("who signs in cannot be asked: stdin is not a terminal", hint="name the user with --user")
    return str(click.prompt("User", err=True))


def _password(path: Path | None, user: str, url: str) -> str:
    if path is not None:
        return _read_password(path)
    if not sys.stdin.isatty():
        raise UsageProblem(
            "the password cannot be asked: stdin is not a terminal", hint="name a file that holds it: --password-file"
        )
    return redact(str(click.prompt(f"Password of {user} at {url}", hide_input=True, err=True)))


def _read_password(path: Path) -> str:
    from cictl.wiring.given_files import checked_password, given_password  # noqa: PLC0415 - as above

    if str(path) == "-":
        return checked_password(sys.stdin.read(), "stdin", hint="write it there, in one line")
    return given_password(path, hint="check its path and mode, and that the password is in it")


def _document(result: LoginResult) -> Document:
    return Document(
        kind="Login",
        data={
            "url": result.url,
            "user": result.user,
            "token": result.token_name,
            "outcome": result.outcome,
        },
        columns=("JENKINS", "USER", "TOKEN", "OUTCOME"),
        rows=((result.url, result.user, result.token_name, result.outcome.value),),
        names=(result.user,),
    )
