"""What is left behind when cictl itself is at fault: a redacted traceback in a file that only its owner reads."""

from __future__ import annotations

import os
import platform
import shlex
import sys
import time
import traceback
from typing import TYPE_CHECKING

from cictl.redaction import redacted
from cictl.user_folders import state_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def write_traceback(error: BaseException, *, argv: Sequence[str], environ: Mapping[str, str]) -> Path | None:
    """Write ERROR's traceback below XDG_STATE_HOME and return its path, None if nothing can be written there."""
    folder = state_folder(environ)
    path = folder / f"traceback-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.txt"
    header = f"command: cictl {shlex.join(argv)}\npython: {platform.python_version()} on {platform.platform()}\n\n"
    text = header + "".join(traceback.format_exception(error))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(redacted(text))
    except OSError:
        print(redacted(text), file=sys.stderr)  # noqa: T201 - the last way out, when not even a file can be written
        return None
    return path
