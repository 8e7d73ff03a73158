"""Load in its own process, and its command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lab.load import Load, TargetRefused, summarize
from lab.load.__main__ import main
from tests.running import eventually

if TYPE_CHECKING:
    from pathlib import Path


def test_runs_beside_the_test_until_stopped(service: str) -> None:
    load = Load(service, rate=100, duration=60).start()
    so_far = eventually(load.records)
    records = load.stop()
    assert 0 < len(so_far) <= len(records)
    assert summarize(records).errors == 0
    assert load.stop() == records


def test_ends_by_itself_and_keeps_the_file(service: str, tmp_path: Path) -> None:
    out = tmp_path / "records.jsonl"
    with Load(service, rate=200, duration=30, count=5, out=out) as load:
        records = load.wait()
    assert len(records) == 5
    assert len(out.read_text().splitlines()) == 5


def test_an_outage_is_no_failure_of_the_load(nobody: str) -> None:
    with Load(nobody, rate=100, duration=0.3) as load:
        assert {one.error for one in load.wait()} == {"refused"}


@pytest.mark.parametrize(("url", "rate"), [("http://192.0.2.1", 1.0), ("http://127.0.0.1", 0.0)])
def test_what_is_refused_is_refused_before_anything_starts(url: str, rate: float) -> None:
    with pytest.raises((TargetRefused, ValueError)):
        Load(url, rate=rate, duration=1)


def test_the_command_writes_records_and_a_summary(
    service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "records.jsonl"
    arguments = [service + "/broken", "--rate", "100", "--duration", "5", "--count", "4", "--out", str(out)]
    assert main(arguments) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["requests"], summary["failures"], summary["by_version"]) == (4, {"500": 4}, {"v2": 4})
    assert len(out.read_text().splitlines()) == 4


def test_the_command_refuses_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://192.0.2.1"]) == 2
    assert "neither loopback nor of the lab" in capsys.readouterr().err
