"""A Jenkins with a service's branches, a pipeline that asks for parameters and a plain one, and cictl beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cictl.wiring.app import App
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.server import FakeJenkins
from tests.running import FakeClock, Outcome, Run

_FOLDER = "<com.cloudbees.hudson.plugins.folder.Folder/>"
_PIPELINE = """\
<flow-definition>
  <properties>
    <hudson.model.ParametersDefinitionProperty>
      <parameterDefinitions>
        <hudson.model.StringParameterDefinition><name>VERSION</name><defaultValue>1</defaultValue></hudson.model.StringParameterDefinition>
        <hudson.model.BooleanParameterDefinition><name>FORCE</name><defaultValue>false</defaultValue></hudson.model.BooleanParameterDefinition>
        <hudson.model.ChoiceParameterDefinition><name>TO</name><choices class="java.util.Arrays$ArrayList"><a class="string-array"><string>staging</string><string>production</string></a></choices></hudson.model.ChoiceParameterDefinition>
        <hudson.model.PasswordParameterDefinition><name>KEY</name><defaultValue>none</defaultValue></hudson.model.PasswordParameterDefinition>
      </parameterDefinitions>
    </hudson.model.ParametersDefinitionProperty>
  </properties>
  <disabled>false</disabled>
</flow-definition>"""  # noqa: E501 - as Jenkins has it
PLAIN = "<flow-definition><disabled>false</disabled></flow-definition>"
REPO = "https://git.example.com/shop/checkout.git"
MULTIBRANCH = f"""\
<org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject>
  <sources class="jenkins.branch.MultiBranchProject$BranchSourceList"><data><jenkins.branch.BranchSource>
    <source class="jenkins.plugins.git.GitSCMSource"><id>app</id><remote>{REPO}</remote></source>
  </jenkins.branch.BranchSource></data></sources>
</org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject>"""
_CONFIG = f"""\
version: 1
jenkins: {{url: "http://127.0.0.1:1", folder: shop}}
services:
  checkout: {{path: checkout, repo: "{REPO}"}}
  cart: {{path: cart}}
"""
BRANCH = "shop/ci/checkout/main"
DEPLOY = "shop/deploy"
Cictl = Callable[..., Outcome]


@pytest.fixture(
    params=[
        pytest.param({}, id="as-sent"),
        pytest.param({"store": "2.555", "prefix": "/jenkins", "root_url": "http://wrong.example/"}, id="re-saved"),
    ]
)
def jenkins(request: pytest.FixtureRequest, make_fake_jenkins: MakeFakeJenkins) -> FakeJenkins:
    return _prepared(make_fake_jenkins(**request.param))


@pytest.fixture
def one_jenkins(make_fake_jenkins: MakeFakeJenkins) -> FakeJenkins:
    return _prepared(make_fake_jenkins())


def _prepared(fake: FakeJenkins) -> FakeJenkins:
    fake.push(REPO, "main")
    fake.push(REPO, "feature/x")
    fake.put("shop", _FOLDER)
    fake.put("shop/ci", _FOLDER)
    fake.put("shop/ci/checkout", MULTIBRANCH)
    fake.put(DEPLOY, _PIPELINE)
    fake.put("shop/plain", PLAIN)
    return fake


def app_of(fake: FakeJenkins, folder: Path, user: str = "admin", **more: str) -> App:
    (folder / "cictl.yaml").write_text(_CONFIG)
    token = fake.token if user == "admin" else fake.add_token(user).value
    environ = {"JENKINS_URL": fake.url, "JENKINS_USER_ID": user, "JENKINS_API_TOKEN": token, **more}
    return App(directory=folder, environ=environ, clock=FakeClock())


@pytest.fixture
def cictl(run: Run, jenkins: FakeJenkins, tmp_path: Path) -> Cictl:
    return lambda *words, **more: run(*words, app=app_of(jenkins, tmp_path, **more))


@pytest.fixture
def cictl_one(run: Run, one_jenkins: FakeJenkins, tmp_path: Path) -> Cictl:
    return lambda *words, **more: run(*words, app=app_of(one_jenkins, tmp_path, **more))


def data(outcome: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


def started(fake: FakeJenkins, full_name: str) -> int:
    return len(fake.job(full_name).builds)


def is_start(request: Any) -> bool:  # noqa: ANN401 - the fake's
    return request.method == "POST" and "/build" in request.target
