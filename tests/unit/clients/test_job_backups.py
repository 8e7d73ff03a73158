"""Backups: on the disk before anything is deleted, for their owner alone, and read back as they were."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cictl.clients.job_backups import JobBackups
from cictl.core.job_plan import ItemKey
from cictl.core.job_restore import SavedItem
from cictl.errors import ConfigInvalid, NotAllowed, NotFound

URL = "https://ci.example.com:8443/jenkins"
NOON = 1_800_000_000.0
JOB = SavedItem(ItemKey("shop/ci/결제 1"), "<?xml version='1.1'?>\n<a>둘&#x1;\r\n</a>", 43)
FOLDER = SavedItem(ItemKey("shop/ci"), "<f/>")
VIEW = SavedItem(ItemKey("shop/ci", is_view=True), "<v/>")


def _backups(folder: Path) -> JobBackups:
    return JobBackups.of({}, URL, folder)


def _tree(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in sorted(folder.rglob("*"))}


def test_what_is_kept_is_laid_out_as_jenkins_home(tmp_path: Path) -> None:
    backup = _backups(tmp_path / "new").begin(at=NOON, why="prune")
    for item in (JOB, FOLDER, VIEW):
        backup.keep(item)
    assert backup.place == tmp_path / "new" / "ci.example.com:8443_jenkins" / "20270115T080000Z"
    assert [name for name in _tree(backup.place) if "." in name or "Number" in name] == [
        "backup.json",
        "jobs/shop/jobs/ci/config.xml",
        "jobs/shop/jobs/ci/jobs/결제 1/config.xml",
        "jobs/shop/jobs/ci/jobs/결제 1/nextBuildNumber",
        "jobs/shop/views/ci/config.xml",
    ]
    assert set(_tree(tmp_path / "new").values()) == {0o700, 0o600}


def test_it_is_read_back_as_it_was(tmp_path: Path) -> None:
    backup = _backups(tmp_path).begin(at=NOON, why="prune")
    for item in (JOB, FOLDER, VIEW):
        backup.keep(item)
    [summary] = _backups(tmp_path).summaries()
    assert (summary.url, summary.made_at, summary.why) == (URL, NOON, "prune")
    assert set(summary.keys) == {JOB.key, FOLDER.key, VIEW.key}
    assert set(_backups(tmp_path).items(summary)) == {JOB, FOLDER, VIEW}
    assert _backups(tmp_path).find(summary.name) == summary
    assert _backups(tmp_path / "elsewhere").find(summary.place) == summary


def test_two_of_one_second_and_the_newest_first(tmp_path: Path) -> None:
    for at in (NOON, NOON, NOON + 1):
        _backups(tmp_path).begin(at=at, why="prune")
    names = [each.name for each in _backups(tmp_path).summaries()]
    assert names == ["20270115T080001Z", "20270115T080000Z-2", "20270115T080000Z"]


def test_other_servers_have_their_own(tmp_path: Path) -> None:
    _backups(tmp_path).begin(at=NOON, why="prune")
    assert JobBackups.of({}, "https://ci.example.com:8443", tmp_path).summaries() == ()
    assert JobBackups.of({}, "https://me@ci.example.com:8443/jenkins/", tmp_path).summaries() != ()


def test_they_are_below_the_state_home(tmp_path: Path) -> None:
    backups = JobBackups.of({"XDG_STATE_HOME": str(tmp_path)}, "http://localhost:8080")
    assert backups.folder == tmp_path / "cictl" / "backups" / "localhost:8080"


def test_what_was_half_written_does_not_count(tmp_path: Path) -> None:
    backup = _backups(tmp_path).begin(at=NOON, why="prune")
    backup.keep(JOB)
    place = backup.place / "jobs" / "half"
    place.mkdir()
    (place / "nextBuildNumber").write_text("7")
    (place / ".cictl-0a1b2c3d4e5f6071.new").write_text("<flow-def")
    (tmp_path / "ci.example.com:8443_jenkins" / "no-backup").mkdir()
    [summary] = _backups(tmp_path).summaries()
    assert summary.keys == (JOB.key,)


def test_none_of_that_name(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        _backups(tmp_path).find("20270115T080000Z")
    assert "cictl jobs restore" in (caught.value.hint or "")
    name = _backups(tmp_path).begin(at=NOON, why="prune").place.name
    with pytest.raises(NotFound) as caught:
        _backups(tmp_path).find("20270115T080001Z")
    assert name in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["..", "shop/../../x", "shop//x", ".", "a\0b", "a\\b"])
def test_a_name_does_not_lead_out_of_the_backup(tmp_path: Path, name: str) -> None:
    backup = _backups(tmp_path).begin(at=NOON, why="prune")
    with pytest.raises(ConfigInvalid, match="cannot be the name of a file"):
        backup.keep(SavedItem(ItemKey(name), "<a/>"))
    assert _tree(backup.place) == {"backup.json": 0o600}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotAllowed, match="no backup can be written") as caught:
        _backups(tmp_path / "file").begin(at=NOON, why="prune")
    assert "--backup-dir" in (caught.value.hint or "")


def test_a_number_that_is_none(tmp_path: Path) -> None:
    backup = _backups(tmp_path).begin(at=NOON, why="prune")
    backup.keep(JOB)
    [place] = backup.place.rglob("nextBuildNumber")
    place.write_text("many")
    [summary] = _backups(tmp_path).summaries()
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        _backups(tmp_path).items(summary)


def test_a_folder_of_something_else_is_no_backup(tmp_path: Path) -> None:
    place = tmp_path / "ci.example.com:8443_jenkins" / "x"
    place.mkdir(parents=True)
    (place / "backup.json").write_text(json.dumps({"apiVersion": "cictl.dev/v2", "kind": "JobsBackup"}))
    assert _backups(tmp_path).summaries() == ()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60), st.none() | st.integers(0, 10**6))
def test_any_text_comes_back(tmp_path: Path, xml: str, number: int | None) -> None:
    backup = _backups(tmp_path).begin(at=NOON, why="prune")
    item = SavedItem(ItemKey("a"), xml, number)
    backup.keep(item)
    assert _backups(tmp_path).items(_backups(tmp_path).find(str(backup.place))) == (item,)
