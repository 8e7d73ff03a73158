"""Writes files whole: who reads one meanwhile, or after a kill, finds the old one or the new one, never half of it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PRIVATE, _AS_UMASK_SAYS = 0o600, 0o666


def write_whole(
    path: Path, content: bytes | Iterable[bytes], *, is_private: bool = False, is_synced: bool = False
) -> None:
    """Put a file of CONTENT, which may come in parts, in the place of PATH, be that a link; its folder must exist.

    Raises OSError. If IS_PRIVATE, it is its owner's alone. If IS_SYNCED, CONTENT is on the disk before this returns, so
    that not even a loss of power leaves half of it.
    """
    beside = path.with_name(f".cictl-{os.urandom(8).hex()}.new")
    try:
        # O_EXCL: what somebody put there is not opened, and no link of theirs is followed.
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE if is_private else _AS_UMASK_SAYS)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)
            if is_synced:
                file.flush()
                os.fsync(descriptor)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def write_output(path: Path, content: bytes, *, is_private: bool = False) -> None:
    """Write CONTENT where somebody asked for it: whole if PATH is a file or none yet, through links. Raises OSError.

    A device or a pipe, as /dev/stdout, is written to, and stays what it is.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(content)
    else:
        write_whole(Path(os.path.realpath(path)), content, is_private=is_private, is_synced=True)
