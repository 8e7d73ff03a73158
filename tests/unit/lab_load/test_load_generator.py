"""The generator is open-loop: slow answers do not slow it, and their waiting is counted."""

from __future__ import annotations

import asyncio
import time

import pytest

from lab.load import generator as module
from lab.load.arrivals import Plan
from lab.load.generator import Generator
from lab.load.record import Record
from lab.load.target import Target


def run(url: str, plan: Plan, *, stop_after: float | None = None, timeout: float = 60.0) -> list[Record]:
    async def go() -> list[Record]:
        records: list[Record] = []
        one = Generator(Target.parse(url), plan, records.append, timeout_seconds=timeout)
        if stop_after is not None:
            asyncio.get_running_loop().call_later(stop_after, one.stop)
        await one.run()
        return records

    return asyncio.run(go())


def test_every_request_has_its_record(service: str) -> None:
    plan = Plan(200, 0.5, seed=3)
    records = run(service, plan)
    assert len(records) == len(list(plan.arrivals()))
    assert {(one.status, one.version, one.config) for one in records} == {(200, "v1", "spring")}
    assert all(one.sent >= one.scheduled for one in records)
    assert abs(records[0].scheduled - time.time()) < 60


def test_slow_answers_do_not_hold_up_the_next_requests(service: str) -> None:
    records = run(service + "/held", Plan(50, 0.5, seed=3), timeout=2.0)
    first_answer = min(one.scheduled + one.latency for one in records)
    assert len(records) > 10
    assert {one.error for one in records} == {"timeout"}
    assert max(one.sent for one in records) < first_answer


def test_an_outage_is_recorded_and_not_raised(nobody: str) -> None:
    records = run(nobody, Plan(100, 0.2, seed=3))
    assert {one.error for one in records} == {"refused"}
    assert not any(one.is_ok for one in records)


def test_latency_counts_from_when_it_was_due(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Generator._launch

    def late(self: Generator, scheduled: float) -> None:
        original(self, scheduled - 5.0)

    monkeypatch.setattr(Generator, "_launch", late)
    (record, *_) = run(service, Plan(100, 0.1, seed=3))
    assert record.latency >= 5.0
    assert record.sent - record.scheduled >= 4.9


def test_too_many_unanswered_are_recorded_unsent(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_IN_FLIGHT", 3)
    records = run(service + "/slow", Plan(100, 0.2, seed=3))
    assert {one.error for one in records} == {None, "not-sent"}


def test_stop_ends_it_early_and_waits_for_what_is_under_way(service: str) -> None:
    plan = Plan(20, 60, seed=3)
    records = run(service + "/slow", plan, stop_after=1.0)
    assert 0 < len(records) < len(list(plan.arrivals()))
    assert all(one.status == 200 for one in records)


def test_a_hundred_a_second_are_all_answered(service: str) -> None:
    plan = Plan(100, 2, seed=3)
    records = run(service, plan)
    assert len(records) == len(list(plan.arrivals()))
    assert {one.error for one in records} == {None}
