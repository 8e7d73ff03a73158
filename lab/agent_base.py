"""Makes the image that the agent's image is built on here, where no registry of the world is reached.

It brings what `pipelines/agent/Dockerfile` would fetch: Debian's packages, cictl's libraries as files for pip, helm and
Docker's client. It has no Jenkins agent, so no controller can use what is built on it.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import tomllib
from pathlib import Path

from lab import images, output
from lab.cluster import docker
from lab.errors import LabError
from lab.layout import REPOSITORY, Layout
from lab.shell import run

IMAGE = "cictl-lab/agent-base:1"
PACKAGES = ("ca-certificates", "curl", "git", "openjdk-17-jre-headless", "openssh-client", "python3", "python3-venv")
TOOLS = ("docker", "helm")
WHEELS = "opt/wheels"
PIP_SETTINGS = f"[global]\nno-index = true\nfind-links = /{WHEELS}\n"


def recipe() -> str:
    """Return a hash of everything that the image is made of; the image carries it as a label."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    lock = (REPOSITORY / "requirements.lock").read_text()
    ingredients = json.dumps([PACKAGES, TOOLS, PIP_SETTINGS, project["dependencies"], lock])
    return hashlib.sha256(ingredients.encode()).hexdigest()[:12]


def ensure(layout: Layout) -> str:
    """Return the image's name; the lab's engine has it from then on."""
    if _recipe_there(layout) != recipe():
        with output.step(f"building the image {IMAGE} (a minute or two)"):
            _build(layout)
    return IMAGE


def _recipe_there(layout: Layout) -> str:
    label = f'{{{{index .Config.Labels "{images.RECIPE_LABEL}"}}}}'
    try:
        return docker(layout, "image", "inspect", "--format", label, IMAGE).strip()
    except LabError:
        return ""


def _build(layout: Layout) -> None:
    layout.images.mkdir(parents=True, exist_ok=True)
    with images.working_folder(layout.images) as work:
        root, archive = work / "root", work / "root.tar"
        images.bootstrap(root, PACKAGES)
        _bring_wheels(root)
        for name in TOOLS:
            shutil.copy(layout.bin / name, root / "usr/local/bin" / name)
        images.slim(root)
        run(["tar", "--numeric-owner", "--one-file-system", "-C", root, "-cf", archive, "."])
        label = f"LABEL {images.RECIPE_LABEL}={recipe()}"
        docker(layout, "import", "--change", label, "--change", "ENV LANG=C.UTF-8", archive, IMAGE)


def _bring_wheels(root: Path) -> None:
    """Put the libraries there, for the Python that is there; what has no wheel comes as source."""
    version = re.sub(r"^python", "", Path(root, "usr/bin/python3").readlink().name)
    pip: list[str | Path] = [sys.executable, "-m", "pip"]
    fixed: list[str | Path] = ["--quiet", "--no-deps", "--python-version", version, "--dest", root / WHEELS]
    run([*pip, "download", *fixed, *_requirements()])
    Path(root, "etc/pip.conf").write_text(PIP_SETTINGS)


def _requirements() -> list[str]:
    """Return what cictl needs and is built by, each with its pinned version."""
    lock = REPOSITORY / "requirements.lock"
    asked = ["--dry-run", "--quiet", "--ignore-installed", "--constraint", str(lock), "--report", "-", str(REPOSITORY)]
    report = json.loads(run([sys.executable, "-m", "pip", "install", *asked]))
    found = [each["metadata"] for each in report["install"]]
    pinned = [f"{each['name']}=={each['version']}" for each in found if each["name"] != "cictl"]
    builders = [line for line in lock.read_text().splitlines() if line.startswith(("pip==", "setuptools=="))]
    return sorted({*pinned, *builders})
