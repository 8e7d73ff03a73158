"""Part two: the plugins that pipelines need; the list that Jenkins tells afterwards is all that counts as success."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from cictl.clock import Clock, sleep_until
from cictl.core.bootstrap_plan import Part, Standing, Step, refused
from cictl.core.bootstrap_plugins import PluginGap, WantedPlugin, delivery, plugin_gap
from cictl.core.jenkins_plugins import InstalledPlugin, OfferedPlugin, UpdateCentre
from cictl.core.jenkins_server import Pulse
from cictl.errors import AnswerLost, FarSideFailed, NotAllowed, StartingUp, TimedOut
from cictl.services.jenkins_waiting import JenkinsWaiting

SUBJECT = "plugins"
_EVERY_SECONDS = 1.0
_SETTLING_SECONDS = 5.0  # until the update centre lists what it was asked for


class Plugins(Protocol):
    """The plugins of one Jenkins, and its update centre."""

    def installed(self) -> tuple[InstalledPlugin, ...]:
        """Return what is there."""

    def offered(self) -> tuple[OfferedPlugin, ...]:
        """Return what the update centre would install."""

    def refresh_offers(self) -> None:
        """Let Jenkins read its update sites."""

    def install(self, wanted: Mapping[str, str]) -> None:
        """Ask for plugins and least versions."""

    def update_centre(self) -> UpdateCentre:
        """Return what the update centre does."""


class Server(Protocol):
    """The Jenkins that may restart."""

    @property
    def url(self) -> str:
        """Where it is."""

    def pulse(self) -> Pulse:
        """Ask whether it serves."""

    def restart_safely(self) -> None:
        """Restart once no build runs."""


@dataclass(frozen=True, slots=True)
class PluginOptions:
    """What the user allows: the update centre, and a restart; both take at most TIMEOUT_SECONDS."""

    may_install: bool = False
    may_restart: bool = False
    timeout_seconds: float = 600.0


@dataclass(frozen=True, slots=True)
class PluginList:
    """The part; WANTED is what plugins.txt lists, and NO_LIST where that should be, if it is not there."""

    plugins: Plugins
    server: Server
    wanted: Sequence[WantedPlugin]
    options: PluginOptions
    clock: Clock
    say: Callable[[str], None]
    no_list: str = ""
    part = Part.PLUGINS

    def plan(self) -> tuple[Step, ...]:
        """Look what is missing, and what would really come."""
        if self.no_list:
            detail = f"there is no {self.no_list}, so nothing says which plugins are needed"
            todo = "list them there, as git:5.7.0, each on a line of its own; the other parts go on without"
            return (Step(Part.PLUGINS, SUBJECT, Standing.UNVERIFIED, detail, todo),)
        try:
            gap = self._gap()
        except NotAllowed as error:
            detail = "the list of plugins takes Overall/Administer"
            return (Step(Part.PLUGINS, SUBJECT, Standing.UNVERIFIED, detail, error.hint or ""),)
        if gap.is_empty:
            detail = f"{len(self.wanted)} are there and active"
            return (Step(Part.PLUGINS, SUBJECT, Standing.UNCHANGED, detail),)
        return (self._planned(gap),)

    def apply(self, step: Step) -> Step:
        """Install, restart if that is allowed and needed, and read the list back."""
        gap = self._gap()
        if gap.to_install:
            self._install(gap.to_install)
            gap = self._gap()
        if not gap.is_empty and self._needs_restart(gap):
            if not self.options.may_restart:
                message = f"Jenkins must restart for the plugins: {gap.words()}"
                raise FarSideFailed(message, hint="pass --restart, or restart it yourself, and run this again")
            self._restart()
            gap = self._gap()
        if not gap.is_empty:
            raise FarSideFailed(f"after the installation {gap.words()}", hint="look at Jenkins' log")
        return replace(step, detail=f"{len(self.wanted)} are there and active")

    def _gap(self) -> PluginGap:
        return plugin_gap(self.wanted, self.plugins.installed())

    def _planned(self, gap: PluginGap) -> Step:
        if gap.disabled:
            return _refused(gap, gap.words(), "enable them under Manage Jenkins > Plugins")
        if gap.to_install:
            return self._planned_install(gap)
        if not self.options.may_restart:
            return _refused(gap, f"they wait for a restart: {gap.words()}", "pass --restart")
        return Step(Part.PLUGINS, SUBJECT, Standing.CHANGED, "Jenkins restarts once no build runs", lines=gap.inactive)

    def _planned_install(self, gap: PluginGap) -> Step:
        if not self.options.may_install:
            todo = "pass --install-plugins, or build the controller's image with what --emit DIR writes"
            return _refused(gap, gap.words(), todo)
        offers = self._offers()
        coming = delivery(gap.to_install, offers)
        if coming.lacks:
            names = ", ".join(map(str, coming.lacks))
            todo = "check the update site under Manage Jenkins > Plugins > Advanced settings, and Jenkins' version"
            return _refused(gap, f"the update centre does not offer {names}", todo)
        restart = "; Jenkins restarts if that is needed" if self.options.may_restart else ""
        detail = f"the update centre installs {len(coming.brings)}{restart}"
        lines = tuple(f"{name} {version}" for name, version in coming.brings)
        return Step(Part.PLUGINS, SUBJECT, Standing.CHANGED, detail, lines=lines)

    def _offers(self) -> tuple[OfferedPlugin, ...]:
        """Return what is offered; a fresh Jenkins has not read its update sites yet."""
        found = self.plugins.offered()
        if not found:
            self.plugins.refresh_offers()
            found = self.plugins.offered()
        return found

    def _install(self, wanted: Sequence[WantedPlugin]) -> None:
        known = len(self.plugins.update_centre().jobs)  # of earlier attempts, their failures among them
        try:
            self.plugins.install({each.name: each.least for each in wanted})
        except AnswerLost:
            self.say("the answer was lost; looking whether the update centre works")
        self._wait_for_jobs(frozenset(each.name for each in wanted), known)

    def _wait_for_jobs(self, names: frozenset[str], known: int) -> None:
        began = self.clock.monotonic()
        while True:
            jobs = self.plugins.update_centre().jobs
            fresh = [job for job in jobs[known:] if job.plugin in names]
            elapsed = self.clock.monotonic() - began
            if failed := [job for job in fresh if job.is_failed]:
                why = "; ".join(f"{job.plugin}: {job.error or job.state}" for job in failed)
                raise FarSideFailed(f"the update centre failed: {why}", hint="look at it in Jenkins, then run it again")
            is_over = all(job.is_over for job in jobs if job.plugin in names)
            if is_over and (fresh or elapsed >= _SETTLING_SECONDS):
                return
            if elapsed >= self.options.timeout_seconds:
                raise TimedOut("the update centre is not done", hint="it goes on by itself: run this again later")
            sleep_until(began + self.options.timeout_seconds, self.clock, at_most=_EVERY_SECONDS)

    def _needs_restart(self, gap: PluginGap) -> bool:
        return bool(gap.inactive) or self.plugins.update_centre().is_restart_needed

    def _restart(self) -> None:
        before = self.server.pulse()
        try:
            self.server.restart_safely()
        except (AnswerLost, StartingUp):
            self.say("Jenkins is going down")
        waiting = JenkinsWaiting(self.server, self.clock, self.say)
        waiting.until_restarted(before, self.options.timeout_seconds)


def _refused(gap: PluginGap, why: str, todo: str) -> Step:
    """Return the refusal, which stops the parts alone that need what is missing."""
    return refused(Part.PLUGINS, SUBJECT, why, todo, blocks=gap.blocks)
