"""Exchanges a password for an API token once, and takes the token back; it keeps no password.

The token is a random value of ours, on disk before it is sent: after a lost answer, or a process that was killed, the
next run finds the value and asks Jenkins whether it works.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from cictl.clock import Clock
from cictl.core.jenkins_server import TOKEN_VERSION, ApiToken, KeptToken, WhoAmI
from cictl.errors import AnswerLost, FarSideFailed, NotAllowed, NotFound

_HEX_BYTES = 16
_HINT = "look at the tokens on the user's page in Jenkins, under Security"


class Account(Protocol):
    """One user of one Jenkins, signed in by a password or a token."""

    def who_am_i(self) -> WhoAmI:
        """Return who Jenkins takes the user for; NotAllowed if it does not know them."""

    def add_token(self, name: str, value: str) -> ApiToken:
        """Give the user the token VALUE."""

    def generate_token(self, name: str) -> ApiToken:
        """Let Jenkins make a token."""

    def revoke_token(self, uuid: str) -> None:
        """Revoke the user's token."""


class Store(Protocol):
    """Where tokens are kept."""

    def find(self, url: str, user: str | None = None) -> KeptToken | None:
        """Return the token for URL and USER."""

    def keep(self, kept: KeptToken) -> None:
        """Have KEPT on disk."""

    def forget(self, kept: KeptToken) -> None:
        """Remove KEPT."""


class Outcome(StrEnum):
    """What became of it."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    REVOKED = "revoked"
    GONE = "gone"  # Jenkins no longer knew it
    UNVERIFIED = "unverified"  # forgotten here; Jenkins may still know it


@dataclass(frozen=True, slots=True)
class LoginResult:
    """Whose token was made, found or taken back."""

    url: str
    user: str
    token_name: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class JenkinsLogin:
    """Signs users of the Jenkins at URL in and out on this machine, called HOST in the token's name."""

    url: str
    host: str
    store: Store
    by_token: Callable[[str, str], AbstractContextManager[Account]]  # user, token
    clock: Clock
    random_hex: Callable[[int], str] = secrets.token_hex

    def find_working(self, user: str | None) -> LoginResult | None:
        """Return whose kept token Jenkins takes, None if there is none; asks for no password."""
        kept = self.store.find(self.url, user)
        if kept is None or not self._works(kept):
            return None
        return self._result(kept, Outcome.UNCHANGED)

    def sign_in(self, user: str, by_password: Account) -> LoginResult:
        """Make a token of USER's by the password that BY_PASSWORD holds, unless a kept one works."""
        if (found := self.find_working(user)) is not None:
            return found
        name = self._canonical(user, by_password.who_am_i())
        wanted = self._wanted(name)
        self.store.keep(wanted)
        made = self._made(by_password, wanted)
        self.store.keep(made)
        if not self._works(made):
            raise FarSideFailed(f"Jenkins at {self.url} made a token for {name}, and does not take it", hint=_HINT)
        return self._result(made, Outcome.CREATED)

    def sign_out(self, user: str | None) -> LoginResult:
        """Revoke the kept token of USER, or the newest, and remove it; NotFound if there is none."""
        kept = self.store.find(self.url, user)
        if kept is None:
            whose = f" of {user}" if user else ""
            raise NotFound(f"no token{whose} for {self.url} is kept here", hint="'cictl login' makes one")
        outcome = self._revoked(kept)
        self.store.forget(kept)
        return self._result(kept, outcome)

    def _wanted(self, user: str) -> KeptToken:
        """Return what to send: a value that may have been sent before, else a new one."""
        kept = self.store.find(self.url, user)
        if kept is not None and not kept.uuid:
            return kept
        value = f"{TOKEN_VERSION}{self.random_hex(_HEX_BYTES)}"
        return KeptToken(self.url, user, value, f"cictl on {self.host}", made_at=self.clock.wall())

    def _made(self, account: Account, wanted: KeptToken) -> KeptToken:
        try:
            token = account.add_token(wanted.name, wanted.value)
        except AnswerLost:
            if self._works(wanted):
                return wanted
            raise
        except NotFound:  # a Jenkins before 2.176, or one that no longer takes values of others
            token = account.generate_token(wanted.name)
        return replace(wanted, value=token.value, uuid=token.uuid)

    def _works(self, kept: KeptToken) -> bool:
        try:
            with self.by_token(kept.user, kept.value) as account:
                found = account.who_am_i()
        except NotAllowed:
            return False
        return not found.is_anonymous and found.name.lower() == kept.user.lower()

    def _revoked(self, kept: KeptToken) -> Outcome:
        if not self._works(kept):
            return Outcome.GONE
        if not kept.uuid:
            return Outcome.UNVERIFIED
        with self.by_token(kept.user, kept.value) as account:
            account.revoke_token(kept.uuid)
        if self._works(kept):
            raise FarSideFailed(f"Jenkins at {self.url} still takes the token {kept.name!r}", hint=_HINT)
        return Outcome.REVOKED

    def _canonical(self, user: str, found: WhoAmI) -> str:
        if found.is_anonymous:
            raise NotAllowed(f"Jenkins at {self.url} takes {user} for nobody", hint="check name and password")
        return found.name

    def _result(self, kept: KeptToken, outcome: Outcome) -> LoginResult:
        return LoginResult(self.url, kept.user, kept.name, outcome)
