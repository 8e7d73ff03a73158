"""The scratch folder of one run of the pipeline runner, which goes with it; the next run removes what killed ones left.

A run holds its folder by a lock of the kernel, which ends with the last process that holds it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "cictl-run-"
_BEING_MADE_SECONDS = 60.0


@contextmanager
def scratch_folder() -> Iterator[tuple[str, int]]:
    """Give a new folder and the descriptor that holds it: who inherits that and outlives this process holds it on."""
    _remove_abandoned(Path(tempfile.gettempdir()))
    # Files of other users, which containers leave, are no error of the run's.
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as folder:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # where nothing can be locked, nothing is ever taken for abandoned
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield folder, descriptor
        finally:
            os.close(descriptor)


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if _is_abandoned(folder):
                shutil.rmtree(folder)


def _is_abandoned(folder: Path) -> bool:
    """Whether FOLDER is this user's, and nobody holds it or is just about to."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid() or time.time() - status.st_mtime < _BEING_MADE_SECONDS:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)
    return True
