from __future__ import annotations

import json

import pytest

from cictl.errors import ExitCode, Unreachable
from cictl.services.doctor import ProgramProbe, Versioned
from cictl.wiring import doctor
from tests.running import Run


class _Git:
    def version(self) -> str:
        return "2.39"


def _no_engine() -> Versioned:
    raise Unreachable("no Docker engine answers", hint="start Docker")


@pytest.fixture(autouse=True)
def _probes(monkeypatch: pytest.MonkeyPatch) -> None:
    probes = [ProgramProbe("git", _Git), ProgramProbe("docker", _no_engine)]
    monkeypatch.setattr(doctor, "probes", lambda _app: probes)


def test_each_system_has_a_row_with_the_next_step(run: Run) -> None:
    outcome = run("doctor")
    assert outcome.status == ExitCode.UNREACHABLE
    assert outcome.stdout == (
        "SYSTEM  STATUS  VERSION  DETAIL                    NEXT STEP\n"
        "git     ok      2.39\n"
        "docker  fail    -        no Docker engine answers  start Docker\n"
    )


def test_as_json(run: Run) -> None:
    shown = json.loads(run("doctor", "-o", "json").stdout)
    assert shown["findings"][1]["nextStep"] == "start Docker"
    assert shown["findings"][1]["exitCode"] == ExitCode.UNREACHABLE
