"""What the worker keeps of a run, however it ends; no pipeline runs here."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from cictl.core.push_run import PushRun, RunSettings, State
from cictl.errors import FarSideFailed, TimedOut
from cictl.services.push_runs import PushRuns
from tests.running import FakeClock

TIP = "a" * 40


@dataclass
class Folder:
    """Runs in memory."""

    kept: dict[int, PushRun]
    result_of: Mapping[str, Any] | None = None
    is_free: bool = True
    logs: list[str] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)

    def runs(self) -> tuple[PushRun, ...]:
        return tuple(self.kept.values())

    def keep(self, run: PushRun) -> None:
        self.kept[run.number] = run

    def result(self, number: int) -> Mapping[str, Any] | None:
        return self.result_of if self.kept[number].attempts else None

    def ended_at(self, number: int) -> float:
        return float(number)

    def log_from(self, number: int, offset: int) -> bytes:
        return f"{number}\nerror: it says why\n".encode()[offset:]

    def say(self, number: int, line: str) -> None:
        self.logs.append(f"{number} {line}")

    def takes_stop(self, number: int) -> bool:
        if number not in self.stops:
            return False
        self.stops.remove(number)
        return True

    def delete(self, run: PushRun) -> None:
        del self.kept[run.number]

    def sweep(self, *, now: float) -> None:
        self.logs.append(f"swept {now > 0}")

    @contextmanager
    def only_worker(self) -> Iterator[bool]:
        yield self.is_free

    @contextmanager
    def branch_lock(self, branch: str) -> Iterator[int]:
        yield len(branch)


@dataclass
class Pipelines:
    """Ends each run with STATUS, or raises it."""

    status: int | Exception | None = 0
    begun: list[tuple[int, str | None]] = field(default_factory=list)

    def tip(self, branch: str) -> str | None:
        if branch == "unreadable":
            raise FarSideFailed("git rev-parse failed")
        return TIP if branch == "main" else None

    def run(self, run: PushRun, *, since: str | None, lock: int) -> int | None:
        assert lock == len(run.branch)
        self.begun.append((run.number, since))
        if isinstance(self.status, Exception):
            raise self.status
        return self.status

    def running(self) -> tuple[int, ...]:
        return ()

    def stop(self, *numbers: int) -> None:
        raise AssertionError(f"{numbers} are not to be stopped")

    def stop_all(self) -> None:
        raise AssertionError("nothing is to be stopped")


def worked(folder: Folder, pipelines: Pipelines) -> PushRun:
    PushRuns(folder, pipelines, RunSettings(), clock=FakeClock()).work()
    return folder.kept[max(folder.kept)]


QUEUED = {1: PushRun(1, "main", TIP, 1.0)}
GOOD = {"result": "SUCCESS", "description": "checkout", "artifacts": ["/a/b", "/a/c"]}
BAD = {"result": "FAILURE", "events": [{"event": "finished", "error": "rolled back"}]}


@pytest.mark.parametrize(
    ("status", "result_of", "result", "why"),
    [
        pytest.param(0, GOOD, "SUCCESS", "checkout", id="well"),
        pytest.param(9, BAD, "FAILURE", "rolled back", id="badly"),
        pytest.param(0, {"result": "SUCCESS", "description": "x" * 5000}, "SUCCESS", "x" * 1000, id="endlessly"),
        pytest.param(None, None, "NOT_BUILT", "this commit has no Jenkinsfile", id="no-pipeline"),
        pytest.param(3, None, "FAILURE", "it says why (exit 3)", id="not-read"),
        pytest.param(-9, None, "ABORTED", "it was stopped (exit -9)", id="killed"),
        pytest.param(TimedOut("it took too long"), None, "ABORTED", "it took too long", id="too-long"),
        pytest.param(FarSideFailed("git clone failed"), None, "FAILURE", "git clone failed", id="no-checkout"),
    ],
)
def test_how_a_run_ends(
    status: int | Exception | None, result_of: Mapping[str, Any] | None, result: str, why: str
) -> None:
    folder = Folder(dict(QUEUED), result_of)
    run = worked(folder, Pipelines(status))
    assert (run.state, run.result, run.why, run.attempts) == (State.ENDED, result, why, 1)
    assert ("1 artifacts: /a" in folder.logs) is (result_of is GOOD)


def test_what_came_to_its_end_without_a_worker_is_not_begun_again() -> None:
    left = PushRun(1, "main", TIP, 1.0, State.RUNNING, attempts=1, started_at=1.0)
    pipelines = Pipelines()
    run = worked(Folder({1: left}, GOOD), pipelines)
    assert (run.state, run.result, run.ended_at, pipelines.begun) == (State.ENDED, "SUCCESS", 1.0, [])


def test_the_last_good_commit_is_told() -> None:
    good = PushRun(1, "main", "b" * 40, 1.0, State.ENDED, started_at=1.0, result="SUCCESS")
    bad = PushRun(2, "main", "c" * 40, 1.0, State.ENDED, started_at=2.0, result="FAILURE")
    pipelines = Pipelines()
    worked(Folder({1: good, 2: bad, 3: PushRun(3, "main", TIP, 1.0)}, GOOD), pipelines)
    assert pipelines.begun == [(3, "b" * 40)]


def test_who_finds_somebody_at_work_goes() -> None:
    pipelines = Pipelines()
    run = worked(Folder(dict(QUEUED), is_free=False), pipelines)
    assert (run.state, pipelines.begun) == (State.QUEUED, [])


def test_a_branch_that_is_gone_is_closed_with_its_reason() -> None:
    folder = Folder({1: PushRun(1, "gone", TIP, 1.0)})
    assert worked(folder, Pipelines()).state is State.GIVEN_UP
    assert "1 the branch is gone" in folder.logs


def test_a_branch_that_git_cannot_read_waits_and_keeps_no_other_from_being_run() -> None:
    folder = Folder({1: PushRun(1, "unreadable", TIP, 1.0), 2: PushRun(2, "main", TIP, 1.0)}, GOOD)
    with pytest.raises(FarSideFailed, match="rev-parse"):
        worked(folder, Pipelines())
    assert [run.state for run in folder.kept.values()] == [State.QUEUED, State.ENDED]


@dataclass
class StoppedPipelines(Pipelines):
    """Each runs until it is stopped."""

    has_begun: threading.Event = field(default_factory=threading.Event)
    was_told: threading.Event = field(default_factory=threading.Event)

    def run(self, run: PushRun, *, since: str | None, lock: int) -> int | None:
        super().run(run, since=since, lock=lock)
        self.has_begun.set()
        assert self.was_told.wait(60)
        return 143

    def running(self) -> tuple[int, ...]:
        return tuple(number for number, _ in self.begun)

    def stop(self, *numbers: int) -> None:
        assert numbers == (1,)
        self.was_told.set()

    def stop_all(self) -> None:
        self.was_told.set()


@pytest.mark.parametrize("told", [pytest.param({"result": "ABORTED"}, id="post-has-run"), pytest.param(None, id="no")])
def test_what_is_stopped_with_its_worker_is_begun_again_by_the_next(
    told: Mapping[str, Any] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, pipelines, clock = Folder(dict(QUEUED), told), StoppedPipelines(), FakeClock()

    def interrupted(_seconds: float) -> None:
        assert pipelines.has_begun.wait(60)
        raise KeyboardInterrupt

    monkeypatch.setattr(clock, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        PushRuns(folder, pipelines, RunSettings(), clock=clock).work()
    assert (folder.kept[1].state, folder.kept[1].attempts) == (State.QUEUED, 1)


def test_what_somebody_asks_to_stop_ends_and_is_not_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, pipelines, clock = Folder(dict(QUEUED), stops=[1]), StoppedPipelines(), FakeClock()

    def asked(_seconds: float) -> None:
        if not pipelines.was_told.is_set():
            assert pipelines.has_begun.wait(60)
            folder.stops.append(1)

    monkeypatch.setattr(clock, "sleep", asked)
    PushRuns(folder, pipelines, RunSettings(), clock=clock).work()
    run = folder.kept[1]
    assert (run.state, run.result, run.why) == (State.ENDED, "ABORTED", "it was stopped (exit 143)")
    assert "1 'cictl hook stop' stops it; post runs" in folder.logs
    assert (folder.stops, len(pipelines.begun)) == ([], 1)
