"""Looks at one Jenkins as a stranger and as the user: is it there, is it new, is it safe; it changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlsplit

from cictl.clock import Clock
from cictl.core.jenkins_server import Probed, Right, ServerState, WhoAmI, is_loopback, is_old_lts
from cictl.errors import CictlError, ExitCode, FarSideFailed, NotAllowed, NotFound, Unreachable
from cictl.services.doctor import Finding, Status, failure, with_skew

_SYSTEM = "jenkins"
_ELSEWHERE = "check jenkins.url or JENKINS_URL: is another server, a sign-in page or a missing prefix in between?"


class Server(Protocol):
    """One user's view of one Jenkins."""

    @property
    def url(self) -> str:
        """Its address."""

    def version(self) -> str:
        """Return its version."""

    def now(self) -> float:
        """Return its time in seconds since the epoch."""

    def who_am_i(self) -> WhoAmI:
        """Return who it takes the user for."""

    def state(self) -> ServerState:
        """Return what it says of itself."""

    def may_create_in(self, folder: str) -> Probed:
        """Probe whether the user may create jobs in FOLDER."""

    def is_open_to_anyone(self) -> bool:
        """Whether its API answers this user."""

    def lets_anyone_sign_up(self) -> bool:
        """Whether strangers may make themselves an account."""


@dataclass(frozen=True, slots=True)
class JenkinsSurvey:
    """Asks one Jenkins by the user's CONNECT and by nobody's CONNECT_AS_STRANGER; FOLDER is the team's, "" the top."""

    connect: Callable[[], Server]
    connect_as_stranger: Callable[[], Server]
    folder: str
    clock: Clock
    system: str = _SYSTEM

    def survey(self) -> list[Finding]:
        """Return how it is in one finding, and each thing to mend in one of its own."""
        stranger = self.connect_as_stranger()
        version = stranger.version()
        problem = _no_jenkins(stranger)
        found = self._signed_in(stranger, version)
        if problem is not None and found.status is Status.FAIL:
            return [failure(self.system, problem)]
        return [found, *self._unsafe(stranger, version)]

    def _signed_in(self, stranger: Server, version: str) -> Finding:
        try:
            server = self.connect()
            who = server.who_am_i()
            if who.is_anonymous:
                raise NotAllowed(f"{server.url} takes you for nobody", hint="sign in with 'cictl login'")
            good = self._rights(server, who, version)
        except CictlError as error:
            return replace(failure(self.system, error), version=version)
        return self._in_time(good, stranger) if good.status is Status.OK else good

    def _in_time(self, good: Finding, server: Server) -> Finding:
        try:
            return with_skew(good, server, self.clock)
        except CictlError:  # a proxy may keep the time to itself, and nothing here depends on it
            return good

    def _rights(self, server: Server, who: WhoAmI, version: str) -> Finding:
        place, probed = self.folder or "the top", server.may_create_in(self.folder)
        finding = Finding(self.system, Status.OK, version, f"{server.url} as {who.name}: may create jobs in {place}")
        if probed.right is Right.ALLOWED:
            return finding
        if probed.right is Right.HIDDEN:
            return replace(
                finding,
                status=Status.WARN,
                detail=f"{server.url} as {who.name}: no folder {place} that you may see",
                next_step="run 'cictl bootstrap', or have Job/Read granted there",
            )
        return replace(
            finding,
            status=Status.FAIL,
            detail=f"{server.url} as {who.name}: not allowed in {place}: {probed.permission or 'Job/Create'}",
            next_step=f"have {probed.permission or 'Job/Create'} granted there",
            exit_code=ExitCode.NOT_ALLOWED,
        )

    def _unsafe(self, stranger: Server, version: str) -> Iterator[Finding]:
        def warn(detail: str, next_step: str) -> Finding:
            return Finding(self.system, Status.WARN, version, detail, next_step)

        if is_old_lts(version):
            yield warn("this version gets no more fixes", "update Jenkins to the current LTS")
        if stranger.is_open_to_anyone():
            yield warn("anyone may read it without signing in", "take the rights of anonymous away: Manage, Security")
        if stranger.lets_anyone_sign_up():
            yield warn("anyone may make themselves an account", "turn off 'Allow users to sign up': Manage, Security")
        if urlsplit(stranger.url).scheme == "http" and not is_loopback(urlsplit(stranger.url).hostname or ""):
            yield warn("passwords and tokens go there unencrypted", "put TLS before it, and write https in jenkins.url")
        yield from (warn(*each) for each in self._unsafe_settings())

    def _unsafe_settings(self) -> Iterator[tuple[str, str]]:
        try:
            state = self.connect().state()
        except CictlError:  # the first finding says why nobody can look
            return
        if not state.has_security:
            yield "everyone may do everything", "turn security on: Manage, Security"
        if not state.has_crumbs:
            yield "it accepts forged requests", "turn CSRF protection on: unset hudson.security.csrf.disabled"
        if state.controller_executors:
            yield (
                f"builds may run on the controller ({state.controller_executors} executors)",
                "set its executors to 0: Manage, Nodes, Built-In Node",
            )
        if state.is_quieting:
            yield "it prepares to shut down: no build begins", "cancel that in Jenkins, or wait"


def _no_jenkins(stranger: Server) -> Unreachable | None:
    """Return what is wrong where another server answers: anyone may ask a Jenkins who they are."""
    try:
        stranger.who_am_i()
    except Unreachable:
        raise
    except (FarSideFailed, NotAllowed, NotFound) as error:
        return Unreachable(f"{stranger.url} does not answer as a Jenkins: {error.message}", hint=_ELSEWHERE)
    return None
