"""What Jenkins' validator answers, and what `cictl pipeline lint` makes of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from pytest_httpserver import HTTPServer

from cictl.clients.jenkins_connection import JenkinsConnection, SignIn
from cictl.clients.pipeline_validator import PipelineValidator
from cictl.core.pipeline_verdict import Finding, Validity, Verdict
from cictl.errors import FarSideFailed, Unreachable
from cictl.wiring.app import App
from tests.contract.pipeline_cases import CACHE_HOME
from tests.fake_jenkins import FakeJenkins
from tests.running import Outcome, Run
from tests.shared_library import RECORDINGS

_GOOD = "pipeline {\n  agent any\n  stages { stage('S') { steps { echo 'hi' } } }\n}\n"
_AGENT = Finding('Missing required section "agent"', 1, 1)


def _recorded() -> list[tuple[str, str, str]]:
    exchanges = json.loads((RECORDINGS / "pipeline-linter.json").read_text(encoding="utf-8"))["exchanges"]
    return [
        (each["why"], parse_qs(each["request"]["body"])["jenkinsfile"][0], each["response"]["body"])
        for each in exchanges
        if each["request"]["path"].endswith("/validateJenkinsfile")
    ]


_EXPECTED = {
    "valid, as JSON": (Validity.VALID, ()),
    "no agent, as JSON": (Validity.INVALID, (_AGENT,)),
    "unknown step, as JSON": (Validity.VALID, ()),
    "scripted, as JSON": (Validity.UNKNOWN, ()),
}


@pytest.mark.parametrize(("why", "jenkinsfile", "body"), _recorded(), ids=lambda value: value[:16])
def test_what_a_real_jenkins_answered_is_understood(
    httpserver: HTTPServer, fake_jenkins: FakeJenkins, why: str, jenkinsfile: str, body: str
) -> None:
    httpserver.expect_request("/pipeline-model-converter/validateJenkinsfile", method="POST").respond_with_data(body)
    recorded = PipelineValidator(JenkinsConnection(httpserver.url_for(""))).validate(jenkinsfile)
    assert (recorded.validity, recorded.findings) == _EXPECTED[why]
    assert httpserver.log[0][0].form["jenkinsfile"] == jenkinsfile
    connection = JenkinsConnection(fake_jenkins.url, SignIn("admin", fake_jenkins.token, "the token of a test"))
    faked = PipelineValidator(connection).validate(jenkinsfile)
    assert (faked.validity, faked.findings, faked.reason) == (recorded.validity, recorded.findings, recorded.reason)


@pytest.mark.parametrize(
    ("errors", "findings"),
    [
        pytest.param(
            [{"error": ["one", "two @ line 3, column 9."]}], (Finding("one"), Finding("two", 3, 9)), id="list"
        ),
        pytest.param([], (Finding("it does not say what"),), id="none"),
    ],
)
def test_errors_come_in_several_forms(httpserver: HTTPServer, errors: list[Any], findings: tuple[Finding, ...]) -> None:
    body = {"status": "ok", "data": {"result": "failure", "errors": errors}}
    httpserver.expect_request("/pipeline-model-converter/validateJenkinsfile").respond_with_json(body)
    answered = PipelineValidator(JenkinsConnection(httpserver.url_for(""))).validate(_GOOD)
    assert answered == Verdict(Validity.INVALID, findings, answered.url)


def test_a_jenkins_without_the_plugin_has_no_validator(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/pipeline-model-converter/validateJenkinsfile").respond_with_data(
        "<html>Not Found</html>", status=404, headers={"X-Jenkins": "2.516.2"}
    )
    with pytest.raises(Unreachable, match="no validator"):
        PipelineValidator(JenkinsConnection(httpserver.url_for(""))).validate(_GOOD)


@pytest.mark.parametrize("body", ["<html>sign in</html>", "{}", '{"data":{"result":"failure"}}', "[]"])
def test_what_no_jenkins_answers_is_no_verdict(httpserver: HTTPServer, body: str) -> None:
    httpserver.expect_request("/pipeline-model-converter/validateJenkinsfile").respond_with_data(body)
    with pytest.raises(FarSideFailed):
        PipelineValidator(JenkinsConnection(httpserver.url_for(""))).validate(_GOOD)


def _lint(run: Run, folder: Path, url: str | None, *words: str, text: str = _GOOD, **environ: str) -> Outcome:
    (folder / "Jenkinsfile").write_text(text)
    known = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": CACHE_HOME, "XDG_STATE_HOME": str(folder / "state")}
    address = {} if url is None else {"JENKINS_URL": url}
    app = App(environ={**known, **address, **environ}, directory=folder)
    return run("pipeline", "lint", str(folder / "Jenkinsfile"), *words, app=app)


def _signed_in(fake: FakeJenkins) -> dict[str, str]:
    return {"JENKINS_USER_ID": "admin", "JENKINS_API_TOKEN": fake.token}


def test_both_verdicts_are_shown_apart(run: Run, tmp_path: Path, fake_jenkins: FakeJenkins) -> None:
    done = _lint(run, tmp_path, fake_jenkins.url, **_signed_in(fake_jenkins))
    assert (done.status, [line.split()[-1] for line in done.stdout.splitlines()]) == (0, ["BY", "cictl", "Jenkins"])
    done = _lint(run, tmp_path, fake_jenkins.url, "-o", "json", **_signed_in(fake_jenkins))
    assert json.loads(done.stdout)["jenkins"]["validity"] == "valid"


def test_what_jenkins_alone_refuses_is_an_error(run: Run, tmp_path: Path, httpserver: HTTPServer) -> None:
    body = {"status": "ok", "data": {"result": "failure", "errors": [{"error": "Invalid option @ line 2, column 3."}]}}
    httpserver.expect_request("/pipeline-model-converter/validateJenkinsfile").respond_with_json(body)
    done = _lint(run, tmp_path, httpserver.url_for(""), "--jenkins")
    assert done.status == 3
    assert "Invalid option" in done.stdout
    assert "Invalid option" not in done.stderr
    assert "refuses" in done.stderr


def test_what_is_wrong_here_is_an_error_whatever_jenkins_says(
    run: Run, tmp_path: Path, fake_jenkins: FakeJenkins
) -> None:
    text = _GOOD.replace("echo 'hi'", "ecko 'hi'")
    done = _lint(run, tmp_path, fake_jenkins.url, text=text, **_signed_in(fake_jenkins))
    assert done.status == 3
    assert "Jenkinsfile has an error" in done.stderr
    assert "No such DSL method 'ecko'" in done.stdout
    assert "validated at" in done.stdout


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "not an address"])
def test_a_jenkins_that_is_away_is_a_note(run: Run, tmp_path: Path, url: str) -> None:
    done = _lint(run, tmp_path, url)
    assert done.status == 0
    assert "not judged" in done.stdout
    assert json.loads(_lint(run, tmp_path, url, "-o", "json").stdout)["jenkins"]["validity"] == "unknown"


def test_a_jenkins_that_is_demanded_has_to_be_there(run: Run, tmp_path: Path) -> None:
    away = _lint(run, tmp_path, "http://127.0.0.1:1", "--jenkins")
    assert (away.status, away.stdout) == (7, "no problems\n")
    done = _lint(run, tmp_path, None, "--jenkins")
    assert (done.status, "nothing says where Jenkins is" in done.stderr) == (3, True)


def test_without_a_jenkins_none_is_asked(run: Run, tmp_path: Path) -> None:
    assert _lint(run, tmp_path, None).stdout == "no problems\n"
    assert _lint(run, tmp_path, "http://127.0.0.1:1", "--no-jenkins").stdout == "no problems\n"
