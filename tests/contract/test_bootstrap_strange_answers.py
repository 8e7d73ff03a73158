"""Whatever a server answers in Jenkins' place: bootstrap ends with an exit code of its own, never with a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cictl.errors import ExitCode
from cictl.root import main
from tests.contract.bootstrap_platform import Platform, with_agent
from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.messages import Response

_BODIES = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"7",
    b'"x"',
    b"\xff",
    b'{"jobs":null,"plugins":[null],"computer":[{}],"credentials":[{}],"views":0}',
    b'{"name":"admin"}',
    b'{"status":"ok","data":{}}',
    b"<html><title>Sign in</title></html>",
    b"<?xml version='1.1'?><a><b/></a>",
    b"<a>",
]
_TYPES = ["application/json", "text/html;charset=utf-8", "application/xml"]
_answers = st.builds(
    lambda status, body, kind, location: Response(status, body, [("Content-Type", kind), ("Location", location)]),
    st.sampled_from([200, 200, 200, 204, 302, 400, 401, 403, 404, 409, 500]),
    st.sampled_from(_BODIES),
    st.sampled_from(_TYPES),
    st.sampled_from(["/", "/login?from=%2F", "http://wrong.example/queue/item/x/"]),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("strange")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=_answers, nth=st.integers(1, 95), times=st.sampled_from([1, 2, 1000]))
def test_no_answer_is_a_traceback(folder: Path, answer: Response, nth: int, times: int) -> None:
    with with_agent(FakeJenkins()) as fake:
        platform = Platform(folder / str(fake.port), fake.url).signed_in(fake)
        platform.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        fake.faults.answer_instead(answer, nth=nth, times=times)
        assert main(["bootstrap", "--yes"], app=platform.app()) != ExitCode.BUG
