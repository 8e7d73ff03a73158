"""Processes that are told apart from later ones of the same number."""

import os

from lab import machine, packages
from lab.machine import Identity


def test_a_process_is_itself() -> None:
    own = machine.identify(os.getpid())
    assert own is not None
    assert own.is_alive()


def test_a_later_process_of_the_same_number_is_another() -> None:
    own = machine.identify(os.getpid())
    assert own is not None
    assert not Identity(own.pid, own.started - 1).is_alive()


def test_a_process_that_is_gone() -> None:
    assert machine.identify(2**22 + 1) is None
    assert machine.memory_bytes(2**22 + 1) == 0


def test_only_what_is_missing_is_installed() -> None:
    assert packages.missing({"there": "/proc/self/stat", "absent": "/nonexistent"}) == ["absent"]
