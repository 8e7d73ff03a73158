"""Commands against a lab that does not run."""

import json

import pytest

from lab import cli, requirements
from lab.errors import ExitCode
from lab.layout import Layout
from lab.requirements import Facts


@pytest.fixture(autouse=True)
def _no_lab(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "default_layout", lambda: layout)


@pytest.mark.parametrize(
    ("arguments", "expected", "said"),
    [
        pytest.param(["env"], ExitCode.NOT_RUNNING, "python -m lab up", id="env"),
        pytest.param(["kill", "etcd"], ExitCode.NOT_RUNNING, "not running", id="kill"),
        pytest.param(["start", "etcd"], ExitCode.NOT_RUNNING, "not running", id="start"),
        pytest.param(["logs", "etcd"], ExitCode.NOT_RUNNING, "no log of etcd", id="logs"),
        pytest.param(["kill", "jenkins"], ExitCode.USAGE, "parts are: etcd", id="unknown-part"),
        pytest.param(["up", "--provider", "existing"], ExitCode.USAGE, "--context", id="existing-names-nothing"),
    ],
)
def test_errors_say_what_to_do(
    arguments: list[str], expected: ExitCode, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == expected
    captured = capsys.readouterr()
    assert said in captured.err
    assert not captured.out


def test_status_of_no_lab(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status", "-o", "json"]) == ExitCode.NOT_RUNNING
    assert json.loads(capsys.readouterr().out)["ready"] is False


def test_a_machine_that_cannot(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    mac = Facts("Darwin", "arm64", 501, 0, frozenset(), has_cgroups=False, has_pip=True)
    monkeypatch.setattr(requirements, "gather", lambda: mac)
    assert cli.main(["up"]) == ExitCode.REQUIREMENT_MISSING
    assert "--provider existing" in capsys.readouterr().err


def test_logs_shows_the_end(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    layout.logs.mkdir(parents=True)
    (layout.logs / "etcd.log").write_text("one\ntwo\nthree\n")
    assert cli.main(["logs", "etcd", "-n", "2"]) == ExitCode.DONE
    assert capsys.readouterr().out == "two\nthree\n"
