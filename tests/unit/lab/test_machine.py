"""Processes that are told apart from later ones of the same number."""

import os
from pathlib import Path

import pytest

from lab import machine
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


def test_controllers_are_passed_on_in_version_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cgroup.controllers").touch()
    monkeypatch.setattr(machine, "CGROUPS", tmp_path)
    machine.make_cgroups()
    assert (tmp_path / "cgroup.subtree_control").exists()
    assert (tmp_path / "cictl-lab").is_dir()
    machine.remove_cgroups()
    assert not (tmp_path / "cictl-lab").exists()


def test_a_group_of_version_1_inherits_processors_and_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = tmp_path / "cpuset"
    group = top / "cictl-lab"
    group.mkdir(parents=True)
    for name, content in (("cgroup.procs", ""), ("cpuset.cpus", "0-1\n"), ("cpuset.mems", "0\n")):
        (top / name).write_text(content)
        (group / name).write_text("\n")
    monkeypatch.setattr(machine, "CGROUPS", tmp_path)
    machine.make_cgroups()
    assert (group / "cpuset.cpus").read_text() == "0-1\n"
    assert (group / "cpuset.mems").read_text() == "0\n"
