"""Ctrl-C and SIGTERM while a build is followed, in a process of its own, on a terminal and off one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from tests.fake_jenkins.builds import BuildScript
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.server import FakeJenkins

_JOB = "<flow-definition><disabled>false</disabled></flow-definition>"
_START = ("build", "start", "--job", "plain", "--follow")
_PATIENCE_SECONDS = 120
# A shell lets its background processes ignore SIGINT, and a test may run in one.
_LISTENING = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from cictl.root import main; sys.exit(main())"
)


@pytest.fixture
def jenkins(make_fake_jenkins: MakeFakeJenkins) -> FakeJenkins:
    fake = make_fake_jenkins()
    fake.put("plain", _JOB)
    fake.script("plain", BuildScript(["hello\n"], is_manual=True))
    return fake


def _environ(fake: FakeJenkins) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME")}
    return {**kept, "JENKINS_URL": fake.url, "JENKINS_USER_ID": "admin", "JENKINS_API_TOKEN": fake.token}


@pytest.fixture
def terminal(jenkins: FakeJenkins, tmp_path: Path) -> pexpect.spawn[str]:
    child: pexpect.spawn[str] = pexpect.spawn(
        sys.executable,
        ["-m", "cictl", *_START],
        env=_environ(jenkins),
        cwd=str(tmp_path),
        encoding="utf-8",
        timeout=_PATIENCE_SECONDS,
        dimensions=(24, 200),
    )
    child.expect("hello")
    child.sendintr()
    child.expect("Stop plain #1")
    return child


def _ended(child: pexpect.spawn[str]) -> tuple[int | None, str]:
    child.expect(pexpect.EOF)
    child.wait()
    child.close()
    return child.exitstatus, child.before or ""


def test_on_a_terminal_it_offers_to_stop(terminal: pexpect.spawn[str], jenkins: FakeJenkins) -> None:
    terminal.sendline("y")
    status, said = _ended(terminal)
    assert (status, "plain #1 ended as ABORTED" in said) == (130, True)
    assert jenkins.build("plain").result == "ABORTED"


_LEAVES: list[Callable[[pexpect.spawn[str]], object]] = [
    lambda child: child.sendline("n"),
    lambda child: child.sendintr(),
]


@pytest.mark.parametrize("leave", _LEAVES, ids=["no", "a-second-ctrl-c"])
def test_it_may_be_left_running(
    terminal: pexpect.spawn[str], jenkins: FakeJenkins, leave: Callable[[pexpect.spawn[str]], object]
) -> None:
    leave(terminal)
    status, said = _ended(terminal)
    assert (status, "plain #1 goes on; stop it with 'cictl build stop --job plain --build 1'" in said) == (130, True)
    assert jenkins.build("plain").building


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_off_a_terminal_it_says_how_to_stop(
    jenkins: FakeJenkins, tmp_path: Path, sent: signal.Signals, status: int
) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _LISTENING, *_START],
        env=_environ(jenkins),
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    while "hello" not in child.stdout.readline():
        assert child.poll() is None
    child.send_signal(sent)
    _, stderr = child.communicate(timeout=_PATIENCE_SECONDS)
    assert (child.returncode, "plain #1 goes on; stop it with 'cictl build stop" in stderr) == (status, True), stderr
    assert jenkins.build("plain").building
    assert [each.path for each in jenkins.asked("POST")] == ["/job/plain/build?delay=0sec"]
