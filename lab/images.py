"""Builds the two images that the lab brings along, as archives that need no network afterwards.

``cictl-lab/pause:1`` holds a pod's namespaces. ``cictl-lab/python:3`` is what the examples build on: Debian with
Python, prometheus-client and pytest, so that their builds and tests download nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import json
import os
import platform
import re
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lab import output
from lab.errors import LabError
from lab.layout import Layout
from lab.shell import run

PAUSE = "docker.io/cictl-lab/pause:1"
PYTHON = "cictl-lab/python:3"
_WORK = "work-"
RECIPE_LABEL = "dev.cictl.lab.recipe"
WHEELS = ("prometheus-client==0.26.0", "pytest==9.2.0")
PACKAGES = ("python3", "ca-certificates")
UNNEEDED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists", "var/log")
COMPILED = ("usr/local/lib",)  # containers keep no bytecode: each would compile these libraries at its start
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
PYTHON_SETTINGS = {
    "Env": [
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "LANG=C.UTF-8",
        "PYTHONUNBUFFERED=1",
        "PYTHONDONTWRITEBYTECODE=1",
    ],
    "Cmd": ["python3"],
}


def recipe() -> str:
    """Return a hash of everything that the Python image is made of; the image carries it as a label."""
    ingredients = json.dumps([WHEELS, PACKAGES, UNNEEDED, COMPILED, PYTHON_SETTINGS])
    return hashlib.sha256(ingredients.encode()).hexdigest()[:12]


def python_archive(layout: Layout) -> Path:
    """Return where the archive of the Python image is kept; the name changes with the recipe."""
    return layout.images / f"python-{recipe()}.tar"


def pause_archive(layout: Layout) -> Path:
    """Return where the archive of the pause image is kept."""
    return layout.images / "pause.tar"


def ensure(layout: Layout) -> None:
    """Build the archives that are missing."""
    layout.images.mkdir(parents=True, exist_ok=True)
    for left in layout.images.glob(f"{_WORK}*"):
        _remove_abandoned(left)
    if not pause_archive(layout).exists():
        _build_pause(pause_archive(layout))
    if not python_archive(layout).exists():
        with output.step(f"building the image {PYTHON}"):
            _build_python(python_archive(layout))


@contextlib.contextmanager
def working_folder(folder: Path) -> Iterator[Path]:
    """Give a folder in FOLDER to build in, which nobody takes for that of a killed build."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=_WORK) as work, _opened(work) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield Path(work)


def _remove_abandoned(work: Path) -> None:
    """Remove the folder of a build that was killed; who still builds holds a lock on it, which ends with them."""
    with contextlib.suppress(BlockingIOError, FileNotFoundError), _opened(work) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(work)


@contextlib.contextmanager
def _opened(folder: str | Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _build_pause(archive: Path) -> None:
    with working_folder(archive.parent) as work:
        layer = work / "layer.tar"
        with tarfile.open(layer, "w") as tar:
            tar.add("/bin/busybox", "busybox")
        settings = {"Entrypoint": ["/busybox", "sleep", "2147483647"]}
        _write_archive(archive, layer=layer, name=PAUSE, settings=settings)


def _build_python(archive: Path) -> None:
    with working_folder(archive.parent) as work:
        root, layer = work / "root", work / "layer.tar"
        bootstrap(root, PACKAGES)
        _install_wheels(root)
        slim(root)
        run(["chroot", root, "python3", "-m", "compileall", "-q", *COMPILED])
        run(["tar", "--numeric-owner", "--one-file-system", "-C", root, "-cf", layer, "."])
        _write_archive(
            archive, layer=layer, name=PYTHON, settings={**PYTHON_SETTINGS, "Labels": {RECIPE_LABEL: recipe()}}
        )


def bootstrap(root: Path, packages: Sequence[str]) -> None:
    """Make ROOT the smallest Debian that has PACKAGES, from the mirror that this machine uses."""
    mirror, suite = _debian_source()
    # Mounts that debootstrap makes are its own: they end with it, even when it is interrupted.
    alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    included = f"--include={','.join(packages)}"
    run([*alone, "debootstrap", "--variant=minbase", included, suite, root, mirror])


def _debian_source() -> tuple[str, str]:
    """Return the mirror and the suite that this machine itself installs from."""
    wanted = "Created-By: Packages"
    for line in run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)", wanted]
    ).splitlines():
        uri, suite, component = line.split()[:3]
        if component == "main" and "-" not in suite:
            return uri, suite
    raise LabError("apt names no Debian mirror", hint="add one to /etc/apt/sources.list.d and run apt-get update")


def _install_wheels(root: Path) -> None:
    version = re.sub(r"^python", "", Path(root, "usr/bin/python3").readlink().name)
    target = root / f"usr/local/lib/python{version}/dist-packages"
    fixed = ["--python-version", version, "--only-binary", ":all:", "--no-compile", "--quiet"]
    run([sys.executable, "-m", "pip", "install", "--target", target, *fixed, *WHEELS])
    shutil.rmtree(target / "bin", ignore_errors=True)
    Path(root, "usr/local/bin/python").symlink_to("/usr/bin/python3")


def slim(root: Path) -> None:
    """Take away what no container needs."""
    for name in UNNEEDED:
        shutil.rmtree(root / name, ignore_errors=True)
    for name in ("var/log", "var/cache/apt/archives/partial", "var/lib/apt/lists/partial"):
        Path(root, name).mkdir(parents=True)


def _write_archive(archive: Path, *, layer: Path, name: str, settings: dict[str, Any]) -> None:
    """Write an image of one layer in the format that ``docker load`` and ``ctr images import`` read."""
    with layer.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    config = {
        "architecture": ARCHITECTURES[platform.machine()],
        "os": "linux",
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    part = archive.with_suffix(".part")
    with tarfile.open(part, "w") as tar:
        tar.add(layer, "layer.tar")
        for member, content in (("config.json", config), ("manifest.json", manifest)):
            data = json.dumps(content).encode()
            entry = tarfile.TarInfo(member)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    part.rename(archive)
