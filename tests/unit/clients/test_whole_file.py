from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from cictl.clients.whole_file import write_output, write_whole


@pytest.mark.parametrize(("is_private", "mode"), [(False, 0o644), (True, 0o600)])
def test_a_new_file_takes_the_place_of_the_old_one(tmp_path: Path, *, is_private: bool, mode: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old, and longer")
    path.chmod(0o666)
    before = os.umask(0o022)
    try:
        write_whole(path, b"new\0", is_private=is_private)
    finally:
        os.umask(before)
    assert path.read_bytes() == b"new\0"
    assert path.stat().st_mode & 0o777 == mode
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_link_gives_way_and_its_target_stays(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"theirs")
    (tmp_path / "link").symlink_to("target")
    write_whole(tmp_path / "link", b"mine", is_private=True)
    assert (tmp_path / "target").read_bytes() == b"theirs"
    assert not (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("stop", [OSError("disk full"), KeyboardInterrupt(), SystemExit()])
def test_what_is_stopped_half_way_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    def fail(_: int) -> None:
        raise stop

    (tmp_path / "file").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(stop)):
        write_whole(tmp_path / "file", b"new", is_synced=True)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


def test_a_reader_never_sees_half(tmp_path: Path) -> None:
    path, contents = tmp_path / "file", {bytes([each]) * 100_000 for each in range(4)}
    write_whole(path, next(iter(contents)))

    def write(content: bytes) -> None:
        for _ in range(20):
            write_whole(path, content)

    writers = [threading.Thread(target=write, args=(each,)) for each in contents]
    for each in writers:
        each.start()
    while any(each.is_alive() for each in writers):
        assert path.read_bytes() in contents
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_output_goes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to("kept/report.html")
    for content in (b"one", b"two"):
        write_output(tmp_path / "link", content)
        assert (tmp_path / "kept" / "report.html").read_bytes() == content
    assert (tmp_path / "link").is_symlink()
    assert [each.name for each in (tmp_path / "kept").iterdir()] == ["report.html"]


def test_output_into_a_pipe_leaves_it_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "stdout").symlink_to("pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_output(tmp_path / "stdout", b"content", is_private=True)
        assert os.read(reader, 100) == b"content"
    finally:
        os.close(reader)
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "stdout").is_symlink()


def test_output_cannot_take_the_place_of_a_folder(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_output(tmp_path, b"content")
