"""The first process of the lab's namespaces: it starts, ends and reaps the parts, on request.

It knows nothing of what the parts are, and restarts none: a part that a fault test killed stays dead until it is asked
for again. When this process ends, the kernel ends every other process, mount and interface of the lab.

A request is one line of JSON over a Unix socket, ``{"do": "start", "part": ..., "argv": [...], "log": ...}``,
``{"do": "kill", "part": ..., "signal": 9}`` or ``{"do": "status"}``; so is the answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

REQUEST_SECONDS = 5
HIDDEN = (Path("/var/log"), Path("/var/lib/cni"), Path("/var/lib/kubelet"))
CARRY = "carry-run"
# The kubelet insists on values of its own for these, which belong to the whole machine: it gets copies.
TUNABLES = (
    *("vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops"),
    *("kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes"),
)


class Supervisor:
    """The parts that run and how the ended ones ended."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ended: dict[str, int] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what a request asks for."""
        match request:
            case {"do": "start", "part": str(part), "argv": [*argv], "log": str(log)}:
                return self.start(part, [str(word) for word in argv], Path(log))
            case {"do": "kill", "part": str(part), "signal": int(number)}:
                return self.kill(part, number)
            case {"do": "status"}:
                return {"running": {part: process.pid for part, process in self.running.items()}, "ended": self.ended}
            case _:
                return {"error": f"unknown request {request!r}"}

    def start(self, part: str, argv: list[str], log: Path) -> dict[str, Any]:
        """Start a part unless it runs."""
        if part not in self.running:
            with log.open("ab") as output:
                # Not where this process began: that checkout may be gone, and then some parts do not start.
                self.running[part] = subprocess.Popen(
                    argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, cwd="/"
                )
            self.ended.pop(part, None)
        return {"pid": self.running[part].pid}

    def kill(self, part: str, number: int) -> dict[str, Any]:
        """Send a signal to a part if it runs."""
        if part in self.running:
            self.running[part].send_signal(number)
        return {"known": part in self.running}

    def reap(self) -> None:
        """Collect every process that ended: parts, and the orphans that only a first process can collect."""
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                self._note_end(*found)

    def _note_end(self, pid: int, status: int) -> None:
        for part, process in list(self.running.items()):
            if process.pid == pid:
                process.returncode = self.ended[part] = os.waitstatus_to_exitcode(status)
                del self.running[part]


def hide_traces(run_directory: Path, state: Path) -> None:
    """Cover the directories in which the parts would leave traces on the machine; only the lab sees the covers."""
    carry = state / CARRY
    carry.mkdir(exist_ok=True)
    _mount("--bind", str(run_directory), str(carry))
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    run_directory.mkdir(parents=True, exist_ok=True)
    _mount("--move", str(carry), str(run_directory))
    for directory in HIDDEN:
        _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(directory))
    copies = state / "tunables"
    copies.mkdir(exist_ok=True)
    for tunable in TUNABLES:
        original, copy = Path("/proc/sys", tunable), copies / tunable.replace("/", ".")
        if original.exists():
            copy.write_text(original.read_text())
            _mount("--bind", str(copy), str(original))


def serve(path: Path) -> None:
    """Answer requests until the end of the lab."""
    supervisor = Supervisor()
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.settimeout(0)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as ready:
        os.umask(0o077)
        path.unlink(missing_ok=True)
        listening.bind(str(path))
        os.umask(0o022)
        listening.listen()
        ready.register(listening, selectors.EVENT_READ)
        ready.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is woken:
                    woken.recv(4096)
                    supervisor.reap()
                else:
                    _answer_one(listening, supervisor)


def _answer_one(listening: socket.socket, supervisor: Supervisor) -> None:
    connection, _ = listening.accept()
    with connection, contextlib.suppress(OSError):
        connection.settimeout(REQUEST_SECONDS)
        with connection.makefile("rwb") as stream:
            try:
                answer = supervisor.answer(json.loads(stream.readline()))
            except (OSError, ValueError) as error:
                answer = {"error": str(error)}
            stream.write(json.dumps(answer).encode() + b"\n")


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


if __name__ == "__main__":
    hide_traces(Path(sys.argv[1]), Path(sys.argv[2]))
    serve(Path(sys.argv[1], "supervisor.sock"))
