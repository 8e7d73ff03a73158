"""What the lab needs of the machine: a link, a place for its control groups, and processes by identity."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError, TimedOutError
from lab.layout import CGROUP, HOST_ADDRESS, HOST_LINK, INNER_LINK, NETWORK, NODE_ADDRESS
from lab.shell import run, succeeds

GUARD_METRIC = "9999"
CGROUPS = Path("/sys/fs/cgroup")
END_SECONDS = 20.0
INHERITED = ("cpuset.cpus", "cpuset.mems")
CONTROLLERS = ("cpu", "cpuset", "io", "memory", "pids", "hugetlb")
INNER_SETTINGS = {
    "ip_forward": "/proc/sys/net/ipv4/ip_forward",
    "bridge": "/proc/sys/net/bridge/bridge-nf-call-iptables",
}


@dataclass(frozen=True)
class Identity:
    """A process that cannot be confused with a later one of the same number."""

    pid: int
    started: int

    def is_alive(self) -> bool:
        """Tell whether exactly this process still runs."""
        return identify(self.pid) == self


def identify(pid: int) -> Identity | None:
    """Return the identity of a process, or nothing when it is gone or only waits to be collected."""
    fields = _stat(pid)
    return Identity(pid, int(fields[19])) if fields and fields[0] not in "ZX" else None


def children(pid: int) -> list[int]:
    """Return the processes that a process started."""
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [number for number in numbers if (fields := _stat(number)) and int(fields[1]) == pid]


def members(first: int) -> dict[int, int]:
    """Return the processes of the namespace whose first process is given: number inside to number outside."""
    space = _namespace(first)
    found: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _namespace(int(entry.name)) == space:
            with contextlib.suppress(OSError, StopIteration):
                lines = Path(entry, "status").read_text().splitlines()
                inner = next(line for line in lines if line.startswith("NSpid:"))
                found[int(inner.split()[-1])] = int(entry.name)
    return found


def memory_bytes(pid: int) -> int:
    """Return how much memory a process holds."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def end(process: Identity) -> None:
    """Kill a process and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        if process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + END_SECONDS
    while process.is_alive():
        if time.monotonic() > deadline:
            raise TimedOutError(f"process {process.pid} does not end")
        time.sleep(0.02)


def connect(pid: int) -> None:
    """Link the machine to the network namespace of a process, and route the lab's addresses there."""
    disconnect()
    inside = ["nsenter", "--target", str(pid), "--net"]
    run(["ip", "link", "add", HOST_LINK, "type", "veth", "peer", "name", INNER_LINK, "netns", str(pid)])
    host = (
        f"address add {HOST_ADDRESS}/24 dev {HOST_LINK}",
        f"link set {HOST_LINK} up",
        f"route add {NETWORK} via {NODE_ADDRESS}",
    )
    inner = (
        "link set lo up",
        f"address add {NODE_ADDRESS}/24 dev {INNER_LINK}",
        f"link set {INNER_LINK} up",
        f"route add default via {HOST_ADDRESS}",
    )
    run([*inside, "ip", "-batch", "-"], stdin="\n".join(inner))
    run(["ip", "-batch", "-"], stdin="\n".join(host))
    for setting in INNER_SETTINGS.values():
        run([*inside, "sh", "-c", f"[ ! -e {setting} ] || echo 1 > {setting}"])


def is_connected() -> bool:
    """Tell whether the machine is linked to a lab and routes to it."""
    return bool(run(["ip", "route", "show", NETWORK, "via", NODE_ADDRESS]).strip())


def guard() -> None:
    """While the lab is down, refuse its addresses here instead of sending them to whatever is beyond."""
    if not run(["ip", "route", "show", "type", "unreachable", NETWORK]).strip():
        run(["ip", "route", "add", "unreachable", NETWORK, "metric", GUARD_METRIC])


def disconnect() -> None:
    """Remove the link; the route goes with it."""
    if Path("/sys/class/net", HOST_LINK).exists() and not succeeds(["ip", "link", "delete", HOST_LINK]):
        _wait_for_link_to_go()


def make_cgroups() -> None:
    """Make the group under which everything that the lab runs in containers is accounted."""
    for top in _hierarchies():
        group = top / CGROUP
        _pass_on_controllers(top)
        group.mkdir(exist_ok=True)
        for name in INHERITED:
            # Version 1 starts a group without processors and memory, and then nothing can run in it.
            if (group / name).exists() and not (group / name).read_text().strip():
                (group / name).write_text((top / name).read_text())


def remove_cgroups() -> None:
    """Remove the lab's groups; the kernel refuses those that still hold a process."""
    for top in _hierarchies():
        for directory, _, _ in os.walk(top / CGROUP, topdown=False):
            with contextlib.suppress(OSError):
                Path(directory).rmdir()


def _hierarchies() -> list[Path]:
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS]
    return [entry for entry in CGROUPS.iterdir() if entry.is_dir() and not entry.is_symlink() and _is_group(entry)]


def _pass_on_controllers(top: Path) -> None:
    """In version 2, let the groups below use the controllers that the kubelet asks for."""
    for controller in CONTROLLERS:
        with contextlib.suppress(OSError):
            if (top / "cgroup.controllers").exists():
                (top / "cgroup.subtree_control").write_text(f"+{controller}")


def _is_group(directory: Path) -> bool:
    return (directory / "cgroup.procs").exists()


def _wait_for_link_to_go() -> None:
    deadline = time.monotonic() + END_SECONDS
    while Path("/sys/class/net", HOST_LINK).exists():
        if time.monotonic() > deadline:
            raise LabError(f"the interface {HOST_LINK} does not go away")
        time.sleep(0.02)


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third on; the second may contain anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _namespace(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    except OSError:
        return ""
