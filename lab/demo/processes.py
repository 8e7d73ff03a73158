"""Who drives a run: the worker of the demo's own repository, and all that it has started."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

_DYING_SECONDS = 20.0


def kill_worker(repository: Path) -> int:
    """Kill who works on the pushes to REPOSITORY, with all that comes of it; return how many processes that were."""
    return kill_tree(*workers_on(repository))


def workers_on(repository: Path) -> list[int]:
    """Return the processes that work on the pushes to REPOSITORY, without those that they have started."""
    return [pid for pid in _parents() if _words(pid)[-3:] == ["hook", "work", str(repository)]]


def kill_tree(*roots: int) -> int:
    """Kill ROOTS and all that they have started at one blow, as a machine does that loses its power; return how many.

    All are stopped before any is killed, so that none sees another end, or starts one that is not known here. When this
    returns they hold no lock any more.
    """
    doomed: set[int] = set()
    while found := _descendants(roots) - doomed:
        doomed |= found
        _send(signal.SIGSTOP, found)
    _send(signal.SIGKILL, doomed)
    _await_end(doomed)
    return len(doomed)


def _send(sent: signal.Signals, pids: set[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sent)


def _await_end(pids: set[int]) -> None:
    deadline = time.monotonic() + _DYING_SECONDS
    while any(map(_lives, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    """Whether PID is there and not only waits for its parent to hear of its end."""
    with contextlib.suppress(OSError):
        return _stat(pid)[0] not in {"Z", "X"}
    return False


def _descendants(roots: Sequence[int]) -> set[int]:
    """Return those of ROOTS that run, and all that descends from them."""
    parents = _parents()
    return {pid for pid in parents if not set(roots).isdisjoint(_line(pid, parents))}


def _parents() -> dict[int, int]:
    """Return the parent of each process."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found[int(entry.name)] = int(_stat(int(entry.name))[1])
    return found


def _stat(pid: int) -> list[str]:
    """Return what the kernel says of PID behind its name: its state, its parent, and more."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _words(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return [word.decode(errors="replace") for word in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]]
    return []


def _line(pid: int, parents: dict[int, int]) -> list[int]:
    """Return PID and those that it descends from."""
    found = [pid]
    while (parent := parents.get(found[-1])) and parent not in found:
        found.append(parent)
    return found
