from __future__ import annotations

from pathlib import Path

import pytest

from cictl.clients.report_folder import ReportFolder, write_file
from cictl.errors import NotAllowed

FILES = (("junit.xml", b"<a/>"), ("unit/junit.xml", b"<b/>"))


def test_files_are_put_below_a_folder_that_git_ignores(tmp_path: Path) -> None:
    folder = tmp_path / "build" / "reports"
    ReportFolder().write(folder, FILES)
    assert {path.name for path in folder.iterdir()} == {".gitignore", "junit.xml", "unit"}
    assert (folder / "unit" / "junit.xml").read_bytes() == b"<b/>"
    assert "*" in (folder / ".gitignore").read_text().splitlines()


def test_a_folder_of_the_users_gets_no_gitignore(tmp_path: Path) -> None:
    ReportFolder().write(tmp_path, FILES)
    assert not (tmp_path / ".gitignore").exists()


def test_clear_takes_reports_only(tmp_path: Path) -> None:
    ReportFolder().write(tmp_path, (*FILES, ("notes.txt", b"")))
    ReportFolder().clear(tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["notes.txt"]
    ReportFolder().clear(tmp_path / "gone")


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotAllowed, match="cannot be written"):
        ReportFolder().write(tmp_path / "file" / "reports", FILES)


def test_a_file_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.html"
    for text in ("one", "größer"):
        write_file(path, text)
    assert path.read_text(encoding="utf-8") == "größer"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotAllowed, match=r"report\.html cannot be written"):
        write_file(tmp_path / "file" / "report.html", "x")
