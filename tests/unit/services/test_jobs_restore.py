"""Restoring: folders first, on record before it is sent, and nothing over what is there."""

from __future__ import annotations

from cictl.core.job_plan import ItemKey
from cictl.core.job_restore import SavedItem
from cictl.errors import Conflict, NotAllowed, Unreachable
from cictl.services.jobs_restore import Restore
from tests.unit.services.jobs_memory import OWNER, Memory, MemoryBackup, config

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
    memory.loses.add("create")
    assert _restored(memory, *_SAVED) == [("x", "restored"), ("x/a", "restored")]


def test_a_lock_that_was_taken_over_ends_it() -> None:
    memory = Memory()
    memory.lock_error = Conflict("somebody took over")
    assert _restored(memory, *_SAVED) == [("x", "conflict"), ("x/a", "conflict")]
    memory.lock_error = Unreachable("nobody answers")
    assert _restored(memory, *_SAVED) == [("x", "skipped"), ("x/a", "skipped")]


def test_what_could_not_be_recorded_is_told() -> None:
    memory = Memory()
    memory.record_error = NotAllowed("not you")
    assert _restored(memory, _SAVED[1]) == [("x", "failed")]
    assert "x" in memory.jobs
