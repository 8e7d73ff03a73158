"""Runs other programs, and turns their failure into an error that says what they said."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.errors import LabError

LAST_LINES = 15


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
) -> str:
    """Run a program to its end and return what it printed."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise LabError(f"{words[0]} is not installed") from error
    if done.returncode != 0:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-LAST_LINES:])
        raise LabError(f"'{' '.join(words[:4])}' failed with exit code {done.returncode}:\n{said}")
    return done.stdout


def succeeds(argv: Sequence[str | Path]) -> bool:
    """Tell whether a program ends with exit code 0."""
    try:
        run(argv)
    except LabError:
        return False
    return True
