"""The services of examples/ as images in the lab's registry: good ones, and ones that each fail in one way."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BASE = "cictl-lab/python:3"
EXAMPLES = Path(__file__).parents[3] / "examples"
REPOSITORY = "e2e-rollouts"
# What a build argument can break; the name is also the version that the image's responses carry.
CHECKOUT: Mapping[str, Mapping[str, str]] = {
    "v1": {},
    "v2": {},
    "v3": {},
    "bad": {"FAULT_ERROR_RATE": "0.3"},
    "slow": {"FAULT_LATENCY": "3s"},
    "crashing": {"FAULT_CRASH_AT_START": "true"},
    "never-ready": {"FAULT_NEVER_READY": "true"},
}
CATALOG: Mapping[str, Mapping[str, str]] = {"v1": {}, "v2": {}}


@dataclass(frozen=True)
class Images:
    """References as repository@digest, by version."""

    repository: str
    digests: Mapping[str, str]
    catalog_repository: str
    catalog_digests: Mapping[str, str]

    def __getitem__(self, version: str) -> str:
        """Return checkout in VERSION."""
        return f"{self.repository}@{self.digests[version]}"

    def catalog(self, version: str) -> str:
        """Return catalog in VERSION."""
        return f"{self.catalog_repository}@{self.catalog_digests[version]}"

    @property
    def missing(self) -> str:
        """Return a digest that the registry does not have."""
        return f"{self.repository}@sha256:{'0' * 64}"


def build_images(environment: Mapping[str, str], registry: str) -> Images:
    """Build and push what is above; layers of earlier builds make it quick."""
    repository, catalog = f"{registry}/{REPOSITORY}/checkout", f"{registry}/{REPOSITORY}/catalog"
    return Images(
        repository,
        {version: _push(environment, repository, version, faults) for version, faults in CHECKOUT.items()},
        catalog,
        {version: _push(environment, catalog, version, faults) for version, faults in CATALOG.items()},
    )


def _push(environment: Mapping[str, str], repository: str, version: str, faults: Mapping[str, str]) -> str:
    name = f"{repository}:{version}"
    values = {"BASE": BASE, "VERSION": version, **faults}
    arguments = [part for key, value in values.items() for part in ("--build-arg", f"{key}={value}")]
    source = str(EXAMPLES / repository.rpartition("/")[2])
    _docker(environment, "build", "--quiet", "--target", "runtime", *arguments, "--tag", name, source)
    _docker(environment, "push", "--quiet", name)
    digests = _docker(environment, "inspect", "--format", '{{join .RepoDigests "\\n"}}', name).split()
    return next(digest for each in digests for place, _, digest in [each.partition("@")] if place == repository)


def _docker(environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        ["docker", *arguments], env=environment, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
