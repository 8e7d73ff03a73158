"""cictl as users start it: the installed console script, with directories of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

SCRIPT = Path(sys.executable).with_name("cictl")
# Longer than anything takes that ends by itself, however busy the machine; shorter than the pauses that never end.
PATIENCE_SECONDS = 240.0


@dataclass(frozen=True)
class Done:
    """How one command ended."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> dict[str, Any]:
        """The one document on stdout."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    def expect(self, code: int) -> Self:
        """Return this if it exited with CODE; show all that was said otherwise."""
        assert self.code == code, f"exit {self.code}, not {code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"
        return self


class Running:
    """A command under way; its output goes to files, so that no pipe can block it."""

    def __init__(self, command: list[str], directory: Path, environment: Mapping[str, str]) -> None:
        """Start COMMAND."""
        self._folder = tempfile.TemporaryDirectory(prefix="cictl-e2e-")
        self._said = {"stdout": "", "stderr": ""}
        self._is_over = False
        self._began = time.monotonic()
        with self._file("stdout").open("wb") as out, self._file("stderr").open("wb") as err:
            self.process = subprocess.Popen(command, cwd=directory, env=environment, stdout=out, stderr=err)

    def wait(self, timeout: float = PATIENCE_SECONDS) -> Done:
        """Return how it ended; one that does not is shown and killed."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            message = f"did not end within {timeout:g} s\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"
            raise AssertionError(message) from None
        seconds = time.monotonic() - self._began
        self.kill()
        return Done(code, self.stdout, self.stderr, seconds)

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill it if it still runs, and keep what it said."""
        if self._is_over:
            return
        self.process.kill()
        self.process.wait()
        self._said = {name: self._text(name) for name in self._said}
        self._is_over = True
        self._folder.cleanup()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    @property
    def stdout(self) -> str:
        """What it printed so far."""
        return self._text("stdout")

    @property
    def stderr(self) -> str:
        """What it told so far."""
        return self._text("stderr")

    def _file(self, name: str) -> Path:
        return Path(self._folder.name) / name

    def _text(self, name: str) -> str:
        return self._said[name] if self._is_over else self._file(name).read_text(encoding="utf-8", errors="replace")


class Program:
    """Runs cictl in DIRECTORY."""

    def __init__(self, directory: Path, environment: Mapping[str, str], home: Path) -> None:
        """Give it HOME and no other directory of the user's."""
        self.directory = directory
        places = {"XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "config", "XDG_STATE_HOME": "state"}
        passed = {key: environment[key] for key in ("PATH", "KUBECONFIG", "DOCKER_HOST") if key in environment}
        self.environment = {**passed, "HOME": str(home), **{key: str(home / name) for key, name in places.items()}}
        self._started: list[Running] = []

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Running:
        """Start it and return at once."""
        running = Running([str(SCRIPT), *arguments], self.directory, {**self.environment, **(environment or {})})
        self._started.append(running)
        return running

    def run(
        self, *arguments: str, timeout: float = PATIENCE_SECONDS, environment: Mapping[str, str] | None = None
    ) -> Done:
        """Run it to its end."""
        return self.start(*arguments, environment=environment).wait(timeout)

    def json(self, *arguments: str, code: int = 0, timeout: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """Run it with `-o json` and return its document."""
        return self.run(*arguments, "-o", "json", timeout=timeout).expect(code).json

    def kill_all(self) -> None:
        """Leave no process."""
        for running in self._started:
            running.kill()
