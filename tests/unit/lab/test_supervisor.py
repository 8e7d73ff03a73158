"""The supervisor's answers."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab.supervisor import Supervisor


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Write processes down instead of starting them."""
    calls: list[list[str]] = []

    def spawn(argv: list[str], **_: object) -> SimpleNamespace:
        calls.append(argv)
        return SimpleNamespace(pid=100 + len(calls), returncode=None, send_signal=lambda _number: None)

    monkeypatch.setattr(subprocess, "Popen", spawn)
    return calls


def end(monkeypatch: pytest.MonkeyPatch, *ended: tuple[int, int]) -> None:
    waiting = iter([*ended, (0, 0)])
    monkeypatch.setattr(os, "waitpid", lambda *_: next(waiting))


def start_request(tmp_path: Path) -> dict[str, object]:
    return {"do": "start", "part": "etcd", "argv": ["etcd", "--x"], "log": str(tmp_path / "log")}


def test_a_part_is_started_once(tmp_path: Path, started: list[list[str]]) -> None:
    lab = Supervisor()
    assert lab.answer(start_request(tmp_path)) == {"pid": 101}
    assert lab.answer(start_request(tmp_path)) == {"pid": 101}
    assert started == [["etcd", "--x"]]


def test_a_part_that_died_stays_dead_until_it_is_started(
    tmp_path: Path, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = Supervisor()
    lab.answer(start_request(tmp_path))
    assert lab.answer({"do": "kill", "part": "etcd", "signal": 9}) == {"known": True}
    end(monkeypatch, (999, 0), (101, 9))
    lab.reap()
    assert lab.answer({"do": "status"}) == {"running": {}, "ended": {"etcd": -9}}
    assert lab.answer({"do": "kill", "part": "etcd", "signal": 9}) == {"known": False}
    lab.answer(start_request(tmp_path))
    assert lab.answer({"do": "status"}) == {"running": {"etcd": 102}, "ended": {}}
    assert len(started) == 2


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({}, id="empty"),
        pytest.param({"do": "dance"}, id="unknown"),
        pytest.param({"do": "start", "part": "etcd"}, id="incomplete"),
    ],
)
def test_what_it_does_not_know_it_refuses(request_: dict[str, Any]) -> None:
    assert "unknown request" in Supervisor().answer(request_)["error"]


def test_a_part_starts_though_the_checkout_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "checkout"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    log, lab = tmp_path / "log", Supervisor()
    lab.answer({"do": "start", "part": "pwd", "argv": ["pwd", "-P"], "log": str(log)})
    lab.running["pwd"].wait(10)
    assert log.read_text() == "/\n"
