"""What a process uses, as the kernel counts it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bench.machine import field_of

_MEBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class Usage:
    """Memory in MiB: now, and the most so far; CPU in seconds since the process began."""

    memory: float
    peak_memory: float
    cpu_seconds: float


def usage_of(pid: int) -> Usage:
    """Return what the process PID uses."""
    status = f"/proc/{pid}/status"
    now, peak = (int(field_of(status, name).split()[0]) / _MEBIBYTE for name in ("VmRSS", "VmHWM"))
    return Usage(now, peak, cpu_seconds(Path(f"/proc/{pid}/stat").read_text()))


def cpu_seconds(stat: str) -> float:
    """Return user and system time of a line of /proc/PID/stat; the name in it may hold spaces."""
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
