"""What is installed holds all that the pipeline runner is built from, and runs pipelines by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.pipeline_cases import CACHE_HOME
from tests.shared_library import ROOT

_PACKAGE = ROOT / "cli" / "cictl"
_BUILD = "from setuptools.build_meta import build_wheel; import sys; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Build it from a copy, by the backend itself, which asks no network."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(_PACKAGE, source / "cli" / "cictl", ignore=ignored)
    command = [sys.executable, "-c", _BUILD, str(made)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=120)
    yield next(made.glob("*.whl"))
    shutil.rmtree(made)


def test_it_holds_what_the_runner_is_built_from(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path for path in (_PACKAGE / "pipeline_runner").rglob("*") if path.is_file()}
    wanted |= set((_PACKAGE / "clients" / "scripts").glob("*"))
    names = {f"cictl/{path.relative_to(_PACKAGE).as_posix()}" for path in wanted}
    assert len([name for name in names if name.endswith(".java")]) > 50
    assert {f"cictl/pipeline_runner/{name}" for name in ("pom.xml", "checksums.sha256", "whitelist.txt")} <= names
    assert names - packed == set()


def test_an_installed_cictl_runs_a_pipeline(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    (tmp_path / "Jenkinsfile").write_text("node { echo 'from a wheel'; sh 'echo from a shell' }\n")
    environ = {
        **os.environ,
        "PYTHONPATH": str(installed),
        "XDG_CACHE_HOME": CACHE_HOME,
        "XDG_STATE_HOME": str(tmp_path),
    }
    command = [sys.executable, "-P", "-m", "cictl", "pipeline", "run", "--sandbox"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:1] == ["from a wheel"]
    assert "from a shell" in done.stdout
    where = [sys.executable, "-P", "-c", "import cictl; print(cictl.__file__)"]
    imported = subprocess.run(where, env=environ, check=True, capture_output=True, text=True).stdout
    assert imported.startswith(str(installed))
