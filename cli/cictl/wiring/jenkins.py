"""Builds the clients of the configured Jenkins, and finds who signs in there: configuration, environment, login."""

from __future__ import annotations

import hashlib
import socket
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from cictl.core.jenkins_server import looks_like_token
from cictl.errors import ConfigInvalid, NotAllowed
from cictl.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from cictl.clients.jenkins_account import JenkinsAccount
    from cictl.clients.jenkins_connection import JenkinsConnection, SignIn
    from cictl.clients.jenkins_token_files import TokenFiles
    from cictl.clients.private_file import PrivateFile
    from cictl.config.models import Jenkins
    from cictl.services.jenkins_login import JenkinsLogin
    from cictl.wiring.app import App

BY_LOGIN = "the token that 'cictl login' keeps"
_TOKEN_VARIABLE = "JENKINS_API_TOKEN"  # noqa: S105 - where it is, not what it is


def jenkins_connection(app: App, *, is_anonymous_fine: bool = False) -> JenkinsConnection:
    """Return a connection by who is signed in; NotAllowed if nobody is, unless IS_ANONYMOUS_FINE."""
    from cictl.clients.jenkins_connection import JenkinsConnection  # noqa: PLC0415 - its library costs

    url = jenkins_url(app)
    sign_in = find_sign_in(app)
    if sign_in is None and not is_anonymous_fine:
        hint = "sign in with 'cictl login', or set JENKINS_USER_ID and JENKINS_API_TOKEN"
        raise NotAllowed(f"nobody is signed in at Jenkins at {url}", hint=hint)
    return JenkinsConnection(url, sign_in, environ=app.environ, tell=app.output.progress)


def jenkins_url(app: App) -> str:
    """Return where the configured Jenkins is: cictl.yaml, or JENKINS_URL where there is no cictl.yaml."""
    section = _section(app)
    url = section.url if section is not None else app.environ.get("JENKINS_URL", "")
    if url:
        try:
            return web_address(url)
        except ValueError as error:
            raise ConfigInvalid(f"JENKINS_URL {error}", hint="set it to Jenkins' address, or unset it") from error
    if app.config_path is not None:
        return app.config().jenkins.url
    raise ConfigInvalid("nothing says where Jenkins is", hint="set JENKINS_URL, or jenkins.url in cictl.yaml")


def find_sign_in(app: App) -> SignIn | None:
    """Return who signs in: the configured token, JENKINS_API_TOKEN, a token of `cictl login`; None if nobody."""
    return configured_sign_in(app) or _kept(app)


def jenkins_user(app: App) -> str | None:
    """Return who is configured to sign in, None if nobody says."""
    section = _section(app)
    return (section.user if section is not None else None) or app.environ.get("JENKINS_USER_ID") or None


def token_files(app: App) -> TokenFiles:
    """Return where `cictl login` keeps tokens."""
    from cictl.clients.jenkins_token_files import TokenFiles  # noqa: PLC0415 - few commands need it

    return TokenFiles.of(app.environ)


def push_token_file(app: App, url: str) -> PrivateFile:
    """Return where the token is kept by which pushes are told to the Jenkins at URL."""
    return kept_file(app, "push", url, "token")


def kept_file(app: App, kind: str, key: str, suffix: str) -> PrivateFile:
    """Return a file beside the tokens, one for each KEY."""
    from cictl.clients.private_file import PrivateFile  # noqa: PLC0415 - few commands need it

    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return PrivateFile(token_files(app).folder / f"{kind}-{digest}.{suffix}")


def jenkins_login(app: App) -> JenkinsLogin:
    """Return what signs users in and out at the configured Jenkins."""
    from cictl.services.jenkins_login import JenkinsLogin  # noqa: PLC0415 - as above

    url = jenkins_url(app)

    def by_token(user: str, token: str) -> AbstractContextManager[JenkinsAccount]:
        return account_of(app, url, user, token, origin=BY_LOGIN)

    return JenkinsLogin(url, socket.gethostname(), token_files(app), by_token, app.clock)


@contextmanager
def account_of(
    app: App, url: str, user: str, secret: str, *, origin: str, is_password: bool = False
) -> Iterator[JenkinsAccount]:
    """Yield USER's account at URL; its connection is closed at the end."""
    from cictl.clients.jenkins_account import JenkinsAccount  # noqa: PLC0415 - as above
    from cictl.clients.jenkins_connection import JenkinsConnection, SignIn  # noqa: PLC0415 - as above

    sign_in = SignIn(user, redact(secret), origin, is_password=is_password)
    tell = app.output.progress
    with closing(JenkinsConnection(url, sign_in, environ=app.environ, tell=tell)) as connection:
        yield JenkinsAccount(connection)


def configured_sign_in(app: App) -> SignIn | None:
    """Return who cictl.yaml or the environment says, with a token or a password; None if they say nobody."""
    secret, origin = _configured_secret(app)
    if secret is None:
        return None
    from cictl.clients.jenkins_connection import SignIn  # noqa: PLC0415 - as above

    user = jenkins_user(app)
    if user is None:
        hint = "name the user in JENKINS_USER_ID, or jenkins.user in cictl.yaml"
        raise ConfigInvalid(f"whose is {origin}?", hint=hint)
    return SignIn(user, secret, origin, is_password=not looks_like_token(secret))


def _configured_secret(app: App) -> tuple[str | None, str]:
    section = _section(app)
    if section is not None and section.token is not None:
        from cictl.config.secrets import read_secret  # noqa: PLC0415 - with the configuration

        config = app.config()
        place = section.token.env or section.token.file
        return read_secret(section.token, environ=app.environ, root=config.root), f"the token of {place}"
    value = app.environ.get(_TOKEN_VARIABLE, "").strip()
    return (redact(value) if value else None), f"the token of {_TOKEN_VARIABLE}"


def _kept(app: App) -> SignIn | None:
    kept = token_files(app).find(jenkins_url(app), jenkins_user(app))
    if kept is None:
        return None
    from cictl.clients.jenkins_connection import SignIn  # noqa: PLC0415 - as above

    return SignIn(kept.user, kept.value, BY_LOGIN)


def _section(app: App) -> Jenkins | None:
    config = app.find_config()
    return config.model.jenkins if config is not None else None


def web_address(text: str) -> str:
    """Return TEXT as the configuration would take it for an address; ValueError says what is wrong with it."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - only with an address from elsewhere

    from cictl.config.fields import WebAddress  # noqa: PLC0415 - as above

    try:
        return TypeAdapter(WebAddress).validate_python(text)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
