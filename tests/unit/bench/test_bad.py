from __future__ import annotations

import pytest

from bench.bad import Fall, fall_of
from lab.load import Record

OK, FAILED = 200, 500


def record(at: float, version: str, status: int | None = OK) -> Record:
    return Record(scheduled=at, sent=at, latency=0.5, status=status, version=version)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param(
            [
                record(10, "bad"),
                record(11, "bad", FAILED),
                record(12, "bad", FAILED),
                record(20, "bad"),
                record(21, "v1"),
            ],
            Fall(found=3.5, gone=5.5, errors=2),
            id="from-the-first-error-to-the-last-response",
        ),
        pytest.param(
            [record(9, "v1", FAILED), record(10, "bad")],
            Fall(found=None, gone=-4.5, errors=0),
            id="errors-of-the-good-version-do-not-count",
        ),
    ],
)
def test_fall_of(records: list[Record], expected: Fall) -> None:
    assert fall_of(records, "bad", decided=15.0) == expected


def test_a_version_that_nobody_saw_measures_nothing() -> None:
    with pytest.raises(ValueError, match="nobody was answered by bad"):
        fall_of([record(1, "v1")], "bad", decided=2.0)
