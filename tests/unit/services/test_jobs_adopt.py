"""Adopting: the description alone, on record, and what could not be recorded is told."""

from __future__ import annotations

import pytest

from cictl.core.job_plan import ItemKey
from cictl.core.job_three_way import Base
from cictl.core.rendered_job import RenderedJob
from cictl.errors import Conflict, NotAllowed, Unreachable
from cictl.services.jobs_adopt import Adopt
from tests.unit.services.jobs_in_memory import OWNER, Memory, config


def _memory(*names: str) -> Memory:
    memory = Memory()
    memory.jobs = {name: config(owner=None) for name in names}
    return memory


def _adopted(memory: Memory, *names: str) -> list[tuple[str, str]]:
    rendered = [RenderedJob(name, config(owner=None), is_view=False, source=None) for name in names]
    service = Adopt(memory, memory, memory, memory.lock, OWNER)
    return [(each.key.full_name, each.result.value) for each in service.apply(service.plan(rendered), rendered)]


def test_it_is_marked_and_on_record() -> None:
    memory = _memory("a", "b", "other")
    assert _adopted(memory, "b", "a", "not-there") == [("a", "adopted"), ("b", "adopted")]
    assert memory.told == ["lock", "reload", "describe a", "describe b", "unlock"]
    assert memory.jobs == {"a": config(), "b": config(), "other": config(owner=None)}
    assert set(memory.kept) == {ItemKey("a"), ItemKey("b")}
    assert _adopted(memory, "a", "b") == []


def test_what_is_marked_and_not_on_record_is_adopted_once_more() -> None:
    memory = _memory("a")
    memory.record_error = NotAllowed("not you")
    assert _adopted(memory, "a") == [("a", "failed")]
    assert memory.jobs["a"] == config()
    memory.record_error = None
    assert _adopted(memory, "a") == [("a", "adopted")]
    assert set(memory.kept) == {ItemKey("a")}


def test_a_job_whose_mark_was_lost_keeps_its_record() -> None:
    memory = _memory("a")
    memory.kept[ItemKey("a")] = base = Base(config(), config())
    assert _adopted(memory, "a") == [("a", "adopted")]
    assert memory.kept[ItemKey("a")] is base


def test_a_lost_answer_is_looked_up() -> None:
    memory = _memory("a")
    memory.lost = {"describe a"}
    assert _adopted(memory, "a") == [("a", "adopted")]


def test_what_another_run_adopted_first() -> None:
    memory = _memory("a", "b", "c")
    rendered = [RenderedJob(name, config(owner=None), is_view=False, source=None) for name in ("a", "b", "c")]
    service = Adopt(memory, memory, memory, memory.lock, OWNER)
    plan = service.plan(rendered)
    _adopted(memory, "a", "b")
    memory.jobs["b"] = config("<quietPeriod>3</quietPeriod>")  # adopted and written since
    memory.jobs["c"] = config("<quietPeriod>3</quietPeriod>", owner=None)
    results = [(each.key.full_name, each.result.value) for each in service.apply(plan, rendered)]
    assert results == [("a", "unchanged"), ("b", "unchanged"), ("c", "conflict")]


def test_a_jenkins_that_goes_away_after_it_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = _memory("a", "b")
    memory.lost = {"describe a"}
    read = memory.config_xml

    def away(full_name: str) -> str | None:
        if "describe a" in memory.told:
            raise Unreachable("nobody answers")
        return read(full_name)

    monkeypatch.setattr(memory, "config_xml", away)
    assert _adopted(memory, "a", "b") == [("a", "unknown"), ("b", "skipped")]


def test_a_lock_that_was_taken_over_ends_it() -> None:
    memory = _memory("a", "b")
    memory.lock_error = Conflict("somebody took over")
    assert _adopted(memory, "a", "b") == [("a", "conflict"), ("b", "conflict")]
    memory.lock_error = Unreachable("nobody answers")
    assert _adopted(memory, "a", "b") == [("a", "skipped"), ("b", "skipped")]
    assert memory.kept == {}
