"""`cictl build scan`, `log`, `stop` and `list`, and `cictl open`, against a stand-in for Jenkins."""

from __future__ import annotations

import pytest

from cictl.errors import ExitCode
from tests.contract.builds_jenkins import (
    BRANCH,
    MULTIBRANCH,
    REPO,
    Cictl,
    data,
    started,
)
from tests.fake_jenkins.builds import BuildScript
from tests.fake_jenkins.server import FakeJenkins


def test_a_scan_finds_new_branches(cictl: Cictl, jenkins: FakeJenkins) -> None:
    jenkins.push(REPO, "new")
    assert cictl("build", "start", "checkout", "--branch", "new").status == ExitCode.NOT_FOUND
    done = cictl("build", "scan", "checkout")
    assert (done.status, "Checking branch new" in done.stdout) == (ExitCode.OK, True), done.stderr
    assert cictl("build", "start", "checkout", "--branch", "new", "--follow").status == ExitCode.OK


def test_scans_that_do_not_work(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.put("shop/ci/checkout", MULTIBRANCH.replace("checkout.git", "gone.git"))
    failed = cictl_one("build", "scan", "checkout")
    assert (failed.status, "ERROR: Could not update" in failed.stdout) == (ExitCode.FAR_SIDE_FAILED, True)
    assert cictl_one("build", "scan", "--job", "shop/plain").status == ExitCode.USAGE


def test_logs_by_number_and_by_name(cictl: Cictl, jenkins: FakeJenkins) -> None:
    jenkins.script("shop/plain", BuildScript(["one\n"], "FAILURE"), BuildScript(["two"], is_manual=True))
    for words in ((), ("--follow",)):
        cictl("build", "start", "--job", "shop/plain", *(words if not started(jenkins, "shop/plain") else ()))

    def log(*words: str) -> str:
        return cictl("build", "log", "--job", "shop/plain", *words).stdout

    assert log("--build", "1") == log("--build", "lastFailed")
    assert "one\n" in log("--build", "1")
    assert log() == "Started by user admin\ntwo\n", "what makes no whole line yet is shown"
    assert cictl("build", "log", "--job", "shop/plain", "--build", "9").status == ExitCode.NOT_FOUND
    assert cictl("build", "log", "--job", "shop/plain", "--build", "first").status == ExitCode.USAGE


def test_stop(cictl: Cictl, jenkins: FakeJenkins) -> None:
    jenkins.script("shop/plain", BuildScript(is_manual=True))
    cictl("build", "start", "--job", "shop/plain")
    done = cictl("build", "stop", "--job", "shop/plain", "-o", "json")
    assert (done.status, data(done)["result"]) == (ExitCode.OK, "ABORTED")
    again = cictl("build", "stop", "--job", "shop/plain", "--build", "1")
    assert (again.status, "ended before" in again.stderr) == (ExitCode.OK, True)
    assert cictl("build", "stop", "--job", "shop/plain").status == ExitCode.NOT_FOUND
    assert cictl("build", "stop", "--job", "shop/plain", "--queued", "99").status == ExitCode.NOT_FOUND


def test_list(cictl: Cictl, jenkins: FakeJenkins) -> None:
    for branch in ("main", "feature/x"):
        cictl("build", "start", "checkout", "--branch", branch, "--follow")
    every = cictl("build", "list", "checkout", "-o", "json")
    assert {each["branch"] for each in data(every)["items"]} == {"main", "feature/x"}
    one = data(cictl("build", "list", "checkout", "--branch", "main", "--limit", "1", "-o", "json"))["items"]
    assert [(each["job"], each["result"], each["causes"]) for each in one] == [
        (BRANCH, "SUCCESS", ["Started by user admin"])
    ]
    jenkins.script("shop/plain", BuildScript(is_manual=True))
    cictl("build", "start", "--job", "shop/plain")
    header, row = cictl("build", "list", "--job", "shop/plain").stdout.splitlines()
    assert header.split() == ["BUILD", "BRANCH", "RESULT", "STARTED", "DURATION", "CAUSE"]
    assert row.split()[:3] == ["1", "-", "RUNNING"]


def test_open(cictl: Cictl, jenkins: FakeJenkins) -> None:
    assert cictl("open", "checkout").stdout == f"{jenkins.url}/job/shop/job/ci/job/checkout/\n"
    branch = cictl("open", "checkout", "--branch", "feature/x", "--print", "-o", "json")
    assert data(branch)["url"] == f"{jenkins.url}/job/shop/job/ci/job/checkout/job/feature%252Fx/"
    cictl("build", "start", "--job", "shop/plain", "--follow")
    assert cictl("open", "--job", "shop/plain", "--build", "1").stdout == f"{jenkins.url}/job/shop/job/plain/1/\n"
    assert cictl("open", "--job", "shop/plain", "--build", "2").status == ExitCode.NOT_FOUND
    assert cictl("open", "--job", "shop/none").status == ExitCode.NOT_FOUND


@pytest.mark.parametrize(
    ("words", "environ", "opened"),
    [
        pytest.param((), {"DISPLAY": ":0"}, 1, id="with-a-browser"),
        pytest.param(("--print",), {"DISPLAY": ":0"}, 0, id="print"),
        pytest.param((), {}, 0, id="no-browser-beside-the-terminal"),
    ],
)
def test_open_on_a_terminal(
    cictl_one: Cictl,
    one_jenkins: FakeJenkins,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    environ: dict[str, str],
    opened: int,
) -> None:
    launched: list[str] = []
    monkeypatch.setattr("click.launch", launched.append)
    monkeypatch.setattr("cictl.output.Output.is_terminal", True)
    monkeypatch.setattr("sys.platform", "linux")
    cictl_one("open", "--job", "shop/plain", *words, **environ)
    assert launched == [f"{one_jenkins.url}/job/shop/job/plain/"] * opened
