"""The lock of those who write jobs, and what becomes of two who write at once."""

from __future__ import annotations

import time

from cictl.clients.this_process import ThisProcess
from cictl.core.job_intents import Wishes
from cictl.core.job_keeping import Lock, lock_xml
from cictl.core.job_plan import ItemKey
from cictl.errors import ExitCode
from cictl.wiring.jobs import JobSource, rendered_jobs
from tests.contract.jobs_shop import Shop
from tests.contract.jobs_tree import ALL, API, BUILD, LOCK, actions, edit, write_tree
from tests.fake_jenkins.messages import Request
from tests.running import Run


def test_what_moves_between_plan_and_write_is_left(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    path = "/job/shop/job/ci/job/web/job/build/config.xml"
    reads = 0

    def edits(_: int, request: Request) -> None:
        nonlocal reads
        reads += request.method == "GET" and request.path == path
        if reads == 2:
            reads += 1
            edit(applied, BUILD, "<defaultValue>1</defaultValue>", "<defaultValue>7</defaultValue>")

    applied.fake.faults.on_request = edits
    assert applied.results(run, "apply", "--yes") == (ExitCode.CONFLICT, {BUILD: "conflict"})
    assert "<defaultValue>7</defaultValue>" in applied.fake.item(BUILD).xml


def _lock(shop: Shop, process: str, *, renewed: float) -> None:
    lock = Lock("somebody", "ann@laptop, process 7", process, renewed - 60, renewed)
    shop.fake.put(LOCK, lock_xml(lock))


def test_a_second_run_does_not_write(fresh: Shop, run: Run) -> None:
    _lock(fresh, "elsewhere/b/1/7/9", renewed=time.time())
    outcome = fresh.run(run, "apply", "--yes")
    assert outcome.status == ExitCode.CONFLICT
    assert "ann@laptop, process 7 writes jobs" in outcome.stderr
    assert "--take-over" in outcome.stderr
    assert fresh.jobs() == {LOCK}
    assert fresh.results(run, "apply", "--yes", "--take-over") == (0, ALL)
    assert LOCK not in fresh.fake.jobs()


def test_the_lock_of_a_dead_process_is_broken(fresh: Shop, run: Run) -> None:
    place = ThisProcess().token.rsplit("/", 2)[0]
    _lock(fresh, f"{place}/4194999/1", renewed=time.time())
    outcome = fresh.run(run, "apply", "--yes")
    assert outcome.status == 0
    assert "that process is no more" in outcome.stderr


def test_a_lock_without_a_sign_of_life_is_broken(fresh: Shop, run: Run) -> None:
    _lock(fresh, "elsewhere/b/1/7/9", renewed=time.time() - 400)
    outcome = fresh.run(run, "apply", "--yes")
    assert outcome.status == 0
    assert "no sign of life" in outcome.stderr


def test_a_lock_that_lies_there_is_seen_by_runs_that_have_nothing_to_write(applied: Shop, run: Run) -> None:
    nothing = (["apply"], ["adopt"], ["prune"])
    for words in nothing:
        _lock(applied, "elsewhere/b/1/7/9", renewed=time.time() - 400)
        outcome = applied.run(run, *words)
        assert outcome.status == 0
        assert "the lock of ann@laptop, process 7 is broken: no sign of life" in outcome.stderr
        assert LOCK not in applied.fake.jobs()
    for words in nothing:
        _lock(applied, "elsewhere/b/1/7/9", renewed=time.time())
        outcome = applied.run(run, *words)
        assert outcome.status == 0
        assert "ann@laptop, process 7 writes jobs" in outcome.stderr
        assert LOCK in applied.fake.jobs(), "it is in use"
    assert applied.run(run, "plan").status == 0
    assert applied.run(run, "apply", "--take-over").status == 0
    assert LOCK not in applied.fake.jobs()


def test_a_lock_in_use_keeps_records_from_being_renewed_and_nothing_else(applied: Shop, run: Run) -> None:
    with applied.live() as live:
        live.records.forget([ItemKey(BUILD)])
    _lock(applied, "elsewhere/b/1/7/9", renewed=time.time())
    outcome = applied.run(run, "apply")
    assert (outcome.status, "writes jobs" in outcome.stderr) == (0, True)
    assert BUILD not in applied.recorded()
    assert applied.run(run, "apply", "--take-over").status == 0
    assert BUILD in applied.recorded()


def test_a_lock_that_is_lost_stops_the_run(fresh: Shop, run: Run) -> None:
    def steals(_: int, request: Request) -> None:
        if request.method == "POST" and request.path.endswith("admin/createItem") and "state" in request.target:
            _lock(fresh, "elsewhere/b/1/7/9", renewed=time.time())

    fresh.fake.faults.on_answer = steals
    outcome = fresh.run(run, "apply", "--yes")
    assert outcome.status == ExitCode.CONFLICT
    assert "took over" in outcome.stderr
    assert fresh.jobs() == {LOCK}, "the other's lock is left alone, and nothing is written"


def _with_another_between(shop: Shop, run: Run, *words: str) -> tuple[tuple[int, dict[str, str]], ...]:
    """Return what came of two runs of the same: the other is done between the plan of the first and its lock."""
    others: list[tuple[int, dict[str, str]]] = []

    def other(_: int, request: Request) -> None:
        if request.method == "POST" and not others:
            others.append((-1, {}))
            others[0] = shop.results(run, *words)

    shop.fake.faults.on_request = other
    mine = shop.results(run, *words)
    shop.fake.faults.on_request = None
    return others[0], mine


def test_of_two_applies_that_planned_the_same_the_second_finds_it_done(fresh: Shop, run: Run) -> None:
    other, mine = _with_another_between(fresh, run, "apply", "--yes")
    assert other == (0, ALL)
    assert mine == (0, dict.fromkeys(ALL, "unchanged"))
    write_tree(fresh, {BUILD: {"cron": "H 4 * * *"}, API: {"version": "2"}})
    other, mine = _with_another_between(fresh, run, "apply", "--yes")
    assert (other, mine) == ((0, {BUILD: "updated", API: "updated"}), (0, {BUILD: "unchanged", API: "unchanged"}))
    assert actions(fresh, run) == {}


def test_of_two_applies_that_planned_different_things_the_second_says_so(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    with applied.live() as live:
        planned = live.planning().plan(rendered_jobs(applied.app(), JobSource((applied.folder / "tree",))))
        writes, _ = live.applying().decide(planned, Wishes())
        write_tree(applied, {BUILD: {"cron": "H 5 * * *"}})
        assert applied.results(run, "apply", "--yes") == (0, {BUILD: "updated"})
        [mine] = live.applying().apply(planned, writes)
    assert mine.result.value == "conflict"
    assert "H 5 * * *" in applied.fake.item(BUILD).xml
