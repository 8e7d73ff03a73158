"""Part one: Jenkins serves, its setup wizard is over, somebody is signed in by a token, and may do what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from cictl.core.bootstrap_access import (
    FIRST_ADMINISTRATOR,
    SIGN_IN,
    WIZARD,
    RightsSeen,
    SignInSeen,
    first_administrator_step,
    rights_steps,
    root_url_step,
    sign_in_step,
    wizard_step,
)
from cictl.core.bootstrap_folders import folder_chain
from cictl.core.bootstrap_plan import Part, Step
from cictl.core.jenkins_items import Item
from cictl.core.jenkins_server import Probed, Right, ServerState, WhoAmI, Wizard
from cictl.errors import AnswerLost, FarSideFailed, NotAllowed, NotFound

_INITIAL_USER = "admin"


class Account(Protocol):
    """Who asks, and the server they ask."""

    @property
    def url(self) -> str:
        """The configured address."""

    def who_am_i(self) -> WhoAmI:
        """Return who Jenkins takes the user for."""

    def state(self) -> ServerState:
        """Return what the server says of itself."""

    def wizard(self) -> Wizard:
        """Return how far the setup wizard is."""

    def set_root_url_in_wizard(self, root_url: str) -> None:
        """Tell the wizard Jenkins' address."""

    def end_wizard(self) -> None:
        """End the wizard."""

    def may_manage_plugins(self) -> Probed:
        """Probe Overall/Administer."""

    def may_create_in(self, folder: str) -> Probed:
        """Probe Job/Create."""

    def may_configure(self, full_name: str) -> Probed:
        """Probe Job/Configure."""


class Items(Protocol):
    """What there is."""

    def item(self, full_name: str) -> Item | None:
        """Return what FULL_NAME is."""


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """Who is to take the place of the `admin` that a fresh Jenkins has; MAKE does it, and signs in as USER."""

    user: str
    origin: str
    make: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Access:
    """The part; EXCHANGE makes a token by the password, keeps it, signs in by it and returns its name."""

    account: Account
    items: Items
    sign_in: SignInSeen
    exchange: Callable[[], str]
    folder: str
    first: FirstAdministrator | None = None
    part = Part.ACCESS

    def plan(self) -> tuple[Step, ...]:
        """Look who is signed in, how far the wizard is, and what may be done."""
        who = self._who()
        seen = replace(self.sign_in, user=who.name)
        wizard = self.account.wizard()
        return (
            *self._signing_in(seen, wizard),
            *wizard_step(wizard, is_admin_kept=self.first is None and who.name == _INITIAL_USER),
            *root_url_step(self.account.state().root_url, self.account.url, wizard),
            *rights_steps(self._rights()),
        )

    def apply(self, step: Step) -> Step:
        """Make the administrator or the token, or end the wizard."""
        if step.subject == FIRST_ADMINISTRATOR and self.first is not None:
            self.first.make()
            return replace(step, detail=f"{self._who().name}, in place of 'admin'")
        if step.subject == SIGN_IN:
            name = self.exchange()
            return replace(step, detail=f"{self._who().name} by the token {name!r}, kept for you alone")
        if step.subject == WIZARD:
            return self._end_wizard(step)
        raise AssertionError(step)

    def _signing_in(self, seen: SignInSeen, wizard: Wizard) -> Iterator[Step]:
        """Yield who is made, and by which token who signs in."""
        if self.first is None:
            yield sign_in_step(seen, self.account.url)
            return
        if wizard is Wizard.OVER:
            hint = "sign in as another administrator, and make this one in Jenkins"
            raise NotAllowed(
                f"the setup wizard is over: it makes no administrator {self.first.user} any more", hint=hint
            )
        yield first_administrator_step(self.first.user, self.first.origin)
        own = SignInSeen(self.first.user, self.first.origin, is_password=True)
        yield replace(sign_in_step(own, self.account.url), after=FIRST_ADMINISTRATOR)

    def _who(self) -> WhoAmI:
        who = self.account.who_am_i()
        if who.is_anonymous:
            message = f"Jenkins at {self.account.url} takes {self.sign_in.user} for nobody"
            raise NotAllowed(message, hint="sign in with 'cictl login'")
        return who

    def _end_wizard(self, step: Step) -> Step:
        """Tell the wizard the address and end it; what was done by a run that broke off is no error."""
        try:
            if self.account.wizard() is not Wizard.OVER:
                self.account.set_root_url_in_wizard(f"{self.account.url}/")
                self.account.end_wizard()
        except (AnswerLost, NotAllowed, NotFound, FarSideFailed):
            if self.account.wizard() is not Wizard.OVER:
                raise
        if self.account.wizard() is not Wizard.OVER:
            hint = "end it in a browser, and run this again"
            raise FarSideFailed(f"the setup wizard of {self.account.url} does not end", hint=hint)
        return step

    def _rights(self) -> RightsSeen:
        if self.account.may_manage_plugins().right is Right.ALLOWED:
            return RightsSeen(is_administrator=True)
        return RightsSeen(is_administrator=False, probed=tuple(self._probed()))

    def _probed(self) -> Iterator[tuple[str, str, Probed]]:
        """Yield permission, place and answer for what the next parts need there."""
        chain = folder_chain(self.folder)
        missing = next((each for each in chain if self.items.item(each) is None), None)
        if missing is not None or not chain:
            above = (missing or "").rpartition("/")[0]
            yield "Job/Create", above, self.account.may_create_in(above)
            return
        yield "Job/Create", self.folder, self.account.may_create_in(self.folder)
        yield "Job/Configure", self.folder, self.account.may_configure(self.folder)
