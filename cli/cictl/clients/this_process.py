"""Which process this is, so that another run on the same machine can tell whether it still lives."""

from __future__ import annotations

import getpass
import os
import socket
from pathlib import Path

_PARTS = 5


class ThisProcess:
    """The process itself, as it stands in a lock."""

    @property
    def who(self) -> str:
        """User, machine and process, for people."""
        try:
            user = getpass.getuser()
        except (KeyError, OSError):  # a container's user may have no name
            user = str(os.getuid())
        return f"{user}@{socket.gethostname()}, process {os.getpid()}"

    @property
    def token(self) -> str:
        """What tells this process from any other, on any machine, now and after a restart."""
        return "/".join((*_place(), str(os.getpid()), _started(os.getpid()) or "?"))

    def is_dead(self, token: str) -> bool:
        """Whether the process of TOKEN ran here and is no more; false where this machine cannot tell."""
        parts = token.rsplit("/", _PARTS - 1)
        if len(parts) != _PARTS or tuple(parts[:3]) != _place() or "?" in parts or not parts[3].isdigit():
            return False
        return _started(int(parts[3])) != parts[4]


def _place() -> tuple[str, str, str]:
    """Return machine, its boot and the processes' namespace: a number of a process says nothing without them."""
    return socket.gethostname().replace("/", "-"), _boot(), _namespace()


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "?"


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return "?"


def _started(pid: int) -> str | None:
    """Return when the process PID began, in ticks since the boot; None if there is none, or it is a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]
