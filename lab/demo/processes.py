"""Who drives a run: the worker of the demo's own repository, and all that it has started."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def kill_worker(repository: Path) -> int:
    """Kill who works on the pushes to REPOSITORY, with all that comes of it; return how many processes that were."""
    parents = {}
    workers = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal():
                parents[int(entry.name)] = _parent(entry)
                if _words(entry)[-3:] == ["hook", "work", str(repository)]:
                    workers.append(int(entry.name))
    doomed = [pid for pid in parents if any(worker in _line(pid, parents) for worker in workers)]
    for pid in sorted(doomed):  # who watches the others first
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(doomed)


def _words(entry: Path) -> list[str]:
    return [word.decode(errors="replace") for word in (entry / "cmdline").read_bytes().split(b"\0")[:-1]]


def _parent(entry: Path) -> int:
    return int((entry / "stat").read_text().rpartition(")")[2].split()[1])


def _line(pid: int, parents: dict[int, int]) -> list[int]:
    """Return PID and those that it descends from."""
    found = [pid]
    while (parent := parents.get(found[-1])) and parent not in found:
        found.append(parent)
    return found
