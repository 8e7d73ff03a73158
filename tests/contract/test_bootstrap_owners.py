"""Whose folders bootstrap writes: its own, those that it called otherwise before, and never those of others."""

from __future__ import annotations

import pytest

from cictl.core.job_marks import owner_of
from cictl.core.job_xml import parse_config
from cictl.errors import ExitCode
from tests.contract.bootstrap_platform import Platform
from tests.contract.jobs_shop import FOLDER, config
from tests.fake_jenkins import FakeJenkins
from tests.running import Run


@pytest.mark.parametrize("before", ["shop", "cictl bootstrap", "cictl itself"])
def test_a_former_mark_gives_way(run: Run, ready: FakeJenkins, platform: Platform, before: str) -> None:
    _let_team_a_own_the_jobs(platform)
    _there(ready, before)
    status, steps = platform.steps(run, "--yes", "--only", "folders")
    assert (status, steps["folders/shop/ci"]["state"]) == (ExitCode.OK, "changed")
    assert _owner(ready) == "team-a"


def test_a_folder_of_another_owner_is_refused(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    _there(ready, "team-b")
    status, steps = platform.steps(run, "--yes", "--only", "folders")
    step = steps["folders/shop/ci"]
    assert (status, step["state"], step["detail"]) == (ExitCode.CONFLICT, "refused", "it belongs to team-b")
    assert "cictl jobs adopt --from team-b --job shop/ci" in step["next"]
    assert _owner(ready) == "team-b"


def test_a_folder_without_a_mark_is_written_once_it_is_adopted(
    run: Run, ready: FakeJenkins, platform: Platform
) -> None:
    _there(ready, None)
    before = ready.item("shop/ci").xml
    for argv in (("--dry-run",), ("--yes",)):
        status, steps = platform.steps(run, *argv, "--only", "folders")
        step = steps["folders/shop/ci"]
        assert (status, step["state"], ready.item("shop/ci").xml) == (ExitCode.CONFLICT, "refused", before)
        assert step["detail"] == "it is there and bears no mark of cictl's"
        assert "'cictl jobs adopt --job shop/ci'" in step["next"]
    assert run("jobs", "adopt", "--job", "shop/ci", "--yes", app=platform.app()).status == ExitCode.OK
    status, steps = platform.steps(run, "--yes", "--only", "folders")
    step = steps["folders/shop/ci"]
    assert (status, step["state"], _owner(ready)) == (ExitCode.OK, "changed", "shop")
    assert "its description becomes Git's" in step["detail"]


def _let_team_a_own_the_jobs(platform: Platform) -> None:
    path = platform.folder / "cictl.yaml"
    before = path.read_text()
    path.write_text(before.replace("folder: shop\n", "folder: shop\n  owner: team-a\n", 1))
    assert path.read_text() != before


def _there(ready: FakeJenkins, owner: str | None) -> None:
    ready.put("shop", config(FOLDER))
    ready.put("shop/ci", config(FOLDER, owner=owner))


def _owner(ready: FakeJenkins) -> str | None:
    return owner_of(parse_config(ready.item("shop/ci").xml).text_of("description"))
