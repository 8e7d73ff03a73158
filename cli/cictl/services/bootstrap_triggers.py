"""Part seven: the token by which a Git server tells Jenkins of pushes, and what to enter at each forge.

Jenkins picks this token's value and lists none: where its answer is lost, or the process ends before the file is
written, a token stays in Jenkins that nobody knows. Its name says the day, so that people can tell it from the next
one. None is revoked here: a hook that still has it would be refused from then on, and nobody would hear of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from cictl.core.bootstrap_plan import Part, Standing, Step
from cictl.core.jenkins_plugins import PushTokenState
from cictl.core.jenkins_server import ApiToken, Probed, Right
from cictl.errors import FarSideFailed, NotAllowed

SUBJECT = "notifyCommit token"
_REPLACED = "Jenkins takes the token that is kept no more: run 'cictl hook install' again for each repository"


class PushTokens(Protocol):
    """The push tokens of one Jenkins."""

    def generate_push_token(self, name: str) -> ApiToken:
        """Make one; takes Overall/Administer."""

    def check_push_token(self, value: str) -> PushTokenState:
        """Ask whether Jenkins takes VALUE, in the name of a repository that no job uses."""


class Account(Protocol):
    """Who asks."""

    def may_manage_plugins(self) -> Probed:
        """Probe Overall/Administer."""


class Store(Protocol):
    """Where the token is kept, for the user alone."""

    @property
    def path(self) -> str:
        """The file."""

    def read(self) -> str | None:
        """Return the token, None if none is kept."""

    def keep(self, value: str) -> None:
        """Have VALUE on disk."""


@dataclass(frozen=True, slots=True)
class Triggers:
    """The part; NAME is what Jenkins lists the token under, LINES what people enter at their Git servers."""

    tokens: PushTokens
    account: Account
    store: Store
    name: str
    lines: Sequence[str]
    part = Part.TRIGGERS

    def plan(self) -> tuple[Step, ...]:
        """Look whether a token is kept that Jenkins takes."""
        value = self.store.read()
        if value is not None:
            step = self._kept(self.tokens.check_push_token(value))
            return (step or self._to_make(_REPLACED),)
        return (self._to_make(),)

    def apply(self, step: Step) -> Step:
        """Make a token and keep it."""
        token = self.tokens.generate_push_token(self.name)
        self.store.keep(token.value)
        if self.tokens.check_push_token(token.value) is PushTokenState.BAD:
            raise FarSideFailed(
                "Jenkins made a push token, and does not take it", hint="look at the git plugin's settings"
            )
        detail = f"{self.name!r}, kept in {self.store.path} for 'cictl hook install --token-file'"
        return replace(step, detail=detail)

    def _kept(self, state: PushTokenState) -> Step | None:
        if state is PushTokenState.BAD:
            return None
        standing = Standing.UNCHANGED if state is PushTokenState.GOOD else Standing.UNVERIFIED
        return Step(Part.TRIGGERS, SUBJECT, standing, f"kept in {self.store.path}", lines=tuple(self.lines))

    def _to_make(self, todo: str = "") -> Step:
        if self.account.may_manage_plugins().right is not Right.ALLOWED:
            hint = (
                "let an administrator make one under Manage Jenkins > Security > Git plugin notifyCommit access "
                f"tokens, and write it to {self.store.path} with mode 600"
            )
            raise NotAllowed("a push token takes Overall/Administer", hint=hint)
        detail = f"{self.name!r}, which Jenkins makes; to be kept in {self.store.path}"
        return Step(Part.TRIGGERS, SUBJECT, Standing.CREATED, detail, todo, lines=tuple(self.lines))
