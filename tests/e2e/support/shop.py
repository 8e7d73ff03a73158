"""A repository as a team has it: a service, its platform's files and the real pipelines, staging before production."""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.e2e.support.cluster import Namespace
from tests.e2e.support.images import BASE
from tests.e2e.support.program import SCRIPT, Done, Program, Running
from tests.e2e.support.project import GATE, STRATEGIES, VALUES

Json = dict[str, Any]
ROOT = Path(__file__).parents[3]
ANN = "ann@example.com"
SERVICE_PIPELINE = "checkout/Jenkinsfile"
_LIBRARY = f"--library=cictl={ROOT / 'shared-lib'}"
_IGNORED = shutil.ignore_patterns("__pycache__", ".*cache", "*.egg-info", "build", "tests")
_PACES: Json = {
    "direct": {"deadline": "2m"},
    "long": {"steps": [{"weight": 50, "pause": "20s"}], "deadline": "2m"},  # so that what began a while later meets it
    "endless": {"steps": [{"weight": 50, "pause": "10m"}]},
}
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_TEST = "from checkout.settings import seconds\n\n\ndef test_seconds() -> None:\n    assert seconds('1s') == %s\n"
# The runner is built once for all tests; what runs the pipelines finds this cictl, and the user's tools.
_CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")


class Build:
    """How one `cictl pipeline run` ended."""

    def __init__(self, done: Done) -> None:
        """Take what DONE printed: the result as JSON on stdout, the log on stderr."""
        self.done, self.code, self.log = done, done.code, done.err
        self.data: Json = done.json if done.out else {}

    @property
    def description(self) -> str:
        """What the build calls itself."""
        return str(self.data.get("description") or "")

    @property
    def error(self) -> str:
        """The line that ended a build that failed."""
        return next((line for line in self.log.splitlines() if line.startswith("error: ")), "")

    @property
    def stages(self) -> dict[str, str]:
        """How each stage ended."""
        return {stage["name"]: stage["result"] for stage in self.data["stages"]}

    def expect(self, code: int) -> Build:
        """Return this if it exited with CODE."""
        self.done.expect(code)
        return self


class Shop:
    """The repository in FOLDER, and `cictl pipeline run` in it; images go to a REPOSITORY of the registry."""

    def __init__(self, folder: Path, lab: Mapping[str, str], *, repository: str) -> None:
        """Write and commit the files; nothing is built yet."""
        folder.mkdir(parents=True)
        self.directory, self.repository = folder, repository
        self._registry, self._tags = lab["CICTL_LAB_REGISTRY"], dict[str, str]()
        everything = {**os.environ, **lab}
        self.staging = Namespace(f"e2e-{uuid.uuid4().hex[:8]}", everything)
        self.production = Namespace(f"e2e-{uuid.uuid4().hex[:8]}", everything)
        self.program = Program(folder, everything, folder.parent / "home")
        self.program.environment["PATH"] = f"{SCRIPT.parent}:{self.program.environment['PATH']}"
        self.program.environment["XDG_CACHE_HOME"] = _CACHE
        self.platform = self._platform(lab)
        self.service: Json = {
            "name": "checkout",
            "image": {"target": "runtime", "args": {"BASE": BASE, "VERSION": "1"}},
            "test": {"target": "test", "junit": "/reports/junit.xml"},
            "chart": {"path": "../charts/service", "values": {**VALUES, "replicas": 1, "preStopSleepSeconds": 0}},
        }
        self._copy_files()
        git(folder, "init", "--quiet", "--initial-branch=main")
        self.commit("the first")

    def _platform(self, lab: Mapping[str, str]) -> Json:
        staging = {"context": "lab", "namespace": self.staging.name, "strategy": "direct"}
        production = {**staging, "namespace": self.production.name, "after": "staging"}
        return {
            "version": 1,
            "registry": {"url": self._registry, "repository": self.repository, "insecure": True},
            "prometheus": {"url": lab["CICTL_LAB_PROMETHEUS"]},
            "environments": {"staging": staging, "production": production},
            "strategies": {**STRATEGIES, **_PACES},
            "gates": {"default": GATE},
            "services": {"checkout": {"path": "checkout"}},
        }

    def _copy_files(self) -> None:
        shutil.copytree(ROOT / "examples" / "checkout", self.directory / "checkout", ignore=_IGNORED)
        shutil.copytree(ROOT / "charts" / "service", self.directory / "charts" / "service")
        shutil.copytree(ROOT / "pipelines", self.directory / "pipelines")
        (self.directory / "checkout" / "tests").mkdir()
        (self.directory / "nonce").write_text(uuid.uuid4().hex)  # so that no other run has these commits
        self.test_expects("1.0")

    def test_expects(self, value: str) -> None:
        """Have the only unit test expect VALUE; 1.0 is right."""
        (self.directory / "checkout" / "tests" / "test_settings.py").write_text(_TEST % value)

    def write(self) -> None:
        """Write both files as they now are."""
        (self.directory / "cictl.yaml").write_text(yaml.safe_dump(self.platform, sort_keys=False))
        (self.directory / "checkout" / "service.yaml").write_text(yaml.safe_dump(self.service, sort_keys=False))

    def rules(self, environment: str, **values: object) -> None:
        """Change what ENVIRONMENT asks for."""
        self.platform["environments"][environment].update(values)
        self.write()

    def commit(self, message: str, *, author: str = "Ann", **arguments: str) -> str:
        """Commit all, with other build ARGUMENTS; return the commit."""
        self.service["image"]["args"].update(arguments)
        self.write()
        git(self.directory, "add", "--all")
        git(self.directory, "commit", "--quiet", "--allow-empty", "--message", message, author=author)
        return git(self.directory, "rev-parse", "HEAD")

    def clone(self, name: str) -> Shop:
        """Return the same service and cluster, from a checkout of its own: what another build works in."""
        other = copy.copy(self)
        other.directory = self.directory.parent / name
        git(self.directory.parent, "clone", "--quiet", str(self.directory), str(other.directory))
        other.program = Program(other.directory, {}, self.directory.parent / "home")
        other.program.environment = self.program.environment
        return other

    def begin(self, jenkinsfile: str, *options: str, environment: Mapping[str, str] | None = None) -> Running:
        """Start a build, and return at once."""
        return self.program.start(
            "pipeline", "run", jenkinsfile, _LIBRARY, "-o", "json", *options, environment=environment
        )

    def build(self, jenkinsfile: str = SERVICE_PIPELINE, *options: str, **environment: str) -> Build:
        """Run a build to its end."""
        return Build(self.begin(jenkinsfile, *options, environment=environment).wait())

    def deploy(self, image: str, *, jenkinsfile: str = "pipelines/deploy.Jenkinsfile") -> Running:
        """Start the job that brings IMAGE into staging."""
        return self.begin(jenkinsfile, *parameters("staging", IMAGE=image))

    def promote(self, *options: str, answer: str = "--approve", **values: str) -> Build:
        """Run the promote job to production."""
        return self.build("pipelines/promote.Jenkinsfile", answer, *parameters("production", **values), *options)

    def history(self, environment: str) -> list[Json]:
        """Return the releases that are kept, newest first."""
        found = self.program.json("rollout", "history", "checkout", "--env", environment)
        items: list[Json] = found["items"]
        return items

    def push(self, version: str) -> str:
        """Commit, build and push VERSION without a pipeline; return it as repository@digest."""
        self.commit(f"version {version}", VERSION=version)
        built = self.program.json("image", "build", "checkout")
        self._tags[version] = built["tag"]
        return str(self.program.json("image", "push", "checkout", "--tag", built["tag"])["image"])

    def push_again(self, version: str) -> None:
        """Push what was built of VERSION once more."""
        self.program.run("image", "push", "checkout", "--tag", self._tags[version]).expect(0)

    def install(self, version: str) -> str:
        """Have VERSION run in staging; return its image."""
        image = self.push(version)
        options = ("--env", "staging", "--strategy", "direct", "--image", image)
        self.program.run("rollout", "start", "checkout", *options).expect(0)
        return image

    def has_tag(self, commit: str) -> bool:
        """Whether the registry has an image that is called by COMMIT."""
        answer = requests.get(f"http://{self._registry}/v2/{self.repository}/checkout/tags/list", timeout=60)
        return any(commit.startswith(tag) for tag in answer.json().get("tags") or [])

    def forget(self, image: str) -> None:
        """Delete IMAGE, given by digest, from the registry."""
        digest = image.partition("@")[2]
        url = f"http://{self._registry}/v2/{self.repository}/checkout/manifests/{digest}"
        assert requests.delete(url, headers={"Accept": _MANIFEST}, timeout=60).status_code == requests.codes.accepted


@contextmanager
def open_shop(folder: Path, lab: Mapping[str, str], *, repository: str) -> Iterator[Shop]:
    """Yield a shop with both namespaces, which go in the end."""
    shop = Shop(folder, lab, repository=repository)
    try:
        for namespace in (shop.staging, shop.production):
            namespace.make()
        yield shop
    finally:
        shop.program.kill_all()
        for namespace in (shop.staging, shop.production):
            namespace.kubectl("delete", "namespace", namespace.name, "--wait=false", check=False)


def parameters(environment: str, **values: str) -> list[str]:
    """Return the options that give a deployment's job its parameters."""
    given = {"SERVICE": "checkout", "ENVIRONMENT": environment, **values}
    return [f"--param={name}={value}" for name, value in given.items()]


def git(folder: Path, *arguments: str, author: str = "Ann") -> str:
    """Return what git prints."""
    identity = ("-c", f"user.name={author}", "-c", f"user.email={ANN}", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", str(folder), *identity, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
