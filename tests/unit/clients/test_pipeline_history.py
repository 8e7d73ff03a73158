"""The last run is remembered for each Jenkinsfile and branch, and forgotten without harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from cictl.clients.pipeline_history import LastRun, PipelineHistory

FILE = Path("/shop/Jenkinsfile")


def test_a_run_is_remembered_for_its_file_and_branch(tmp_path: Path) -> None:
    history = PipelineHistory(tmp_path / "state")
    history.keep(FILE, "main", LastRun(3, "FAILURE"))
    assert history.last(FILE, "main") == LastRun(3, "FAILURE")
    assert history.last(FILE, "other") == history.last(Path("/other"), "main") == LastRun(0, None)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"number": "x", "result": "y"}'])
def test_a_broken_file_is_as_if_it_had_never_run(tmp_path: Path, content: str) -> None:
    history = PipelineHistory(tmp_path)
    history.keep(FILE, None, LastRun(1, "SUCCESS"))
    (kept,) = tmp_path.iterdir()
    kept.write_text(content)
    assert history.last(FILE, None) == LastRun(0, None)


def test_where_nothing_can_be_kept_it_runs_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    history = PipelineHistory(tmp_path / "file")
    history.keep(FILE, None, LastRun(1, "SUCCESS"))
    assert history.last(FILE, None) == LastRun(0, None)
