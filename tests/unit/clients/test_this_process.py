"""Whether a process that a lock names still lives."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cictl.clients.this_process import ThisProcess


def _token_of(pid: int, started: str = "1") -> str:
    return "/".join((*ThisProcess().token.split("/")[:3], str(pid), started))


def test_this_one_lives() -> None:
    assert not ThisProcess().is_dead(ThisProcess().token)
    assert f"process {os.getpid()}" in ThisProcess().who


def test_one_that_ended_is_dead() -> None:
    code = "from cictl.clients.this_process import ThisProcess as P; print(P().token)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ThisProcess().is_dead(ended.stdout.strip())


def test_another_with_the_same_number_is_another() -> None:
    assert ThisProcess().is_dead(_token_of(os.getpid()))


@pytest.mark.parametrize(
    "token", ["", "x", "elsewhere/boot/1/4194999/1", _token_of(4194999, "?"), "a/b/c/d/e", "a/b/c/d/e/f"]
)
def test_what_cannot_be_told_is_not_dead(token: str) -> None:
    assert not ThisProcess().is_dead(token)
