"""The policy on what Job Builder makes of its modules: which of them keep a script in the job, and which name one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import pytest

from cictl.clients.job_builder import JobBuilder, JobTree
from cictl.core.job_policy import Policy, policy_findings

Job = dict[str, Any]
RULES = {"inline-shell", "plain-secret"}


class RulesOf(Protocol):
    def __call__(self, job: Job) -> list[str]: ...


@pytest.fixture
def rules_of(tmp_path: Path) -> RulesOf:
    ini = tmp_path / "jenkins_jobs.ini"
    ini.touch()

    def rules(job: Job) -> list[str]:
        text = json.dumps([{"job": {"name": "a", **job}}])
        rendered = JobBuilder({}).render(JobTree(paths=(), data=text, ini=ini))
        policy = Policy(folder="", repository="https://git/p.git", branch="main")
        return [found.rule for each in rendered for found in policy_findings(each, policy) if found.rule in RULES]

    return rules


def _step(name: str, value: object) -> Job:
    return {"builders": [{name: value}]}


def _after(name: str, value: object) -> Job:
    return {"publishers": [{name: value}]}


def _when(kind: str, **condition: object) -> Job:
    return _step("conditional-step", {"condition-kind": kind, **condition, "steps": [{"ant": "build"}]})


CLOUD = {"target": "x", "organization": "o", "space": "s", "credentials-id": "c", "command": "x"}
TRANSFER = {"site": "s", "target": "t", "source": "*"}


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(_step("shell", "x"), id="shell"),
        pytest.param(_step("batch", "x"), id="batch"),
        pytest.param(_step("powershell", "x"), id="powershell"),
        pytest.param(_step("python", "x"), id="python"),
        pytest.param(_step("nodejs", {"script": "x"}), id="nodejs"),
        pytest.param(_step("shining-panda", {"build-environment": "python", "command": "x"}), id="shining-panda"),
        pytest.param(
            _step("conditional-step", {"condition-kind": "always", "steps": [{"shell": "rm -rf q"}]}), id="in-one-step"
        ),
        pytest.param(
            _step("conditional-step", {"condition-kind": "always", "steps": [{"shell": "x"}, {"ant": "b"}]}),
            id="in-one-of-steps",
        ),
        pytest.param(_when("shell", **{"condition-command": "x"}), id="condition-of-a-step"),
        pytest.param(_when("windows-shell", **{"condition-command": "x"}), id="condition-for-windows"),
        pytest.param(_step("ssh-builder", {"ssh-user-ip": "a@b:22", "command": "x"}), id="ssh-builder"),
        pytest.param(_step("publish-over-ssh", TRANSFER | {"command": "x"}), id="over-ssh"),
        pytest.param(_step("groovy", {"command": "x"}), id="groovy"),
        pytest.param(_step("system-groovy", {"command": "x"}), id="system-groovy"),
        pytest.param(_step("inject", {"script-content": "x"}), id="inject"),
        pytest.param(_step("dsl", {"script-text": "x"}), id="job-dsl"),
        pytest.param(
            _after("post-tasks", [{"matches": [{"log-text": "x", "operator": "AND"}], "script": "rm -rf /"}]),
            id="post-tasks",
        ),
        pytest.param(_after("groovy-postbuild", {"script": "x"}), id="groovy-postbuild"),
        pytest.param(_after("ssh", TRANSFER | {"command": "x"}), id="after-over-ssh"),
        pytest.param(
            _after("postbuildscript", {"builders": [{"role": "BOTH", "build-steps": [{"shell": "x"}]}]}),
            id="postbuildscript-shell",
        ),
        pytest.param(
            _after("postbuildscript", {"groovy": [{"role": "BOTH", "content": "x"}]}), id="postbuildscript-groovy"
        ),
        pytest.param(
            _after(
                "conditional-publisher",
                [{"condition-kind": "shell", "condition-command": "x", "action": [{"archive": {"artifacts": "*"}}]}],
            ),
            id="condition-of-a-publisher",
        ),
        pytest.param(_after("email-ext", {"presend-script": "x"}), id="script-of-an-e-mail"),
        pytest.param({"wrappers": [{"env-script": {"script-content": "x"}}]}, id="env-script"),
        pytest.param({"wrappers": [{"inject": {"script-content": "x"}}]}, id="injecting-wrapper"),
        pytest.param({"properties": [{"inject": {"groovy-content": "x"}}]}, id="injecting-property"),
        pytest.param({"properties": [{"batch-tasks": [{"name": "n", "script": "x"}]}]}, id="batch-tasks"),
        pytest.param({"properties": [{"groovy-label": {"script": "x"}}]}, id="label-by-groovy"),
        pytest.param({"properties": [{"slave-prerequisites": {"script": "x"}}]}, id="prerequisites"),
        pytest.param({"triggers": [{"script": {"script": "x"}}]}, id="trigger-by-a-script"),
        pytest.param({"triggers": [{"groovy-script": {"script": "x"}}]}, id="trigger-by-groovy"),
        pytest.param({"parameters": [{"dynamic-choice": {"name": "P", "script": "x"}}]}, id="dynamic-choice"),
        pytest.param({"project-type": "pipeline", "dsl": "x"}, id="pipeline"),
        pytest.param({"project-type": "flow", "dsl": "x"}, id="build-flow"),
    ],
)
def test_a_script_in_the_job_is_told_once(rules_of: RulesOf, job: Job) -> None:
    assert rules_of(job) == ["inline-shell"]


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(_step("ant", "build"), id="ant"),
        pytest.param(_step("managed-script", {"script-id": "x", "type": "script"}), id="managed-script"),
        pytest.param(_step("managed-script", {"script-id": "x", "type": "batch"}), id="managed-batch"),
        pytest.param(_step("groovy", {"file": "x.groovy"}), id="groovy-file"),
        pytest.param(_step("system-groovy", {"file": "x.groovy"}), id="system-groovy-file"),
        pytest.param(_step("inject", {"properties-content": "A=b", "script-file": "x.sh"}), id="injected-properties"),
        pytest.param(_step("dsl", {"target": "jobs/*.groovy"}), id="job-dsl-files"),
        pytest.param(_step("publish-over-ssh", TRANSFER), id="files-over-ssh"),
        pytest.param(_when("always"), id="condition-without-script"),
        pytest.param(
            _after("postbuildscript", {"generic-script": [{"role": "BOTH", "file-path": "x.sh"}]}),
            id="postbuildscript-file",
        ),
        pytest.param(_after("email-ext", {"body": "x"}), id="e-mail"),
        pytest.param({"triggers": [{"script": {"script-file-path": "x.sh"}}]}, id="trigger-by-a-file"),
        pytest.param(
            {"wrappers": [{"docker-custom-build-env": {"image-type": "pull", "image": "x"}}]}, id="in-a-container"
        ),
        pytest.param(_after("cloudfoundry", CLOUD), id="cloudfoundry"),
    ],
)
def test_a_script_elsewhere_is_none_of_the_job(rules_of: RulesOf, job: Job) -> None:
    assert rules_of(job) == []


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        pytest.param(
            {"string": {"name": "API_TOKEN", "default": "ghp_abcdefghijklmnopqrstuvwxyz0123456789"}},
            ["plain-secret"],
            id="token",
        ),
        pytest.param({"text": {"name": "DB_PASSWORD", "default": "hunter22"}}, ["plain-secret"], id="by-its-name"),
        pytest.param({"string": {"name": "API_TOKEN", "default": "${{TOKEN}}"}}, [], id="reference"),
        pytest.param({"string": {"name": "API_TOKEN"}}, [], id="no-default"),
        pytest.param({"credentials": {"name": "API_TOKEN", "default": "git"}}, [], id="credential"),
        pytest.param({"string": {"name": "TOKEN_FILE", "default": "token.txt"}}, [], id="file"),
    ],
)
def test_a_secret_as_the_default_of_a_parameter(rules_of: RulesOf, parameter: Job, expected: list[str]) -> None:
    assert rules_of({"parameters": [parameter]}) == expected
