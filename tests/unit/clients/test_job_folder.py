from __future__ import annotations

from pathlib import Path

import pytest

from cictl.clients.job_folder import write_jobs, write_text
from cictl.core.rendered_job import RenderedJob
from cictl.errors import NotAllowed


def test_a_private_text_is_its_owners_alone(tmp_path: Path) -> None:
    write_text(tmp_path / "plan.json", "größer", is_private=True)
    assert (tmp_path / "plan.json").read_text(encoding="utf-8") == "größer"
    assert (tmp_path / "plan.json").stat().st_mode & 0o777 == 0o600


def test_a_text_that_cannot_be_written_is_told_by_its_own_name(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed) as caught:
        write_text(tmp_path / "none" / "plan.json", "x")
    assert caught.value.message == f"{tmp_path}/none/plan.json cannot be written: No such file or directory"


def test_a_job_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "b" / "config.xml").mkdir(parents=True)
    jobs = [RenderedJob(name, "<x/>", is_view=False, source=None) for name in ("a", "b")]
    with pytest.raises(NotAllowed, match=r"b/config\.xml cannot be written: Is a directory"):
        write_jobs(jobs, tmp_path)
    assert (tmp_path / "a" / "config.xml").read_text() == "<x/>"
