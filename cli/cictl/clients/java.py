"""Finds a Java that can run and compile the pipeline runner; installs none."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cictl.errors import NotFound

OLDEST = 17
INSTALL = "install a JDK of 17 or newer (Debian: apt-get install default-jdk-headless), or set JAVA_HOME to one"
# Java reads names of files as the locale says, whatever else it is told.
UNICODE = {"LC_ALL": "C.UTF-8"} if sys.platform == "linux" else {}
_LONGEST_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Java:
    """One installation, by its folder."""

    home: Path
    version: str

    @property
    def java(self) -> Path:
        """The program that runs classes."""
        return self.home / "bin" / "java"

    def tool(self, name: str) -> Path:
        """Return a program of the development kit, such as javac."""
        path = self.home / "bin" / name
        if not path.exists():
            raise NotFound(f"the Java in {self.home} has no {name}", hint=INSTALL)
        return path


def find_java(environ: Mapping[str, str]) -> Java:
    """Return the Java of JAVA_HOME, else the one on PATH."""
    seen: list[str] = []
    for home in _homes(environ):
        version = _version(home)
        if version is not None and _major(version) >= OLDEST:
            return Java(home, version)
        seen.append(f"{home} ({version or 'unknown version'})")
    found = f"; there is {', '.join(seen)}" if seen else ""
    raise NotFound(f"no Java {OLDEST} or newer was found{found}", hint=INSTALL)


def _homes(environ: Mapping[str, str]) -> Iterator[Path]:
    named = environ.get("JAVA_HOME")
    if named and (Path(named) / "bin" / "java").exists():
        yield Path(named).resolve()
    if found := shutil.which("java", path=environ.get("PATH")):
        yield Path(found).resolve().parent.parent


def _version(home: Path) -> str | None:
    """Read the version from the file beside it, which is quicker than to ask; else ask."""
    try:
        match = re.search(r'^JAVA_VERSION="([^"]+)"', (home / "release").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        match = None
    return match.group(1) if match else _asked(home)


def _asked(home: Path) -> str | None:
    try:
        done = subprocess.run(
            [home / "bin" / "java", "-version"], capture_output=True, text=True, check=True, timeout=_LONGEST_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "([^"]+)"', done.stderr)
    return match.group(1) if match else None


def _major(version: str) -> int:
    """Return 17 for 17.0.15, 8 for 1.8.0."""
    numbers = re.findall(r"\d+", version) or ["0"]
    return int(numbers[1]) if numbers[0] == "1" and len(numbers) > 1 else int(numbers[0])
