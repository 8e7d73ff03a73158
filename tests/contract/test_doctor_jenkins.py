"""`cictl doctor jenkins` where no Jenkins is: a captive portal, a sign-in page, any web server."""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Mapping
from pathlib import Path

import pytest

from cictl.clients.endpoints import DockerEndpoint
from cictl.errors import ExitCode, Unreachable
from cictl.wiring.app import App
from tests.contract.jenkins_replay import said, served
from tests.fake_jenkins import FakeJenkins
from tests.running import Run

_ASKED = ("/whoAmI/api/json", "/login", "/api/json?tree=mode", "/api/json")
_NOBODY: Mapping[str, str] = {}
_SOMEBODY = {"JENKINS_USER_ID": "ann", "JENKINS_API_TOKEN": "11" + "a" * 32}
_OTHERS = [
    pytest.param(200, "<html><title>Welcome</title></html>", {}, "no JSON", id="page"),
    pytest.param(302, "", {"Location": "http://portal.example/login?from=x"}, "portal.example/login", id="portal"),
    pytest.param(200, "{}", {}, "answers without name", id="object"),
    pytest.param(200, "[]", {}, "answers without name", id="list"),
    pytest.param(200, "", {}, "no JSON", id="nothing"),
    pytest.param(404, "", {}, "has nothing for GET /whoAmI/api/json", id="prefix-missing"),
]


@pytest.mark.parametrize("who", [_NOBODY, _SOMEBODY], ids=["nobody", "somebody"])
@pytest.mark.parametrize(("status", "body", "headers", "words"), _OTHERS)
def test_what_is_no_jenkins_is_one_plain_finding(
    run: Run, tmp_path: Path, status: int, body: str, headers: dict[str, str], words: str, who: Mapping[str, str]
) -> None:
    with served([said("GET", path, status, body, **headers) for path in _ASKED]) as replay:
        environ = {"JENKINS_URL": replay.url, "XDG_STATE_HOME": str(tmp_path / "state"), **who}
        outcome = run("doctor", "jenkins", "-o", "json", app=App(directory=tmp_path, environ=environ))
    assert outcome.status == ExitCode.UNREACHABLE, outcome.stdout
    [finding] = json.loads(outcome.stdout)["findings"]
    assert f"{replay.url} does not answer as a Jenkins" in finding["detail"]
    assert words in finding["detail"]
    assert "jenkins.url" in finding["nextStep"]


def test_a_jenkins_is_one(run: Run, tmp_path: Path, fake_jenkins: FakeJenkins) -> None:
    environ = {"JENKINS_URL": fake_jenkins.url, "XDG_STATE_HOME": str(tmp_path / "state")}
    outcome = run("doctor", "jenkins", app=App(directory=tmp_path, environ=environ))
    assert (outcome.status, "nobody is signed in" in outcome.stdout) == (ExitCode.NOT_ALLOWED, True)


def test_no_socket_stays_open_where_no_engine_answers(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(Unreachable, match="no Docker engine answers"):
            DockerEndpoint({"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}).version()
        gc.collect()
    assert [str(each.message) for each in caught if issubclass(each.category, ResourceWarning)] == []
