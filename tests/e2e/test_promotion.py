"""Promotion from one environment into the next: by digest, with the configuration of the commit, or refused."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.support.cluster import Namespace
from tests.e2e.support.images import Images
from tests.e2e.support.program import Done
from tests.e2e.support.project import ENVIRONMENT, Project

ANN = "ann@example.com"


@pytest.fixture
def production(namespace: Namespace) -> Iterator[Namespace]:
    """Make a second namespace."""
    made = Namespace(f"e2e-{uuid.uuid4().hex[:8]}", namespace.environment)
    made.make()
    yield made
    made.kubectl("delete", "namespace", made.name, "--wait=false")


class Platform:
    """A project under Git, with staging before production."""

    def __init__(self, project: Project, images: Images, production: Namespace) -> None:
        self.project, self.images = project, images
        self._environment = production.environment
        project.change_values(replicas=1)
        project.change_strategy("direct", deadline="2m")
        project.platform["environments"][ENVIRONMENT]["strategy"] = "direct"
        self.rules(namespace=production.name)
        git(project.directory, "init", "--quiet", "--initial-branch=main")

    def rules(self, **values: object) -> None:
        """Change what production asks for."""
        known = self.project.platform["environments"].get("production")
        entry = known or {"context": "lab", "strategy": "direct", "after": ENVIRONMENT}
        self.project.platform["environments"]["production"] = {**entry, **values}
        self.project.write()

    def build(self, greeting: str) -> tuple[str, str]:
        """Commit a configuration; return an image that names the commit, and the commit."""
        self.project.greet(greeting)
        git(self.project.directory, "add", "--all")
        git(self.project.directory, "commit", "--quiet", "--message", f"say {greeting}")
        commit = git(self.project.directory, "rev-parse", "HEAD")
        name = f"{self.images.repository}:{commit}"
        recipe = f"FROM {self.images['v1']}\nLABEL org.opencontainers.image.revision={commit}\n"
        docker(self._environment, "build", "--quiet", "--tag", name, "-", text=recipe)
        docker(self._environment, "push", "--quiet", name)
        return name, commit

    def promote(self, *options: str) -> Done:
        """Promote what runs in staging."""
        return self.project.program.run("promote", "checkout", "--to", "production", *options)


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ann", "-c", f"user.email={ANN}", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", str(folder), *identity, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def docker(environment: Mapping[str, str], *arguments: str, text: str | None = None) -> None:
    done = subprocess.run(
        ["docker", *arguments], env=environment, input=text, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


def greeting(namespace: Namespace) -> str:
    """Return what the running pods' configuration says."""
    deployment = namespace.get("deployment", "checkout")
    volumes = deployment["spec"]["template"]["spec"]["volumes"]
    name = next(each["configMap"]["name"] for each in volumes if "configMap" in each)
    return str(namespace.get("configmap", name)["data"]["config.yaml"])


def test_from_staging_to_production(project: Project, images: Images, production: Namespace) -> None:
    platform = Platform(project, images, production)
    assert "no release that cictl knows runs in test" in platform.promote().expect(4).err
    first, _ = platform.build("one")
    project.install(first)
    digest = str(project.history()[0]["image"])
    project.greet("not committed")
    told = platform.promote("--plan").expect(0).out
    assert "it is the first release there" in told
    assert "greeting" not in greeting_of_staging(project, told)
    platform.promote().expect(0)
    assert production.image("checkout") == digest
    assert "greeting: one" in greeting(production)

    second, commit = platform.build("two")
    project.install(second)
    plan = platform.promote("--plan", "-o", "json").expect(0).json
    assert (plan["promotedFrom"], plan["commit"], plan["undoReturnsTo"]["release"]) == (f"{ENVIRONMENT}/2", commit, 1)
    assert [(each["subject"], each["email"]) for each in plan["commits"]] == [("say two", ANN)]
    assert any("greeting: two" in line for line in plan["differences"])
    assert [each["release"] for each in matrix(project)] == [2, 1]

    platform.rules(approval={"by": ["ann", "bob"], "four_eyes": True})
    project.platform["people"] = {"ann": ANN, "bob": "bob@example.com"}
    project.write()
    assert "ann wrote release 2" in platform.promote("--approved-by", "ann").expect(5).err
    platform.promote("--approved-by", "bob").expect(0)
    assert "greeting: two" in greeting(production)
    kept = project.program.run("rollout", "history", "checkout", "--env", "production", "-o", "json").expect(0).json
    assert (kept["items"][0]["promotedFrom"], kept["items"][0]["approvedBy"]) == (f"{ENVIRONMENT}/2", "bob")
    assert [(each["environment"], each["verdict"]) for each in matrix(project)] == [
        (ENVIRONMENT, "ungated"),
        ("production", "ungated"),
    ]
    assert "nothing to change" in platform.promote("--approved-by", "bob").expect(0).out


def greeting_of_staging(project: Project, told: str) -> str:
    """Return the lines of TOLD that speak of what is not committed."""
    assert "not committed" in (project.directory / "checkout/service.yaml").read_text()
    return "\n".join(line for line in told.splitlines() if "not committed" in line)


def matrix(project: Project) -> list[dict[str, object]]:
    """Return what runs where."""
    items: list[dict[str, object]] = project.program.run("releases", "-o", "json").expect(0).json["items"]
    return items


def test_refusals(project: Project, images: Images, production: Namespace) -> None:
    platform = Platform(project, images, production)
    for word in ("one", "two"):
        project.install(platform.build(word)[0])
    platform.promote().expect(0)
    assert "production runs a newer one" in platform.promote("--release", "1").expect(6).err
    platform.promote("--release", "1", "--allow-older", "--plan").expect(0)
    assert "there is no release 9" in platform.promote("--release", "9").expect(4).err
    before = production.written()
    platform.rules(soak="1h", freeze=[{"from": "00:00", "until": "24:00", "zone": "UTC", "reason": "inventory"}])
    refused = platform.promote().expect(11).err
    assert "1h are asked for" in refused
    assert "production is frozen, from 00:00 until 24:00 (UTC): inventory" in refused
    shown = platform.promote("--release", "1", "--allow-older", "--plan").expect(11)
    assert ("1h are asked for" in shown.err, "image" in shown.out) == (True, True)
    platform.rules(soak="0s")
    assert "inventory" in platform.promote().expect(5).err
    project.rollout("undo").expect(0)
    platform.rules(freeze=[])
    assert "production runs a newer one" in platform.promote().expect(6).err
    assert production.written() == before
    into_staging = project.program.run("promote", "checkout", "--to", ENVIRONMENT).expect(2)
    assert "comes after no environment" in into_staging.err
