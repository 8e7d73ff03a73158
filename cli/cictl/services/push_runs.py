"""Works off what pushes have queued: one run of a branch at a time, the newest commit, several branches side by side.

Whoever does this may be killed at any moment. What is queued stays so; what was begun is ended, or begun again, by the
next who comes here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from posixpath import commonpath
from typing import Any, Protocol

from cictl.clock import Clock
from cictl.core.push_run import PushRun, RunSettings, State, forgotten, next_run, was_stopped
from cictl.core.push_run_lines import complaint
from cictl.errors import CictlError, TimedOut

_LOOK_SECONDS = 0.25  # a push while others run is seen after this long
_GOOD = {"SUCCESS", "UNSTABLE"}
_LONGEST_WHY = 1000  # characters: a description can be any number


class Folder(Protocol):
    """Where runs are kept."""

    def runs(self) -> tuple[PushRun, ...]:
        """Return all runs by number."""

    def keep(self, run: PushRun) -> None:
        """Have what is known of RUN on disk."""

    def result(self, number: int) -> Mapping[str, Any] | None:
        """Return what the pipeline printed at its end, None where it has not come so far."""

    def ended_at(self, number: int) -> float:
        """Return when that was written."""

    def log_from(self, number: int, offset: int) -> bytes:
        """Return what stands in its log from OFFSET bytes on."""

    def say(self, number: int, line: str) -> None:
        """Add LINE to the log of run NUMBER."""

    def takes_stop(self, number: int) -> bool:
        """Take the wish away that run NUMBER is stopped; whether there was one."""

    def delete(self, run: PushRun) -> None:
        """Forget RUN."""

    def sweep(self, *, now: float) -> None:
        """Delete what hooks began and never ended."""

    def only_worker(self) -> AbstractContextManager[bool]:
        """Give whether nobody else works on these runs."""

    def branch_lock(self, branch: str) -> AbstractContextManager[int]:
        """Wait until nobody runs BRANCH, and hold it."""


class Pipelines(Protocol):
    """What runs a commit."""

    def tip(self, branch: str) -> str | None:
        """Return the commit that BRANCH is at, None if it is gone."""

    def run(self, run: PushRun, *, since: str | None, lock: int) -> int | None:
        """Run the pipeline of RUN's commit; None where the commit has none, TimedOut where it had to be stopped."""

    def running(self) -> Collection[int]:
        """Return the runs whose pipelines are under way."""

    def stop(self, *numbers: int) -> None:
        """Have the runs of NUMBERS stopped, `post` included."""

    def stop_all(self) -> None:
        """Have all that runs stopped, and no other begun."""


class PushRuns:
    """The work on one repository's runs."""

    def __init__(self, folder: Folder, pipelines: Pipelines, settings: RunSettings, *, clock: Clock) -> None:
        """Begin nothing yet."""
        self._folder = folder
        self._pipelines = pipelines
        self._settings = settings
        self._clock = clock
        self._is_stopped = False

    def work(self) -> None:
        """Return when nothing is left to do, or somebody else does it.

        A request is written before its worker is started. So who finds the place taken may go: the other one looks
        once more after leaving it.
        """
        while self._has_work():
            with self._folder.only_worker() as is_alone:
                if not is_alone:
                    return
                self._folder.sweep(now=self._clock.wall())
                self._work_alone()

    def _has_work(self) -> bool:
        return any(not run.is_over for run in self._folder.runs())

    def _work_alone(self) -> None:
        branches: dict[str, Future[None]] = {}
        problems: dict[str, CictlError] = {}
        with ThreadPoolExecutor(self._settings.at_once) as pool:
            try:
                while self._begin(pool, branches, besides=problems):
                    self._clock.sleep(_LOOK_SECONDS)
                    self._stop_what_is_asked()
                    problems |= _collected(branches)
            except BaseException:
                self._is_stopped = True
                self._pipelines.stop_all()
                raise
        if problems:
            raise next(iter(problems.values()))

    def _begin(
        self, pool: ThreadPoolExecutor, branches: dict[str, Future[None]], *, besides: Collection[str]
    ) -> Sequence[str]:
        """Have each branch with something to do, BESIDES some, in work, in the order of pushes; return them all."""
        for branch in dict.fromkeys(run.branch for run in self._folder.runs() if not run.is_over):
            if branch not in branches and branch not in besides:
                branches[branch] = pool.submit(self._serve, branch)
        return list(branches)

    def _stop_what_is_asked(self) -> None:
        for number in self._pipelines.running():
            if self._folder.takes_stop(number):
                self._folder.say(number, "'cictl hook stop' stops it; post runs")
                self._pipelines.stop(number)

    def _serve(self, branch: str) -> None:
        if self._is_stopped:
            return
        with self._folder.branch_lock(branch) as lock:
            runs = self._settled([run for run in self._folder.runs() if run.branch == branch])
            choice = next_run(runs, self._pipelines.tip(branch), now=self._clock.wall())
            for run in choice.closed:
                self._folder.say(run.number, run.why or run.outcome)
                self._folder.keep(run)
            if choice.run is not None:
                self._run(choice.run, since=_last_good(runs), lock=lock)
        for run in forgotten(self._folder.runs(), keep=self._settings.keep):
            self._folder.delete(run)

    def _settled(self, runs: Sequence[PushRun]) -> list[PushRun]:
        """Return RUNS, those ended whose worker was gone when they came to their end."""
        found = []
        for run in runs:
            result = self._folder.result(run.number) if run.state is State.RUNNING else None
            if result is not None:
                ended = _ended(run, result, None, why=None, at=self._folder.ended_at(run.number))
                self._folder.keep(ended)
                found.append(ended)
            else:
                found.append(run)
        return found

    def _run(self, run: PushRun, *, since: str | None, lock: int) -> None:
        begun = replace(run, state=State.RUNNING, attempts=run.attempts + 1, started_at=self._clock.wall())
        again = f", attempt {begun.attempts}: the one before broke off" if run.attempts else ""
        self._folder.takes_stop(run.number)  # that was for an attempt before
        self._folder.keep(begun)
        self._folder.say(run.number, f"run {run.number} begins: {run.branch} {run.commit[:12]}{again}")
        try:
            status = self._pipelines.run(begun, since=since, lock=lock)
        except CictlError as error:
            self._folder.say(run.number, f"error: {error.message}")
            result = "ABORTED" if isinstance(error, TimedOut) else "FAILURE"
            self._folder.keep(replace(begun, **_end(result, error.message, self._clock.wall())))
            return
        told = self._folder.result(run.number)
        if self._is_stopped and (told is None or (status is not None and was_stopped(status))):
            queued = replace(run, state=State.QUEUED, attempts=begun.attempts, started_at=None)
            self._folder.keep(queued)  # begun again by who comes next
        else:
            log = "" if told else self._folder.log_from(run.number, 0).decode("utf-8", "replace")
            ended = _ended(begun, told, status, at=self._clock.wall(), why=complaint(log))
            if archived := (told or {}).get("artifacts"):
                self._folder.say(run.number, f"artifacts: {commonpath(archived)}")
            self._folder.say(run.number, f"run {run.number}: {ended.outcome}{f': {ended.why}' if ended.why else ''}")
            self._folder.keep(ended)


def _collected(branches: dict[str, Future[None]]) -> dict[str, CictlError]:
    """Take those that are served from BRANCHES; return why some could not be: whoever works next tries again."""
    found = {}
    for branch in [each for each, future in branches.items() if future.done()]:
        try:
            branches.pop(branch).result()
        except CictlError as error:
            found[branch] = error
    return found


def _ended(
    run: PushRun, result: Mapping[str, Any] | None, status: int | None, *, at: float, why: str | None
) -> PushRun:
    if result is not None:
        return replace(run, **_end(str(result["result"]), _why(result), at))
    if status is None:
        return replace(run, **_end("NOT_BUILT", "this commit has no Jenkinsfile", at))
    if was_stopped(status):
        return replace(run, **_end("ABORTED", f"it was stopped (exit {status})", at))
    return replace(run, **_end("FAILURE", f"{why or 'its log says why'} (exit {status})", at))


def _end(result: str, why: str | None, at: float) -> dict[str, Any]:
    return {"state": State.ENDED, "result": result, "why": why and why[:_LONGEST_WHY], "ended_at": at}


def _why(result: Mapping[str, Any]) -> str | None:
    ends = [event for event in result.get("events", ()) if event.get("event") == "finished"]
    why = (ends[-1].get("error") if ends else None) or result.get("description")
    return str(why) if why else None


def _last_good(runs: Sequence[PushRun]) -> str | None:
    good = [run for run in runs if run.result in _GOOD]
    return max(good, key=lambda run: run.started_at or 0.0).commit if good else None
