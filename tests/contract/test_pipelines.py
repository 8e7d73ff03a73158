"""The pipeline runner does with small Jenkinsfiles what Jenkins documents, under the transformation of Jenkins."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

from tests.contract.pipeline_cases import CASES, LIBRARY, Batch, Case, batch_of_the_runner, log_lines, matches, seen


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    with batch_of_the_runner(tmp_path_factory.mktemp("events") / "pipe") as running:
        yield running


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.stem)
def test_pipeline(batch: Batch, tmp_path: Path, case: Case) -> None:
    for folder in ("workspace", "source", "scratch"):
        (tmp_path / folder).mkdir()
    request = {
        "jenkinsfile": str(case.path),
        "workspace": str(tmp_path / "workspace"),
        "source": None,
        "scratch": str(tmp_path / "scratch"),
        "job": "job",
        "folder": str(case.path.parent),
        "number": 1,
        "answer": "approve",
        "libraries": {"shop": str(LIBRARY)},
        **case.request,
    }
    events = batch.run(request)
    run = seen(events)

    found = [f"{each.line}: {each.message}{f'; {each.hint}' if each.hint else ''}" for each in run.errors]
    _compare(case.errors, found)
    notes = [f"{each.line}: {each.message}" for each in run.problems if not each.is_error]
    assert [note for note in case.notes if note not in notes] == [], notes
    lines = [line for line in log_lines(events) if case.only in line]
    _compare(*((sorted(case.log), sorted(lines)) if case.is_unordered else (case.log, lines)))
    ended = f"{run.finished.result}{' timed-out' * run.finished.has_timed_out}" if run.finished else None
    assert ended == case.result
    results = {stage.name: str(stage.result) for stage in run.stages}
    assert {name: results.get(name) for name, _ in case.stages} == dict(case.stages)
    assert [stage.name for stage in run.stages if stage.result is None] == []


def _compare(expected: tuple[str, ...] | list[str], actual: list[str]) -> None:
    wrong = [pair for pair in zip_longest(expected, actual, fillvalue="") if not matches(*pair)]
    assert wrong == [], "\n".join(actual)
