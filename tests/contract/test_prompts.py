"""What cictl asks on a terminal: it waits for an answer, writes nothing without one, and echoes no password."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from cictl.errors import ExitCode
from tests.contract.bootstrap_platform import Platform
from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.server import ADMIN_PASSWORD

_PATIENCE_SECONDS = 300
_INTERRUPTED = 130
Terminal = Callable[..., "pexpect.spawn[str]"]


@pytest.fixture
def platform(ready: FakeJenkins, tmp_path: Path) -> Platform:
    return Platform(tmp_path / "platform", ready.url)


@pytest.fixture
def terminal(platform: Platform) -> Terminal:
    def start(*argv: str) -> pexpect.spawn[str]:
        return pexpect.spawn(
            sys.executable,
            ["-m", "cictl", *argv],
            env={**platform.environ, "PATH": os.environ["PATH"], "TERM": "xterm"},
            cwd=str(platform.folder),
            encoding="utf-8",
            timeout=_PATIENCE_SECONDS,
            dimensions=(40, 200),
        )

    return start


def _ended(child: pexpect.spawn[str]) -> tuple[int | None, str]:
    child.expect(pexpect.EOF)
    child.wait()
    child.close()
    return child.exitstatus, child.before or ""


_FOLDERS = ("bootstrap", "--only", "access", "--only", "folders")


def test_bootstrap_shows_its_plan_and_does_it_when_told(
    terminal: Terminal, platform: Platform, ready: FakeJenkins
) -> None:
    platform.signed_in(ready)
    child = terminal(*_FOLDERS)
    child.expect(r"shop/ci +create")
    child.expect(r"Do 4 of these\? \[y/N\]")
    assert ready.asked("POST") == []
    child.sendline("y")
    status, said = _ended(child)
    assert (status, "created" in said) == (ExitCode.OK, True)
    assert "shop/ci" in ready.jobs()


_REFUSALS = [
    pytest.param(lambda child: child.sendline("n"), id="no"),
    pytest.param(lambda child: child.sendline(""), id="return"),
    pytest.param(lambda child: child.sendeof(), id="end-of-input"),
    pytest.param(lambda child: child.sendintr(), id="ctrl-c"),
]


@pytest.mark.parametrize("refuse", _REFUSALS)
def test_bootstrap_writes_nothing_unless_told(
    terminal: Terminal, platform: Platform, ready: FakeJenkins, refuse: Callable[[pexpect.spawn[str]], object]
) -> None:
    platform.signed_in(ready)
    child = terminal(*_FOLDERS)
    child.expect(r"Do 4 of these\? \[y/N\]")
    refuse(child)
    status, said = _ended(child)
    assert (status, "Traceback" in said) == (_INTERRUPTED, False)
    assert (ready.asked("POST"), ready.jobs()) == ([], {})


@pytest.mark.parametrize(("answer", "is_written"), [("n", False), ("y", True)])
def test_jobs_apply_asks(
    terminal: Terminal, platform: Platform, ready: FakeJenkins, answer: str, *, is_written: bool
) -> None:
    platform.signed_in(ready)
    for name in ("shop", "shop/ci", "shop/deploy", "shop/admin"):
        ready.put(name, "<com.cloudbees.hudson.plugins.folder.Folder/>")
    child = terminal("jobs", "apply")
    child.expect(r"\[y/N\]")
    assert "shop/ci/checkout" not in ready.jobs()
    child.sendline(answer)
    _ended(child)
    assert ("shop/ci/checkout" in ready.jobs()) == is_written


@pytest.mark.parametrize("name", [(), ("--user", "admin")], ids=["both-are-asked", "password-alone"])
def test_login_asks_and_shows_no_password(terminal: Terminal, ready: FakeJenkins, name: tuple[str, ...]) -> None:
    child = terminal("login", *name)
    if not name:
        child.expect("User")
        child.sendline("admin")
    child.expect("Password of admin at http")
    child.waitnoecho(_PATIENCE_SECONDS)
    child.sendline(ADMIN_PASSWORD)
    status, said = _ended(child)
    assert (status, "created" in said) == (ExitCode.OK, True)
    assert ADMIN_PASSWORD not in said
    assert len(ready.tokens("admin")) == 2


@pytest.mark.parametrize("refuse", _REFUSALS[2:])
def test_login_that_is_broken_off_leaves_nothing(
    terminal: Terminal, platform: Platform, ready: FakeJenkins, refuse: Callable[[pexpect.spawn[str]], object]
) -> None:
    child = terminal("login", "--user", "admin")
    child.expect("Password of admin at http")
    child.waitnoecho(_PATIENCE_SECONDS)
    refuse(child)
    status, said = _ended(child)
    assert (status, "Traceback" in said) == (_INTERRUPTED, False)
    assert ready.asked("POST") == []
    assert [path for path in (platform.folder / "state").rglob("*") if path.is_file()] == []


def test_a_wrong_password_is_told_and_asked_for_no_more(terminal: Terminal, ready: FakeJenkins) -> None:
    child = terminal("login", "--user", "admin")
    child.expect("Password of admin at http")
    child.waitnoecho(_PATIENCE_SECONDS)
    child.sendline("wr0ng-passphrase")
    status, said = _ended(child)
    assert (status, "does not know 'admin'" in said, "wr0ng-passphrase" in said) == (ExitCode.NOT_ALLOWED, True, False)
    assert [each.status for each in ready.requests] == [401]
