"""Builds that people start, stop and look for; a build is never asked for twice, whatever happens to an answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from cictl.clock import Clock, sleep_until
from cictl.core.build_parameters import checked_values
from cictl.core.build_traces import StartRequest, started_by
from cictl.core.jenkins_builds import Build, BuildableJob, Queued
from cictl.errors import AnswerLost, CictlError, Conflict, FarSideFailed, NotFound, TimedOut, Unreachable, UsageProblem
from cictl.services.build_patience import Patience

_TRACE_SECONDS = 20.0  # a Jenkins that is slow to answer may be slow to queue, too
_TRACE_EVERY_SECONDS = 0.5
_END_EVERY_SECONDS = 0.5
_LAST_BUILDS = 100


class Builds(Protocol):
    """The builds of one Jenkins."""

    def job(self, full_name: str) -> BuildableJob:
        """Return what the job asks for."""

    def start(self, job: BuildableJob, parameters: Mapping[str, str]) -> int | None:
        """Queue a build and return the queue item's id."""

    def queued(self, full_name: str) -> tuple[Queued, ...]:
        """Return what waits in the queue for the job."""

    def cancel_queued(self, queue_id: int) -> None:
        """Take the queued build out of the queue."""

    def build(self, full_name: str, number: int) -> Build | None:
        """Return the build, None where there is none of that number."""

    def builds(self, full_name: str, *, limit: int = 20) -> tuple[Build, ...]:
        """Return the newest builds, the newest first."""

    def stop(self, full_name: str, number: int) -> None:
        """Ask the build to end."""

    def kill(self, full_name: str, number: int) -> None:
        """End a pipeline's build whatever it does."""


@dataclass(frozen=True, slots=True)
class BuildDesk:
    """Starts and stops builds for USER, None where Jenkins knows the user by another name, as behind a proxy."""

    builds: Builds
    clock: Clock
    patience: Patience
    user: str | None

    def start(self, full_name: str, given: Mapping[str, str], *, from_command_line: Collection[str] = ()) -> int:
        """Queue a build of the job once and return the queue item's id.

        UsageProblem for what the job does not ask for, Conflict if it is disabled, AnswerLost where nobody can tell.
        """
        job = self.builds.job(full_name)
        _require_buildable(job)
        values = checked_values(job, given, from_command_line=from_command_line)
        before = frozenset(each.queue_id for each in self.builds.queued(full_name))
        try:
            queue_id = self.builds.start(job, values)
        except AnswerLost as problem:
            return self._traced(full_name, StartRequest(self.user, values, job.next_number, before), problem)
        if queue_id is None:
            raise FarSideFailed(f"Jenkins queued nothing for {full_name}", hint="look at the job in Jenkins")
        return queue_id

    def find(self, full_name: str, wanted: str) -> Build:
        """Return the build that WANTED names: a number, `last` or `lastFailed`; NotFound if there is none."""
        if wanted.isdecimal():
            build = self.builds.build(full_name, int(wanted))
            if build is None:
                hint = "it may be deleted: 'cictl build list' shows those that are kept"
                raise NotFound(f"{full_name} has no build {wanted}", hint=hint)
            return build
        builds = self.builds.builds(full_name, limit=1 if wanted == "last" else _LAST_BUILDS)
        for build in builds:
            if wanted == "last" or build.result == "FAILURE":
                return build
        if wanted == "last":
            raise NotFound(f"{full_name} has no build yet", hint="start one with 'cictl build start'")
        which = f"no failed build among the last {_LAST_BUILDS}"
        raise NotFound(f"{full_name} has {which}", hint="'cictl build list' shows how they ended")

    def running(self, full_name: str) -> Build:
        """Return the one build that runs; NotFound if none does, UsageProblem if several do."""
        running = [build for build in self.builds.builds(full_name, limit=_LAST_BUILDS) if build.is_building]
        if not running:
            hint = "what waits in the queue is taken out by --queued ID"
            raise NotFound(f"{full_name} has no build that runs", hint=hint)
        if len(running) > 1:
            numbers = ", ".join(str(build.number) for build in running)
            raise UsageProblem(f"{len(running)} builds of {full_name} run: {numbers}", hint="name one with --build")
        return running[0]

    def stop(self, build: Build, *, timeout_seconds: float, is_forced: bool = False) -> Build:
        """End BUILD and return how it ended; TimedOut if it does not listen. IS_FORCED gives it no time to clean up."""
        if not build.is_building:
            return build
        end = self._kill if is_forced else self.builds.stop
        try:
            end(build.full_name, build.number)
        except AnswerLost:
            seen = self.patience.ask(lambda: self.builds.build(build.full_name, build.number))
            if seen is not None and seen.is_building:
                end(build.full_name, build.number)  # stopping twice stops once
        return self._ended(build, timeout_seconds, is_forced=is_forced)

    def cancel(self, full_name: str, queue_id: int) -> None:
        """Take the queued build out of the queue; NotFound if it does not wait there, Conflict if it got away."""
        if queue_id not in self._waiting(full_name):
            hint = "it may run already: 'cictl build list' shows it, 'cictl build stop' stops it"
            raise NotFound(f"{full_name} has no queue item {queue_id} that waits", hint=hint)
        try:
            self.builds.cancel_queued(queue_id)
        except AnswerLost:
            if queue_id in self.patience.ask(lambda: self._waiting(full_name)):
                raise
        if queue_id in self.patience.ask(lambda: self._waiting(full_name)):
            message = f"queue item {queue_id} of {full_name} still waits"
            raise FarSideFailed(message, hint="try again, or look at Jenkins' queue")

    def _kill(self, full_name: str, number: int) -> None:
        try:
            self.builds.kill(full_name, number)
        except NotFound:
            self.builds.stop(full_name, number)  # only pipelines can be killed; others listen

    def _waiting(self, full_name: str) -> set[int]:
        return {each.queue_id for each in self.builds.queued(full_name)}

    def _ended(self, build: Build, timeout_seconds: float, *, is_forced: bool) -> Build:
        deadline = self.clock.monotonic() + timeout_seconds
        while True:
            seen = self.patience.ask(lambda: self.builds.build(build.full_name, build.number), deadline=deadline)
            if seen is None or not seen.is_building:
                return seen or build
            if self.clock.monotonic() >= deadline:
                hint = "look into its log" if is_forced else "give it longer with --timeout, or end it with --kill"
                raise TimedOut(f"{build.label} was asked to end, and still runs", hint=hint)
            sleep_until(deadline, self.clock, at_most=_END_EVERY_SECONDS)

    def _traced(self, full_name: str, request: StartRequest, problem: AnswerLost) -> int:
        """Return the queue id of what may have been started by a request whose answer was lost."""
        self.patience.progress(f"{problem.message}; looking for it in the queue and among the builds")
        deadline = self.clock.monotonic() + _TRACE_SECONDS
        while True:
            try:
                found = self.patience.ask(lambda: self._trace(full_name, request))
            except (Unreachable, TimedOut) as away:
                raise _unknown(full_name, away) from problem
            if found is not None:
                return found
            if self.clock.monotonic() >= deadline:
                message = f"{full_name} was not started, as far as queue and builds show: the request was lost"
                raise Unreachable(
                    message, hint="see 'cictl build list' for one that came late, then run it again"
                ) from problem
            sleep_until(deadline, self.clock, at_most=_TRACE_EVERY_SECONDS)

    def _trace(self, full_name: str, request: StartRequest) -> int | None:
        # The queue comes first: what leaves it between the two looks is a build in the second.
        queued = self.builds.queued(full_name)
        return started_by(request, queued, self.builds.builds(full_name, limit=_LAST_BUILDS))


def _unknown(full_name: str, away: CictlError) -> CictlError:
    hint = "once Jenkins answers, 'cictl build list' shows whether it runs; do not start it again before"
    return AnswerLost(f"{full_name} may have been started: {away.message}", hint=hint)


def _require_buildable(job: BuildableJob) -> None:
    if not job.is_buildable:
        hint = "enable it in Jenkins; a branch that was deleted in Git stays disabled until it is removed"
        raise Conflict(f"{job.full_name} is disabled: Jenkins builds it for nobody", hint=hint)
