"""Restoring: folders first, on record before it is sent, and nothing over what is there."""

from __future__ import annotations

import pytest

from cictl.core.job_outcome import Result
from cictl.core.job_plan import ItemKey
from cictl.core.job_restore import SavedItem
from cictl.errors import AnswerLost, Conflict, NotAllowed, Unreachable
from cictl.services.jobs_restore import Restore
from tests.unit.services.jobs_in_memory import OWNER, Memory, MemoryBackup, config

_SAVED = [SavedItem(ItemKey("x/a"), config(), 43), SavedItem(ItemKey("x"), config())]


def _restored(memory: Memory, *saved: SavedItem, overwrite: bool = False) -> list[tuple[str, str]]:
    service = Restore(memory, memory, memory.lock, lambda: MemoryBackup(memory), ("cictl bootstrap",))
    plan = service.plan(saved, overwrite=overwrite)
    return [(each.key.full_name, each.result.value) for each in service.apply(plan)]


def test_folders_come_first_and_all_is_on_record_before() -> None:
    memory = Memory()
    assert _restored(memory, *_SAVED) == [("x", "restored"), ("x/a", "restored")]
    assert memory.told == ["lock", "reload", "expect 2", "create x", "create x/a", "number x/a 43", "unlock"]
    assert set(memory.kept) == {ItemKey("x"), ItemKey("x/a")}


def test_what_is_no_owner_s_has_no_record() -> None:
    memory = Memory()
    saved = [
        SavedItem(ItemKey("a"), config(owner=None)),
        SavedItem(ItemKey("b"), config(owner="cictl bootstrap")),
        SavedItem(ItemKey("c"), config(owner="another")),
    ]
    assert len(_restored(memory, *saved)) == 3
    assert set(memory.kept) == {ItemKey("c")}
    assert OWNER not in memory.jobs["c"]


def test_what_would_be_overwritten_is_kept_before() -> None:
    memory = Memory("a")
    memory.jobs["a"] = config("<quietPeriod>3</quietPeriod>")
    saved = SavedItem(ItemKey("a"), config(), 4)
    assert _restored(memory, saved) == []
    assert _restored(memory, saved, overwrite=True) == [("a", "restored")]
    assert memory.told == ["lock", "reload", "expect 1", "keep a", "update a", "unlock"]
    assert memory.saved == [SavedItem(ItemKey("a"), config("<quietPeriod>3</quietPeriod>"), 7)]


def test_a_lost_answer_is_looked_up() -> None:
    memory = Memory()
    memory.lost = {"create x", "create x/a"}
    assert _restored(memory, *_SAVED) == [("x", "restored"), ("x/a", "restored")]


def test_a_lock_that_was_taken_over_ends_it() -> None:
    memory = Memory()
    memory.lock_error = Conflict("somebody took over")
    assert _restored(memory, *_SAVED) == [("x", "conflict"), ("x/a", "conflict")]
    memory.lock_error = Unreachable("nobody answers")
    assert _restored(memory, *_SAVED) == [("x", "skipped"), ("x/a", "skipped")]


def test_what_could_not_be_recorded_is_told_and_found_by_the_next_run() -> None:
    memory = Memory()
    memory.record_error = NotAllowed("not you")
    said: list[str] = []
    service = Restore(memory, memory, memory.lock, lambda: MemoryBackup(memory), tell=said.append)
    [restored] = service.apply(service.plan([_SAVED[1]]))
    assert (restored.result, "expect 1" in memory.told) == (Result.RESTORED, True)
    assert said == ["what was written is not on record: not you; the next run finds out by itself"]


def test_somebody_else_brought_it_back() -> None:
    memory = Memory("a", "b")
    memory.jobs["b"] = config("<quietPeriod>3</quietPeriod>")
    service = Restore(memory, memory, memory.lock, lambda: MemoryBackup(memory))
    saved = [SavedItem(ItemKey(name), config()) for name in ("a", "b", "c")]
    there = dict(memory.jobs)
    del memory.jobs["a"]
    plan = service.plan(saved, overwrite=True)
    memory.jobs.update(there, b=config(), c=config("<quietPeriod>4</quietPeriod>"))
    results = [(each.key.full_name, each.result) for each in service.apply(plan)]
    assert results == [("a", Result.UNCHANGED), ("b", Result.UNCHANGED), ("c", Result.CONFLICT)]
    assert memory.saved == [], "nothing is replaced"


@pytest.mark.parametrize("name", ["a", "new"])
def test_an_answer_that_is_lost_before_it_was_done(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def lose(_name: str, _xml: str) -> None:
        raise AnswerLost("lost")

    memory = Memory("a")
    memory.jobs["a"] = config("<quietPeriod>3</quietPeriod>")
    monkeypatch.setattr(memory, "update", lose)
    monkeypatch.setattr(memory, "create", lose)
    assert _restored(memory, SavedItem(ItemKey(name), config()), overwrite=True) == [(name, "failed")]
