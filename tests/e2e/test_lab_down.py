"""The lab's end. It takes the lab away from everything else, so it runs in a phase of its own, last."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab import requirements
from lab.layout import REPOSITORY, default_layout
from tests.running import eventually

BUSY_SECONDS = 120.0
QUICK_SECONDS = 120.0  # ten on a machine that does nothing else; to build everything takes many minutes
GUARD = re.compile(r"^unreachable 198\.18\.0\.0/15 .*\n", re.MULTILINE)
PARTS = ("etcd", "dockerd", "containerd", "kube", "prometheus", "coredns", "docker-registry", "pause", "busybox")


def lab(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "lab", *arguments]
    return subprocess.run(argv, cwd=REPOSITORY, text=True, capture_output=True, check=False)


def said(*argv: str) -> str:
    return subprocess.run(argv, text=True, capture_output=True, check=True).stdout


def processes() -> set[str]:
    """Return what runs of the lab's programs."""
    names = {_name(entry) for entry in Path("/proc").glob("[0-9]*/comm")}
    return {name for name in names if name.startswith(PARTS)}


def _name(entry: Path) -> str:
    """Return what a process is called, nothing where it ends just now."""
    try:
        return entry.read_text().strip()
    except OSError:
        return ""


def cgroups() -> list[str]:
    """Return the lab's control groups; others may come and go meanwhile."""
    folders = [f"{above}/{name}" for above, names, _ in os.walk("/sys/fs/cgroup") for name in names]
    return [folder for folder in folders if Path(folder).name.startswith("cictl-lab")]


def traces() -> dict[str, object]:
    """Return what of the machine a lab could have changed."""
    tables = [said(program) for program in ("iptables-save", "ip6tables-save")]
    return {
        "processes": processes(),
        "mounts": sorted(line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()),
        "interfaces": sorted(entry.name for entry in Path("/sys/class/net").iterdir()),
        "routes": GUARD.sub("", said("ip", "route")),
        "iptables": [line for table in tables for line in table.splitlines() if not line.startswith(("#", ":"))],
        "cgroups": cgroups(),
        "run": sorted(entry.name for entry in Path("/run").iterdir() if entry.name not in {"cictl-lab.lock", "mount"}),
        "directories": [path for path in ("/var/lib/cni", "/var/lib/kubelet", "/var/log/pods") if Path(path).exists()],
        "settings": [Path("/proc/sys", name).read_text() for name in ("vm/overcommit_memory", "kernel/panic")],
        "forwarding": Path("/proc/sys/net/ipv4/ip_forward").read_text(),
    }


def assert_as(before: dict[str, object]) -> None:
    """Check that the machine is as BEFORE; the kernel takes interfaces away some time after their last process."""

    def others() -> dict[str, object]:
        return {name: now for name, now in traces().items() if now != before[name]}

    eventually(lambda: not others(), what=others)


@pytest.fixture(scope="module")
def before() -> dict[str, object]:
    """Take the lab down and look at the machine without it."""
    if lacks := requirements.missing(requirements.gather()):
        pytest.skip("; ".join(lacks))
    assert lab("down").returncode == 0
    return traces()


def test_no_lab_leaves_nothing_that_could_be_mistaken_for_one(before: dict[str, object]) -> None:
    assert not before["processes"]
    assert not before["cgroups"]
    assert "198.18." not in str(before["routes"])
    assert "labhost" not in str(before["interfaces"])


@pytest.mark.usefixtures("before")
def test_down_of_nothing_is_no_error() -> None:
    assert lab("down").returncode == 0


def test_down_leaves_only_the_guard_route(before: dict[str, object]) -> None:
    assert lab("up").returncode == 0
    assert traces() != before
    assert lab("down").returncode == 0
    assert_as(before)
    assert GUARD.search(said("ip", "route"))


@pytest.mark.parametrize("process", [pytest.param("holder", id="holder"), pytest.param("first", id="first")])
@pytest.mark.parametrize("then", [pytest.param("down", id="then-down"), pytest.param("up", id="then-up")])
def test_after_a_crash(before: dict[str, object], process: str, then: str) -> None:
    assert lab("up").returncode == 0
    os.kill(json.loads(default_layout().record.read_text())[process]["pid"], signal.SIGKILL)
    eventually(lambda: not processes(), seconds=BUSY_SECONDS, what=processes)
    done = lab(then)
    assert done.returncode == 0, done.stderr
    if then == "up":
        eventually(lambda: lab("status").returncode == 0, seconds=BUSY_SECONDS, what=lambda: lab("status").stdout)
        assert lab("down").returncode == 0
    assert_as(before)


def test_up_is_quick_when_everything_is_built(before: dict[str, object]) -> None:
    began = time.monotonic()
    done = lab("up")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < QUICK_SECONDS
    assert traces()["processes"] != before["processes"]
