"""Which Java is taken, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from cictl.clients.java import find_java
from cictl.errors import NotFound


def _installed(folder: Path, version: str, *, has_release: bool = True) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    if has_release:
        (folder / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{version}"\n')
    return folder


@pytest.mark.parametrize("has_release", [True, False], ids=["by its file", "by asking it"])
@pytest.mark.parametrize("version", ["17.0.15", "25", "21-ea"])
def test_a_java_on_path_is_found(tmp_path: Path, version: str, has_release: bool) -> None:
    home = _installed(tmp_path / "jdk", version, has_release=has_release)
    found = find_java({"PATH": str(home / "bin")})
    assert (found.home, found.version) == (home, version)


def test_java_home_wins(tmp_path: Path) -> None:
    named, other = _installed(tmp_path / "named", "21"), _installed(tmp_path / "other", "25")
    assert find_java({"JAVA_HOME": str(named), "PATH": str(other / "bin")}).home == named


def test_one_that_is_too_old_gives_way_to_the_next(tmp_path: Path) -> None:
    old, new = _installed(tmp_path / "old", "1.8.0_402"), _installed(tmp_path / "new", "17.0.1")
    assert find_java({"JAVA_HOME": str(old), "PATH": str(new / "bin")}).home == new


@pytest.mark.parametrize(("version", "said"), [("11.0.2", "11.0.2"), (None, "no Java 17")])
def test_without_one_it_says_what_to_install(tmp_path: Path, version: str | None, said: str) -> None:
    home = _installed(tmp_path / "jdk", version) if version else tmp_path
    with pytest.raises(NotFound, match=said) as caught:
        find_java({"PATH": str(home / "bin")})
    assert "default-jdk-headless" in str(caught.value.hint)


def test_a_runtime_without_a_compiler_is_named(tmp_path: Path) -> None:
    java = find_java({"PATH": str(_installed(tmp_path / "jre", "17") / "bin")})
    with pytest.raises(NotFound, match="no javac"):
        java.tool("javac")
