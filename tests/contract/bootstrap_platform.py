"""A platform's repository in a folder, and cictl run in it against a fake Jenkins."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cictl.output import Output
from cictl.wiring.app import App
from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.running import FakeClock, Outcome, Run

_REPOSITORY = Path(__file__).parents[2]
LABEL = "docker"
PASSWORD, KUBECONFIG, KEY = "canary-of-the-registry", "canary-of-the-cluster", "canary-of-the-key"
INITIAL_PASSWORD = "b3f1initialpassword"
SECRETS = {"REGISTRY_PASSWORD": PASSWORD, "DEPLOY_KEY": KEY}
# The steps of a first run on a server that has plugins, an agent and somebody who may all.
SET_UP = {
    "access/sign-in": "unchanged",
    "access/Overall/Administer": "unchanged",
    "plugins/plugins": "unchanged",
    "folders/shop": "created",
    "folders/shop/admin": "created",
    "folders/shop/ci": "created",
    "folders/shop/deploy": "created",
    "credentials/registry in shop/ci": "created",
    "credentials/kubeconfig in shop/deploy": "created",
    "credentials/platform-key in shop": "created",
    "agent/label docker": "unchanged",
    "jobs/jobs and views": "changed",
    "triggers/notifyCommit token": "created",
    "smoke/shop/admin/cictl-smoke": "created",
}
_CONFIG = """\
version: 1
jenkins:
  url: "{url}"
  folder: shop
  agent_label: docker
  platform: {{repo: "{repo}"}}
  credentials:
    - {{id: registry, folder: ci, kind: username-password, username: robot, secret: {{env: REGISTRY_PASSWORD}}}}
    - {{id: kubeconfig, folder: deploy, kind: file, secret: {{file: kubeconfig}}}}
    - {{id: platform-key, kind: ssh-key, username: git, secret: {{env: DEPLOY_KEY}}}}
environments:
  staging: {{context: lab, namespace: staging}}
services:
  checkout: {{path: ., repo: "https://git.example.com/shop/checkout.git", team: pay}}
"""
# What docs/reference/permissions.md names for the team's folder; beside it Overall/Read.
LEAST_RIGHTS = (
    "hudson.model.Item.Read",
    "hudson.model.Item.Create",
    "hudson.model.Item.Configure",
    "hudson.model.Item.Delete",
    "hudson.model.Item.Build",
    "hudson.model.View.Read",
    "hudson.model.View.Create",
    "hudson.model.View.Configure",
    "com.cloudbees.plugins.credentials.CredentialsProvider.View",
    "com.cloudbees.plugins.credentials.CredentialsProvider.Create",
    "com.cloudbees.plugins.credentials.CredentialsProvider.Update",
)


class Brisk(FakeClock):
    """Lets a little of the time pass: a fake Jenkins that restarts is really away for a moment."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        time.sleep(seconds / 200)


def brisk_app(folder: Path, environ: Mapping[str, str]) -> App:
    clock = Brisk()
    return App(clock=clock, output=Output(clock=clock), environ=environ, directory=folder)


class Platform:
    """The repository, and who signs in from where."""

    def __init__(self, folder: Path, url: str, *, repo: str = "https://git.example.com/shop/platform.git") -> None:
        self.folder = folder
        self.environ: dict[str, str] = {
            **SECRETS,
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "HOME": str(folder),
        }
        folder.mkdir(exist_ok=True)
        shutil.copytree(_REPOSITORY / "jobs", folder / "jobs")
        (folder / "kubeconfig").write_text(KUBECONFIG)
        (folder / "cictl.yaml").write_text(_CONFIG.format(url=url, repo=repo))

    def signed_in(self, fake: FakeJenkins, user: str = "admin") -> Platform:
        """Sign in by a token that the environment names."""
        token = fake.token if user == "admin" else fake.add_token(user).value
        self.environ |= {"JENKINS_USER_ID": user, "JENKINS_API_TOKEN": token}
        return self

    def password_file(self, password: str) -> str:
        path = self.folder / "initialAdminPassword"
        path.write_text(f"{password}\n")
        return str(path)

    def app(self, environ: Mapping[str, str] | None = None) -> App:
        return brisk_app(self.folder, self.environ | dict(environ or {}))

    def bootstrap(self, run: Run, *argv: str) -> Outcome:
        return run("bootstrap", *argv, app=self.app())

    def steps(self, run: Run, *argv: str) -> tuple[int, dict[str, dict[str, Any]]]:
        """Run it, and return its exit status and its steps by "part/subject"."""
        outcome = self.bootstrap(run, *argv, "-o", "json")
        assert outcome.stdout, outcome.stderr
        steps = json.loads(outcome.stdout)["steps"]
        return outcome.status, {f"{step['part']}/{step['subject']}": step for step in steps}


def states(steps: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {name: step["state"] for name, step in steps.items()}


def with_agent(fake: FakeJenkins) -> FakeJenkins:
    """Bring an agent online that jobs ask for, and leave the controller without builds."""
    fake.connect_agent("builder", LABEL)
    fake.controller.executors = 0
    return fake


def team_folder(user: str, permissions: tuple[str, ...]) -> str:
    """Return the configuration of a team's folder in which USER has PERMISSIONS."""
    granted = "".join(f"<permission>USER:{each}:{user}</permission>" for each in permissions)
    return (
        "<com.cloudbees.hudson.plugins.folder.Folder><description>the team's</description><properties>"
        "<com.cloudbees.hudson.plugins.folder.properties.AuthorizationMatrixProperty>"
        '<inheritanceStrategy class="org.jenkinsci.plugins.matrixauth.inheritance.InheritParentStrategy"/>'
        f"{granted}</com.cloudbees.hudson.plugins.folder.properties.AuthorizationMatrixProperty>"
        "</properties></com.cloudbees.hudson.plugins.folder.Folder>"
    )


@pytest.fixture
def ready(make_fake_jenkins: MakeFakeJenkins) -> FakeJenkins:
    return with_agent(make_fake_jenkins())


@pytest.fixture
def platform(ready: FakeJenkins, tmp_path: Path) -> Platform:
    return Platform(tmp_path, ready.url).signed_in(ready)
