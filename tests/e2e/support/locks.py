"""Locks between the processes of one test run, and between runs on one machine."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def lock(name: str, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock called NAME, alone or with others that share it."""
    path = Path(tempfile.gettempdir()) / f"cictl-e2e-{name}.lock"
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
