"""A service in a Git repository of its own, and what the lab's engine has of its images."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import git
import yaml

from tests.e2e.support.program import Done, Program

EXAMPLE = Path(__file__).parents[3] / "examples" / "catalog"
SERVICE = "catalog"
BASE = "cictl-lab/python:3"


@dataclass
class Checkout:
    """A service in a Git repository of its own, with a cictl.yaml beside it."""

    program: Program
    folder: Path
    repository: str

    def cictl(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Done:
        """Run `cictl image`."""
        return self.program.run("image", *arguments, environment=environment, timeout=600.0)

    def document(self, *arguments: str, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return what `cictl image` tells as JSON."""
        return self.cictl(*arguments, "-o", "json", environment=environment).expect(0).json

    def commit(self) -> str:
        """Commit all that there is, at a time that is always the same, and return the commit."""
        with git.Repo(self.folder) as repository:
            repository.git.add(all=True)
            ann = git.Actor("Ann", "ann@example.com")
            made = repository.index.commit("change", author=ann, committer=ann, commit_date="1700000000 +0000")
            return made.hexsha

    def configure(self, registry: str, repository: str, *, insecure: bool = True, service: Any = None) -> None:  # noqa: ANN401 - YAML
        """Write cictl.yaml and service.yaml anew."""
        entry = {"url": registry, "repository": repository, "insecure": insecure}
        config = {"version": 1, "registry": entry, "services": {SERVICE: {"path": "."}}}
        (self.folder / "cictl.yaml").write_text(yaml.safe_dump(config))
        file = self.folder / "service.yaml"
        given = yaml.safe_load(file.read_text())
        described = {"name": SERVICE, "image": given["image"], "test": given["test"], **(service or {})}
        described["image"]["args"] = {"BASE": BASE}
        file.write_text(yaml.safe_dump(described))


def example_checkout(program: Program, registry: str) -> Checkout:
    """Return a copy of an example that nobody else builds, in PROGRAM's folder."""
    shutil.copytree(
        EXAMPLE,
        program.directory,
        dirs_exist_ok=True,
        ignore=lambda _folder, names: [name for name in names if name.endswith("_cache") or name == "__pycache__"],
    )
    git.Repo.init(program.directory).close()
    name = f"e2e-images-{uuid.uuid4().hex[:8]}"
    made = Checkout(program, program.directory, f"{registry}/{name}/{SERVICE}")
    made.configure(registry, name)
    made.commit()
    return made


def remove_images(pattern: str, environment: Mapping[str, str]) -> None:
    """Remove the images that PATTERN matches from the engine."""
    listed = docker_says(environment, "images", "--quiet", "--no-trunc", f"--filter=reference={pattern}")
    if found := sorted(set(listed.split())):
        docker_says(environment, "rmi", "--force", *found)


def docker_says(environment: Mapping[str, str], *arguments: str) -> str:
    """Return what `docker` prints, which must succeed."""
    done = subprocess.run(["docker", *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def inspect_image(environment: Mapping[str, str], image: str) -> dict[str, Any]:
    """Return what the engine knows of IMAGE."""
    found: dict[str, Any] = json.loads(docker_says(environment, "inspect", image))[0]
    return found


def containers_of(environment: Mapping[str, str], image: str) -> list[str]:
    """Return the containers of IMAGE, those that ended too."""
    return docker_says(environment, "ps", "--all", "--quiet", f"--filter=ancestor={image}").split()
