"""A program on PATH that only has to be there and say its version."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping

from cictl.errors import FarSideFailed, NotFound

_LONGEST_SECONDS = 10.0


class Program:
    """NAME on the PATH of ENVIRON."""

    def __init__(self, name: str, *, environ: Mapping[str, str], hint: str) -> None:
        """HINT says how to install it."""
        self._name = name
        self._environ = dict(environ)
        self._hint = hint

    def version(self) -> str:
        """Return the version that `NAME --version` prints."""
        path = shutil.which(self._name, path=self._environ.get("PATH"))
        if path is None:
            raise NotFound(f"there is no {self._name} on PATH", hint=self._hint)
        try:
            done = subprocess.run(
                [path, "--version"],
                env=self._environ,
                capture_output=True,
                text=True,
                check=True,
                timeout=_LONGEST_SECONDS,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise FarSideFailed(f"{path} --version failed: {error}", hint=self._hint) from error
        found = re.search(r"\d+(\.\d+)+", done.stdout)
        return found.group() if found else done.stdout.strip()
