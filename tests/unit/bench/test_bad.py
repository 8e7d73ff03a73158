from __future__ import annotations

from pathlib import Path

import pytest

from bench import bad
from bench.bad import Fall, fall_of
from bench.machine import Machine
from bench.place import Place
from bench.run import Run
from bench.scenes import failure_limits
from lab.layout import Layout
from lab.load import Record

OK, FAILED = 200, 500


def record(at: float, version: str, status: int | None = OK) -> Record:
    return Record(scheduled=at, sent=at, latency=0.5, status=status, version=version)


BAD = [record(10, "bad"), record(11, "bad", FAILED), record(12, "bad", FAILED), record(20, "bad"), record(21, "v1")]


@pytest.mark.parametrize(
    ("records", "scraped", "expected"),
    [
        pytest.param(BAD, 10.0, Fall(3.5, 3.5, 5.5, 2), id="from-the-first-error-to-the-last-response"),
        pytest.param(BAD, 13.0, Fall(3.5, 2.0, 5.5, 2), id="known-once-it-was-scraped-twice"),
        pytest.param(BAD, None, Fall(3.5, None, 5.5, 2), id="never-scraped"),
        pytest.param(
            [record(9, "v1", FAILED), record(10, "bad")],
            10.0,
            Fall(None, None, -4.5, 0),
            id="errors-of-the-good-version-do-not-count",
        ),
    ],
)
def test_fall_of(records: list[Record], scraped: float | None, expected: Fall) -> None:
    assert fall_of(records, "bad", 15.0, scraped) == expected


def test_a_version_that_nobody_saw_measures_nothing() -> None:
    with pytest.raises(ValueError, match="nobody was answered by bad"):
        fall_of([record(1, "v1")], "bad", 2.0, None)


def test_the_report_parts_the_time_and_judges_the_goals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bad, "_SIMULATED_RUNS", 1)
    found = {"cictl, gate": Fall(4.0, 1.0, 0.1, 9), "Argo, failureLimit 0": Fall(3.0, 2.0, 2.0, 9)}
    found["Argo, failureLimit 3"] = Fall(6.0, 5.0, 2.0, 9)
    found[f"Argo, failureLimit {failure_limits()['argo-careful']}"] = Fall(8.0, 5.0, 2.0, 9)
    falls = {(title, version): [fall] for version in bad.SHARES for title, fall in found.items()}
    run = Run(Place({}, tmp_path), Layout(tmp_path), Machine(), repeats=1)
    text = bad._topic(run, falls).section()
    assert "| cictl, gate | 30 % | 4.00 | 1.33 | 3.00 | 1.00 | at most 1 % |" in text
    assert "30 % errors found sooner than by Argo, failureLimit 0 (100 % false alarms): **missed**" in text
    assert "5 % errors found sooner than by Argo, failureLimit 30 (0 % false alarms): met" in text
    assert "gone sooner than with Argo or `kubectl rollout undo`: met" in text
