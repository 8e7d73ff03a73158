"""Records in numbers."""

from __future__ import annotations

import pytest

from lab.load import Record, between, summarize, windows


def record(at: float, status: int | None = 200, version: str | None = "v1", latency: float = 0.01) -> Record:
    error = None if status else "timeout"
    return Record(scheduled=at, sent=at, latency=latency, status=status, error=error, version=version)


MIXED = [
    record(0.0),
    record(0.5, version="v2", latency=0.02),
    record(1.0, 500, "v2", 0.03),
    record(3.2, None, None, 2.0),
    record(3.3, 404),
]


def test_counts_errors_and_versions() -> None:
    summary = summarize(MIXED)
    assert (summary.requests, summary.errors) == (5, 3)
    assert summary.failures == {"404": 1, "500": 1, "timeout": 1}
    assert summary.by_version == {"none": 1, "v1": 2, "v2": 2}
    assert summary.error_ratio == pytest.approx(0.6)
    assert summary.share("v2") == pytest.approx(0.4)


def test_latencies_are_those_of_answers() -> None:
    summary = summarize(MIXED)
    assert (summary.p50, summary.p99, summary.slowest) == (0.01, 0.03, 0.03)


def test_nothing_sums_up_to_nothing() -> None:
    summary = summarize([])
    assert (summary.requests, summary.error_ratio, summary.share("v1"), summary.p99) == (0, 0.0, 0.0, None)
    assert list(windows([], 1.0)) == []


def test_windows_show_empty_stretches_too() -> None:
    assert [(start, one.requests, one.errors) for start, one in windows(MIXED, 1.0)] == [
        (0.0, 2, 0),
        (1.0, 1, 1),
        (2.0, 0, 0),
        (3.0, 2, 2),
    ]


def test_between_takes_the_start_and_leaves_the_end() -> None:
    assert [one.scheduled for one in between(MIXED, 0.5, 3.2)] == [0.5, 1.0]


def test_a_record_survives_its_line() -> None:
    assert [Record.from_line(one.to_line()) for one in MIXED] == MIXED
