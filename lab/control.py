"""Finds the running lab and talks to its supervisor."""

from __future__ import annotations

import contextlib
import fcntl
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from lab.errors import LabError, NotRunningError, UsageError
from lab.layout import REPOSITORY, Layout
from lab.machine import Identity, children, identify, members
from lab.parts import Part
from lab.probing import wait

REQUEST_SECONDS = 10.0
START_SECONDS = 10.0
DEADLY = (signal.SIGKILL, signal.SIGTERM)
NAMESPACES = ("--mount", "--net", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc")


@dataclass(frozen=True)
class Lab:
    """A running lab: the process that holds its namespaces, and the first process inside."""

    holder: Identity
    first: Identity

    def is_alive(self) -> bool:
        """Tell whether both still run."""
        return self.holder.is_alive() and self.first.is_alive()


@contextlib.contextmanager
def locked(layout: Layout) -> Iterator[None]:
    """Let one at a time bring the lab up or down; the others wait."""
    layout.lock.parent.mkdir(parents=True, exist_ok=True)
    with layout.lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def recorded(layout: Layout) -> Lab | None:
    """Return the lab that was started last, whether it still runs or not."""
    try:
        content = json.loads(layout.record.read_text())
    except (OSError, ValueError):
        return None
    return Lab(Identity(**content["holder"]), Identity(**content["first"]))


def running(layout: Layout) -> Lab | None:
    """Return the lab if it runs."""
    lab = recorded(layout)
    return lab if lab and lab.is_alive() else None


def require(layout: Layout) -> Lab:
    """Return the running lab."""
    if lab := running(layout):
        return lab
    raise NotRunningError("the lab is not running", hint="run 'python -m lab up'")


def launch(layout: Layout) -> Lab:
    """Start the supervisor in namespaces of its own and return when it answers."""
    log = layout.logs / "supervisor.log"
    argv = ["unshare", *NAMESPACES, sys.executable, "-m", "lab.supervisor", str(layout.run), str(layout.state)]
    with log.open("ab") as output:
        holder = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=REPOSITORY, start_new_session=True
        )

    _record(layout, holder.pid, holder.pid)

    def answers() -> bool:
        if holder.poll() is not None:
            raise LabError(f"the lab's first process ended at once:\n{log.read_text()[-1000:]}")
        return layout.supervisor_socket.exists() and _can_ask(layout)

    wait(answers, "the lab's first process", timeout_seconds=START_SECONDS, hint=f"see {log}")
    (inner,) = children(holder.pid)
    return _record(layout, holder.pid, inner)


def ask(layout: Layout, **request: object) -> dict[str, Any]:
    """Send the supervisor a request and return its answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(REQUEST_SECONDS)
        try:
            connection.connect(str(layout.supervisor_socket))
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile() as answers:
                answer: dict[str, Any] = json.loads(answers.readline())
        except (OSError, ValueError) as error:
            raise NotRunningError(f"the lab's supervisor does not answer: {error}") from error
    if "error" in answer:
        raise LabError(f"the lab's supervisor refuses: {answer['error']}")
    return answer


def start(layout: Layout, part: Part) -> None:
    """Start a part unless it runs."""
    ask(layout, do="start", part=part.name, argv=part.argv, log=str(layout.logs / f"{part.name}.log"))


def kill(layout: Layout, name: str, *, number: int = signal.SIGKILL, timeout_seconds: float = 20.0) -> None:
    """Send a part a signal, and return when it is gone if the signal is one that ends it."""
    if not ask(layout, do="kill", part=name, signal=number)["known"]:
        raise NotRunningError(f"{name} is not running", hint=f"run 'python -m lab start {name}'")
    if number in DEADLY:
        wait(lambda: name not in inner_pids(layout), f"the end of {name}", timeout_seconds=timeout_seconds)


def inner_pids(layout: Layout) -> dict[str, int]:
    """Return the running parts with their process numbers inside the lab."""
    found: dict[str, int] = ask(layout, do="status")["running"]
    return found


def outer_pids(layout: Layout, lab: Lab) -> dict[str, int]:
    """Return the running parts with their process numbers on this machine."""
    outer = members(lab.first.pid)
    return {part: outer[pid] for part, pid in inner_pids(layout).items() if pid in outer}


def known(table: dict[str, Part], name: str) -> Part:
    """Return the part of a name."""
    if name not in table:
        raise UsageError(f"the lab has no part {name!r}", hint=f"parts are: {', '.join(table)}")
    return table[name]


def _record(layout: Layout, holder: int, first: int) -> Lab:
    """Write down whom to end, at the earliest moment, so that an interrupted start can be cleaned up."""
    found = (identify(holder), identify(first))
    if found[0] is None or found[1] is None:
        raise LabError("the lab's first process ended at once", hint="run 'python -m lab logs supervisor'")
    lab = Lab(found[0], found[1])
    layout.record.write_text(json.dumps(asdict(lab)))
    return lab


def _can_ask(layout: Layout) -> bool:
    try:
        ask(layout, do="status")
    except NotRunningError:
        return False
    return True
