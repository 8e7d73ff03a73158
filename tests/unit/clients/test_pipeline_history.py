"""The last run is remembered for each Jenkinsfile and branch, and forgotten without harm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cictl.clients.pipeline_history import LastRun, PipelineHistory

FILE = Path("/shop/Jenkinsfile")


def test_a_run_is_remembered_for_its_file_and_branch(tmp_path: Path) -> None:
    history = PipelineHistory(tmp_path / "state")
    assert history.begin(FILE, "main") == 1
    history.end(FILE, "main", "FAILURE", "c0ffee")
    assert history.last(FILE, "main") == LastRun(1, "FAILURE", None)
    assert history.last(FILE, "other") == history.last(Path("/other"), "main") == LastRun(0, None)


def test_a_run_that_never_ended_has_had_its_number(tmp_path: Path) -> None:
    history = PipelineHistory(tmp_path)
    history.begin(FILE, "main")
    history.end(FILE, "main", "SUCCESS", "c0ffee")
    assert [history.begin(FILE, "main"), history.begin(FILE, "main")] == [2, 3]
    assert history.last(FILE, "main") == LastRun(3, "SUCCESS", "c0ffee")


@pytest.mark.parametrize(
    ("result", "commit"),
    [
        pytest.param("FAILURE", "c0ffee", id="failed"),
        pytest.param("UNSTABLE", "c0ffee", id="unstable"),
        pytest.param("SUCCESS", None, id="not-all-of-a-commit"),
    ],
)
def test_the_commit_of_the_last_success_stays(tmp_path: Path, result: str, commit: str | None) -> None:
    history = PipelineHistory(tmp_path)
    history.end(FILE, None, "SUCCESS", "0ld")
    history.end(FILE, None, result, commit)
    assert history.last(FILE, None) == LastRun(0, result, "0ld")


def test_two_at_once_have_numbers_of_their_own(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: PipelineHistory(tmp_path).begin(FILE, "main"), range(40)))
    assert sorted(numbers) == list(range(1, 41))


def test_the_artefacts_of_the_last_ten_runs_are_kept(tmp_path: Path) -> None:
    history = PipelineHistory(tmp_path)
    for _ in range(12):
        history.archive(FILE, "main", history.begin(FILE, "main")).mkdir(parents=True)
    kept = history.archive(FILE, "main", 12).parent.iterdir()
    assert sorted(int(each.name) for each in kept) == list(range(3, 13))


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"number": "x", "result": "y"}'])
def test_a_broken_file_is_as_if_it_had_never_run(tmp_path: Path, content: str) -> None:
    history = PipelineHistory(tmp_path)
    history.end(FILE, None, "SUCCESS", None)
    (kept,) = tmp_path.glob("*.json")
    kept.write_text(content)
    assert history.last(FILE, None) == LastRun(0, None)


def test_where_nothing_can_be_kept_it_runs_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    history = PipelineHistory(tmp_path / "file")
    assert history.begin(FILE, None) == 1
    history.end(FILE, None, "SUCCESS", None)
    assert history.last(FILE, None) == LastRun(0, None)
