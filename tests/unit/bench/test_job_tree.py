from __future__ import annotations

from pathlib import Path

import pytest

from bench.job_tree import make_tree
from bench.render import COLD, PEER, UNCHANGED, Taken, _goals
from cictl.clients.job_builder import JobBuilder, JobTree


@pytest.mark.parametrize(("wanted", "made"), [(1, 5), (5, 5), (6, 10)])
def test_a_tree_has_as_many_jobs_as_it_says(tmp_path: Path, wanted: int, made: int) -> None:
    assert make_tree(tmp_path / "tree", wanted) == made
    jobs = JobBuilder({}).render(JobTree((tmp_path / "tree",)))
    assert len(jobs) == made
    assert 4_000 < sum(len(job.xml) for job in jobs) / made < 8_000


def test_goals_compare_with_the_peer() -> None:
    taken = {PEER: Taken([9.0], [100]), COLD: Taken([3.0], [101]), UNCHANGED: Taken([0.2], [30])}
    assert [goal.rpartition(": ")[2] for goal in _goals(1000, taken)] == ["met.", "**missed**.", "**missed**."]
