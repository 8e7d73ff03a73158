"""Image archives that are written without a Docker engine."""

import hashlib
import json
import platform
import tarfile
from pathlib import Path

import pytest

from lab import images
from lab.layout import Layout


def test_an_archive_is_what_docker_load_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    layer, archive = tmp_path / "layer.tar", tmp_path / "image.tar"
    layer.write_bytes(b"a layer")
    images._write_archive(archive, layer=layer, name="lab/thing:1", settings={"Cmd": ["/thing"]})
    with tarfile.open(archive) as tar:
        contents = {name: tar.extractfile(name) for name in tar.getnames()}
        read = {name: file.read() for name, file in contents.items() if file}
    (manifest,) = json.loads(read["manifest.json"])
    config = json.loads(read[manifest["Config"]])
    assert manifest["RepoTags"] == ["lab/thing:1"]
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(b'a layer').hexdigest()}"]
    assert (config["architecture"], config["config"]) == ("arm64", {"Cmd": ["/thing"]})
    assert read[manifest["Layers"][0]] == b"a layer"
    assert not archive.with_suffix(".part").exists()


def test_the_archive_is_named_by_its_recipe(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    before = images.python_archive(layout)
    monkeypatch.setattr(images, "WHEELS", ("other==1",))
    assert images.python_archive(layout) != before


def test_the_mirror_is_the_one_that_apt_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = ["http://m/security/ bookworm-security main", "http://m/debian/ bookworm contrib"]
    monkeypatch.setattr(images, "run", lambda _argv: "\n".join([*listed, "http://m/debian/ bookworm main"]))
    assert images._debian_source() == ("http://m/debian/", "bookworm")


def test_what_a_killed_build_left_is_removed(layout: Layout) -> None:
    left = layout.images / "work-abc" / "root"
    left.mkdir(parents=True)
    for archive in (images.pause_archive(layout), images.python_archive(layout)):
        archive.touch()
    images.ensure(layout)
    assert not left.parent.exists()


def test_what_is_being_built_stays(layout: Layout) -> None:
    for archive in (images.pause_archive(layout), images.python_archive(layout)):
        archive.parent.mkdir(parents=True, exist_ok=True)
        archive.touch()
    with images.working_folder(layout.images) as work:
        (work / "root").mkdir()
        images.ensure(layout)
        assert (work / "root").is_dir()
    assert not work.exists()
