"""How the files of runs of pushes are read, written and locked; what the system refuses is an error of one run."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cictl.errors import NotAllowed

_RESULT_BYTES = 64 * 1024 * 1024  # more than the log's limit leaves of a run; what is larger is not read whole
_HEAD_BYTES, _TAIL_BYTES = 65536, 16


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Have what the system refuses at PATH be an error of this one thing, which stops no run of another branch."""
    try:
        yield
    except OSError as error:
        raise not_written(path, error) from error


def not_written(path: Path, error: OSError) -> NotAllowed:
    """Return the error of what the system refused to write at PATH."""
    hint = "be the user that the repository belongs to, and see that the disk is not full"
    return NotAllowed(f"{path} cannot be written: {error.strerror}", hint=hint)


def not_read(path: Path, error: OSError) -> NotAllowed:
    """Return the error of what the system refused to read at PATH."""
    return NotAllowed(f"{path} cannot be read: {error.strerror}", hint="be the user that the repository belongs to")


@contextmanager
def lock_file(path: Path) -> Iterator[int]:
    """Give the lock file at PATH, made where there is none; a link is never followed."""
    with writing(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock at PATH, which is never made here: who looks may be root."""
    try:
        with path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    except OSError as error:
        raise not_read(path, error) from error
    return False


def read_result(path: Path) -> Mapping[str, Any] | None:
    """Return what `cictl pipeline run -o json` printed to PATH at its end, None where it has not come so far."""
    try:
        if path.stat().st_size > _RESULT_BYTES:
            return _head_of_result(path)
        data = json.loads(path.read_text(encoding="utf-8", errors="surrogateescape"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) and data.get("result") else None


def _head_of_result(path: Path) -> Mapping[str, Any] | None:
    """Return how a run ended of which there is too much at PATH to read it all; None where its end is missing."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        file.seek(-_TAIL_BYTES, os.SEEK_END)
        is_whole = file.read().rstrip().endswith(b"}")
    found = re.search(rb'^  "result": "([A-Z_]+)"', head, re.MULTILINE)
    return {"result": found[1].decode()} if found and is_whole else None
