"""Pruning: backup before deletion, a last look before both, and patience with a Jenkins that still deletes."""

from __future__ import annotations

import pytest

from cictl.core.job_activity import Activity
from cictl.core.job_outcome import Outcome, Result
from cictl.core.job_plan import ItemKey
from cictl.errors import Conflict, NotAllowed, Unreachable
from cictl.services.jobs_prune import Prune
from tests.running import FakeClock
from tests.unit.services.jobs_in_memory import OWNER, Memory, MemoryBackup, config


def _prune(memory: Memory, clock: FakeClock | None = None) -> Prune:
    return Prune(memory, memory, memory, memory.lock, lambda: MemoryBackup(memory), clock or FakeClock(), OWNER)


def _pruned(memory: Memory, clock: FakeClock | None = None) -> list[tuple[str, str]]:
    service = _prune(memory, clock)
    return [(each.key.full_name, each.result.value) for each in service.apply(service.plan([], most="100%"))]


def test_each_is_kept_before_it_goes() -> None:
    memory = Memory("a", "b")
    assert _pruned(memory) == [("a", "deleted"), ("b", "deleted")]
    assert memory.told == ["lock", "reload", "keep a", "delete a", "keep b", "delete b", "unlock"]
    assert [(item.xml, item.next_build_number) for item in memory.saved] == [(config(), 7)] * 2
    assert memory.kept == {}


def test_nothing_to_do_takes_no_lock() -> None:
    memory = Memory("a")
    memory.busy["a"] = Activity(("#1 runs",))
    assert _pruned(memory) == []
    assert memory.told == []


@pytest.mark.parametrize(("looks", "result"), [(5, "deleted"), (500, "failed")])
def test_a_deletion_that_takes_longer_than_its_answer(looks: int, result: str) -> None:
    memory, clock = Memory("a"), FakeClock()
    memory.lost = {"delete a"}
    memory.slow["a"] = looks
    assert _pruned(memory, clock) == [("a", result)]
    assert clock.now <= 16.0


def test_an_answer_that_is_no_truth() -> None:
    memory = Memory("a")
    memory.slow["a"] = 1
    assert _pruned(memory) == [("a", "failed")]


def test_what_somebody_else_deleted() -> None:
    memory = Memory("a", "b")
    service = _prune(memory)
    plan = service.plan([], most="100%")
    del memory.jobs["a"]
    assert [each.result for each in service.apply(plan)] == [Result.GONE, Result.DELETED]
    assert memory.kept == {}


def test_a_lock_that_was_taken_over_ends_it() -> None:
    memory = Memory("a", "b")
    memory.lock_error = Conflict("somebody took over")
    assert _pruned(memory) == [("a", "conflict"), ("b", "conflict")]
    assert set(memory.jobs) == {"a", "b"}


def test_a_long_run_shows_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory("a", "b")
    monkeypatch.setattr(memory, "renew", lambda: memory.asked.append("renew"))
    _pruned(memory)
    assert memory.told[:8] == ["lock", "reload", "renew", "keep a", "delete a", "renew", "keep b", "delete b"]


def test_a_jenkins_that_went_away_ends_it() -> None:
    memory = Memory("a", "b")
    memory.lock_error = Unreachable("nobody answers")
    assert _pruned(memory) == [("a", "skipped"), ("b", "skipped")]


def test_records_that_cannot_be_written_hide_nothing() -> None:
    memory = Memory("a")
    memory.record_error = NotAllowed("not you")
    assert _pruned(memory) == [("a", "deleted")]


def test_each_is_told_at_once() -> None:
    memory = Memory("a", "b")
    service = _prune(memory)
    told: list[Outcome] = []
    assert service.apply(service.plan([], most="100%"), told.append) == tuple(told)


def test_what_is_wanted_and_chosen() -> None:
    memory = Memory("a", "b", "c")
    plan = _prune(memory).plan([ItemKey("a")], is_chosen=lambda name: name != "c")
    assert ([each.key.full_name for each in plan.going], plan.owned, plan.most) == (["b"], 3, 1)


def test_a_limit_that_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="neither a number"):
        _prune(Memory()).plan([], most="few")
