"""Finds who signs in for bootstrap, by password or token, and makes a token, or the first administrator, for them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cictl.clients.jenkins_account import JenkinsAccount
from cictl.clients.jenkins_connection import SignIn
from cictl.clients.jenkins_errors import SignInRefused
from cictl.errors import AnswerLost, NotAllowed, NotFound
from cictl.services.bootstrap_access import FirstAdministrator
from cictl.wiring.given_files import given_password
from cictl.wiring.jenkins import BY_LOGIN, account_of, configured_sign_in, jenkins_login, jenkins_user, token_files

if TYPE_CHECKING:
    from cictl.clients.jenkins_connection import JenkinsConnection
    from cictl.wiring.app import App
    from cictl.wiring.bootstrap_options import BootstrapOptions

_FIRST_ADMINISTRATOR = "admin"
_WHERE_INITIAL = "on the controller it is secrets/initialAdminPassword in Jenkins' home folder"
_WHERE_WANTED = "write the password of the administrator who is to be made into it, in one line"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signs in; FIRST is the administrator who is yet to be made, if one is wanted."""

    sign_in: SignIn
    first: FirstAdministrator | None = None


class SigningIn:
    """Finds who signs in on a connection."""

    def __init__(self, app: App, options: BootstrapOptions, connection: JenkinsConnection) -> None:
        """OPTIONS name the files that passwords are in."""
        self._app, self._options, self._connection = app, options, connection
        self._url = connection.url

    def find(self) -> SignedIn:
        """Return who is configured, else whose kept token works, else the first administrator by their password."""
        configured = configured_sign_in(self._app)
        if configured is not None and not configured.is_password and self._holds(configured):
            return SignedIn(configured)
        if (wanted := self._wanted_administrator()) is not None:
            kept = self._kept_sign_in(wanted.user)
            return SignedIn(kept) if kept else self._made_or_initial(wanted)
        if configured is not None and not self._is_known(configured):
            return SignedIn(configured)  # refused, as by every other command: no kept token stands in for a wrong one
        return SignedIn(self._by_login(configured) or configured or self._initial())

    def _holds(self, token: SignIn) -> bool:
        """Whether to sign in by TOKEN; where an administrator is asked for, only by one that Jenkins takes."""
        wanted = self._options.admin_user
        if wanted is None:
            return True
        if not self._is_known(token):
            self._app.output.progress(f"Jenkins does not take {token.origin}: going on as --admin-user {wanted} says")
            return False
        if token.user != wanted:
            said = f"no administrator {wanted} is made: {token.user} signs in by {token.origin}"
            self._app.output.progress(said)
        return True

    def _by_login(self, configured: SignIn | None) -> SignIn | None:
        """Return who signs in by a token that is kept, first that of who is CONFIGURED with a password."""
        users = [configured.user if configured else jenkins_user(self._app)]
        users += [_FIRST_ADMINISTRATOR] if self._options.initial_password_file and configured is None else []
        return next((found for user in dict.fromkeys(users) if (found := self._kept_sign_in(user))), None)

    def _initial(self) -> SignIn:
        """Return the first administrator by the password that Jenkins made."""
        file = self._options.initial_password_file
        if file is None:
            hint = "sign in with 'cictl login'; on a fresh Jenkins, pass --initial-password-file"
            raise NotAllowed(f"nobody is signed in at Jenkins at {self._url}", hint=hint)
        password = given_password(file, hint=_WHERE_INITIAL)
        return SignIn(_FIRST_ADMINISTRATOR, password, f"the password in {file}", is_password=True)

    def _wanted_administrator(self) -> SignIn | None:
        """Return who is to be made, None if nobody is."""
        user, file = self._options.admin_user, self._options.admin_password_file
        if user is None or file is None:
            return None
        return SignIn(user, given_password(file, hint=_WHERE_WANTED), f"the password in {file}", is_password=True)

    def _made_or_initial(self, wanted: SignIn) -> SignedIn:
        """Return WANTED if an earlier run made them, else the first administrator, who can."""
        if self._is_known(wanted):
            return SignedIn(wanted)
        first = FirstAdministrator(wanted.user, wanted.origin, partial(self._make_administrator, wanted))
        return SignedIn(self._initial(), first)

    def _make_administrator(self, wanted: SignIn) -> None:
        try:
            JenkinsAccount(self._connection).create_first_administrator(
                wanted.user, wanted.secret, full_name=wanted.user, email=f"{wanted.user.partition('@')[0]}@localhost"
            )
        except (AnswerLost, NotAllowed):
            if not self._is_known(wanted):
                raise
        self._connection.sign_in_as(wanted)

    def _is_known(self, sign_in: SignIn) -> bool:
        """Whether Jenkins takes SIGN_IN."""
        origin, is_password = sign_in.origin, sign_in.is_password
        asking = account_of(self._app, self._url, sign_in.user, sign_in.secret, origin=origin, is_password=is_password)
        with suppress(SignInRefused), asking as account:
            return not account.who_am_i().is_anonymous
        return False

    def _kept_sign_in(self, user: str | None) -> SignIn | None:
        """Return who signs in by a token that is kept for USER, or for anybody, and that Jenkins takes."""
        found = jenkins_login(self._app).find_working(user)
        kept = token_files(self._app).find(self._url, found.user) if found else None
        return SignIn(kept.user, kept.value, BY_LOGIN) if kept else None

    def exchange(self) -> str:
        """Make a token by the password, go on by it, and return its name."""
        sign_in = self._connection.sign_in
        if sign_in is None:
            raise AssertionError
        made = jenkins_login(self._app).sign_in(sign_in.user, JenkinsAccount(self._connection))
        kept = token_files(self._app).find(self._url, made.user)
        if kept is None:
            raise NotFound(f"the token of {made.user} is not kept", hint="run this again")
        self._connection.sign_in_as(SignIn(kept.user, kept.value, BY_LOGIN))
        return made.token_name
