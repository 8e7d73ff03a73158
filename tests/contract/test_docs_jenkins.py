"""The commands of the pages on Jenkins, each page from its own beginning, against the stand-in."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.bootstrap_platform import LEAST_RIGHTS, Platform, team_folder, with_agent
from tests.docs_pages import DOCS, blocks
from tests.docs_shell import Shell
from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.builds import BuildScript, Input
from tests.files import replace_in
from tests.running import Run

_HOW_TO = DOCS / "how-to"
_CART = '  cart: {path: ., repo: "https://git.example.com/shop/cart.git"}\n'
_NIGHTLY = """\
- defaults: {{name: kept, project-type: freestyle, properties: [build-discarder: {{num-to-keep: 10}}]}}
- job: {{name: hourly, defaults: kept, description: Looks., triggers: [timed: "{hourly}"]}}
- job: {{name: nightly, defaults: kept, description: Cleans up., triggers: [timed: "{nightly}"]}}
- job: {{name: weekly, defaults: kept, description: Counts., triggers: [timed: "H 3 * * 0"]}}
"""
_PIPELINES = """\
- defaults: {name: global, description: Builds.}
- job-template: {name: 'shop-{service}', project-type: pipeline, sandbox: true, dsl: 'build()'}
- project: {name: shop, service: [cart, checkout], jobs: ['shop-{service}']}
- job: {name: tidy, project-type: freestyle}
"""


_SIGN = """\
<flow-definition><properties><hudson.model.ParametersDefinitionProperty><parameterDefinitions>
<hudson.model.PasswordParameterDefinition><name>KEY</name></hudson.model.PasswordParameterDefinition>
</parameterDefinitions></hudson.model.ParametersDefinitionProperty></properties></flow-definition>"""


class Desk:
    """A Jenkins, the platform's repository beside it, and a reader's shell in that folder."""

    def __init__(self, fake: FakeJenkins, folder: Path) -> None:
        self.fake = fake
        self.platform = Platform(folder / "platform", fake.url).signed_in(fake)
        self.folder = self.platform.folder
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.shell = Shell(folder / "shell", self._environment())
        self.shell.state.write_text(f"cd {shlex.quote(str(self.folder))}\n")

    def _environment(self) -> dict[str, str]:
        path = f"{self.programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {**os.environ, **self.platform.environ, "PATH": path}

    def bootstrap(self, run: Run) -> None:
        """Make Jenkins what the platform's repository says."""
        assert self.platform.bootstrap(run, "--yes").status == 0

    def apply(self, run: Run) -> None:
        assert run("jobs", "apply", "--yes", app=self.platform.app()).status == 0

    def add(self, file: str, text: str) -> None:
        (self.folder / file).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / file).write_text(text)

    def edit_in_jenkins(self, job: str, old: str, new: str) -> None:
        """Have somebody edit JOB in Jenkins."""
        before = self.fake.jobs()[job]
        assert old in before
        self.fake.put(job, before.replace(old, new))
        self.fake.save(job)

    def without(self, *names: str) -> None:
        """Take variables out of the reader's environment."""
        self.shell.environment = {name: value for name, value in self.shell.environment.items() if name not in names}

    def read(self, page: str) -> None:
        self.shell.read(_HOW_TO / page, blocks(_HOW_TO / page))

    def run(self, *argv: str, status: int = 0) -> str:
        """Run ARGV beside the reader, and return what it prints."""
        done = subprocess.run(
            argv, cwd=self.folder, env=dict(self.shell.environment), capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stderr
        return done.stdout


@pytest.fixture
def desk(fake_jenkins: FakeJenkins, tmp_path: Path) -> Desk:
    return Desk(with_agent(fake_jenkins), tmp_path)


def test_come_from_job_builder(desk: Desk) -> None:
    (desk.folder / "cictl.yaml").write_text(f'version: 1\njenkins: {{url: "{desk.fake.url}"}}\n')
    for old in (desk.folder / "jobs").iterdir():
        old.unlink()
    desk.add("jobs/pipelines.yaml", _PIPELINES)
    words = ["jenkins-jobs", "test", "-r", "jobs", "-o", "theirs", "--config-xml"]
    desk.run(*words)
    for each in ("shop-cart", "shop-checkout", "tidy"):
        desk.fake.put(each, (desk.folder / "theirs" / each / "config.xml").read_text())
    desk.read("from-job-builder.md")
    marked = {name for name, xml in desk.fake.jobs().items() if "cictl: owned by" in xml}
    assert {"shop-cart", "shop-checkout"} <= marked
    assert "tidy" not in marked


def test_review_a_plan(desk: Desk, run: Run) -> None:
    desk.bootstrap(run)
    desk.add("jobs/nightly.yaml", _NIGHTLY.format(nightly="H 2 * * *", hourly="H * * * *"))
    desk.apply(run)
    desk.edit_in_jenkins("weekly", "H 3 * * 0", "H 5 * * 0")
    desk.edit_in_jenkins("hourly", "H * * * *", "H 0-12 * * *")
    desk.add("jobs/nightly.yaml", _NIGHTLY.format(nightly="H 4 * * *", hourly="H 6-20 * * *"))
    shown = next(block.text for block in blocks(_HOW_TO / "review-a-plan.md") if "in conflict" in block.text)
    printed = desk.run("cictl", "jobs", "plan").splitlines()
    assert [each for each in shown.splitlines() if not any(line.startswith(each) for line in printed)] == []
    desk.read("review-a-plan.md")
    assert "H 3 * * 0" in desk.fake.jobs()["weekly"]
    assert "H 6-20 * * *" in desk.fake.jobs()["hourly"]


def test_rotate_a_credential(desk: Desk, run: Run) -> None:
    desk.bootstrap(run)
    before = desk.fake.secrets("shop/ci")["registry"]
    desk.shell.environment = {**desk.shell.environment, "REGISTRY_PASSWORD": "another"}
    desk.read("rotate-a-credential.md")
    assert desk.fake.secrets("shop/ci")["registry"] != before


def test_the_least_rights(desk: Desk) -> None:
    desk.fake.add_user("robot", "its password", permissions=["hudson.model.Hudson.Read"])
    desk.fake.put("shop", team_folder("robot", LEAST_RIGHTS))
    desk.add("robot.password", "its password\n")
    desk.without("JENKINS_USER_ID", "JENKINS_API_TOKEN")
    desk.read("jenkins-rights.md")
    assert "shop/admin/cictl-smoke" in desk.fake.jobs()


def test_let_a_push_start_its_build(desk: Desk, run: Run) -> None:
    desk.bootstrap(run)
    server = desk.folder / "server"
    desk.add("server/shop/.keep", "")
    desk.run("git", "init", "--quiet", "--bare", str(server / "shop" / "checkout.git"))
    desk.add("token", "3ae01cd6c7243b0353f21495c9963735\n")
    # Where the page signs in at a Git server, the last of ssh's arguments is run here.
    (desk.programs / "ssh").write_text(f'#!/bin/sh\nfor last; do :; done; cd {server}; exec sh -c "$last"\n')
    (desk.programs / "ssh").chmod(0o755)
    desk.read("push-triggers.md")
    assert "git/notifyCommit" in (server / "shop" / "checkout.git" / "hooks" / "post-receive").read_text()


def test_build(desk: Desk, run: Run) -> None:
    later = "  production: {context: lab, namespace: production, after: staging}\nservices:"
    replace_in(desk.folder / "cictl.yaml", "services:", later)
    desk.bootstrap(run)
    for branch in ("main", "feature/x"):
        desk.fake.push("https://git.example.com/shop/checkout.git", branch)
    desk.fake.put("shop/sign", _SIGN)
    desk.add("signing-key", "not-a-real-one\n")
    passes, waits = BuildScript(["built\n"]), BuildScript(["building\n"], is_manual=True)
    branch = "shop/ci/checkout/main"
    desk.fake.script(branch, BuildScript(["broken\n"], result="FAILURE"), passes, waits)
    asks = Input("Promote", "Promote?", submitter="admin", submitter_parameter="APPROVED_BY")
    desk.fake.script("shop/deploy/promote", BuildScript([asks]))
    desk.run("cictl", "build", "scan", "checkout")
    desk.run("cictl", "build", "log", "checkout", "--follow", status=9)
    desk.read("build.md")
    assert [each.result for each in desk.fake.job(branch).builds] == ["FAILURE", "SUCCESS", "ABORTED"]
    assert [each.result for each in desk.fake.job("shop/deploy/promote").builds] == ["SUCCESS", "ABORTED"]


def test_prune_and_restore(desk: Desk, run: Run) -> None:
    with (desk.folder / "cictl.yaml").open("a") as file:
        file.write(_CART)
    desk.bootstrap(run)
    there = set(desk.fake.jobs())
    desk.read("prune.md")
    assert there - set(desk.fake.jobs()) == {"shop/ci/cart", "shop/deploy/cart-staging"}
    desk.read("restore.md")
    assert there - set(desk.fake.jobs()) == set()
