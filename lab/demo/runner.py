"""Runs the programs of the demo in its folder, and shows them and what they say."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from lab.demo.screen import Screen
from lab.errors import LabError

# Settings of the user's own platform, which would win over the demo's cictl.yaml.
_SECTIONS = ("REGISTRY", "PROMETHEUS", "ENVIRONMENTS", "STRATEGIES", "GATES", "SERVICES")
_OTHERS = ("CICTL_CONFIG", *(f"CICTL_{section}_" for section in _SECTIONS))


class DemoError(LabError):
    """Something did not go as it should."""


class Runner:
    """Starts programs as a user of the lab would, in the folder of the demo."""

    def __init__(self, screen: Screen, folder: Path, variables: Mapping[str, str]) -> None:
        """Run in FOLDER; VARIABLES are what the lab exports."""
        self.screen = screen
        self._folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
        self.environment = {**kept, **variables}
        programs = Path(sys.executable).parent
        self.environment["PATH"] = f"{programs}:{self.environment.get('PATH', os.defpath)}"

    def run(self, *words: str, expect: int = 0) -> None:
        """Show a command and what it says; DemoError where it does not end with EXPECT."""
        self.screen.command(words)
        process = self.start(*words)
        _check(words, process.wait(), expect)

    def ask(self, *words: str) -> str:
        """Return what a command says, without showing it."""
        process = self._start(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = process.communicate()
        if process.returncode:
            raise DemoError(f"'{' '.join(words)}' ended with {process.returncode}: {errors.strip()}")
        return output

    def start(self, *words: str) -> Running:
        """Start a program: on a terminal it draws there itself, elsewhere its lines are shown as they come."""
        if self.screen.is_terminal:
            return Running(self._start(words), [])
        process = self._start(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return Running(process, [_follow(process.stdout, self.screen.output)])

    def _start(
        self, words: Sequence[str], *, stdout: int | None = None, stderr: int | None = None
    ) -> subprocess.Popen[str]:
        try:
            return subprocess.Popen(
                words, cwd=self._folder, env=self.environment, stdout=stdout, stderr=stderr, text=True
            )
        except FileNotFoundError as problem:
            raise DemoError(f"{words[0]} is not installed", hint=f"the demo needs {words[0]} on PATH") from problem


class Running:
    """A program under way, and who follows its lines."""

    def __init__(self, process: subprocess.Popen[str], followers: Sequence[threading.Thread]) -> None:
        """Follow PROCESS."""
        self.process = process
        self._followers = followers

    def wait(self) -> int:
        """Return its exit code once all that it said was shown."""
        status = self.process.wait()
        for follower in self._followers:
            follower.join()
        return status


def _follow(stream: IO[str] | None, take: Callable[[str], None]) -> threading.Thread:
    """Give each line of STREAM to TAKE in a thread; no stream, no lines."""

    def read() -> None:
        for line in stream or ():
            take(line.rstrip())

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def _check(words: Sequence[str], status: int, expected: int) -> None:
    if status != expected:
        raise DemoError(f"'{' '.join(words[:4])}' ended with {status}, not with {expected}")
