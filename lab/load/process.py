"""Load in a process of its own, so that the test that watches cannot slow the traffic it watches."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from lab.load.arrivals import Plan
from lab.load.record import Record
from lab.load.target import Target

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0


class LoadFailed(RuntimeError):
    """The process that sends did not start, or did not end."""


class Load:
    """`with Load(url, rate=50, duration=60) as load: ...`, then `load.records()`."""

    def __init__(
        self,
        url: str,
        *,
        rate: float,
        duration: float,
        count: int = 1_000_000,
        timeout: float = 2.0,
        out: Path | None = None,
        allow_any: bool = False,
    ) -> None:
        """Check everything here, where an error is read, and not in the process."""
        Target.parse(url, allow_any=allow_any)
        plan = Plan(rate, duration, count)
        self._options = [url, "--rate", str(plan.rate), "--duration", str(plan.duration_seconds), "--quiet"]
        self._options += ["--count", str(plan.count), "--timeout", str(timeout)]
        self._options += ["--allow-any"] if allow_any else []
        self._kept = out
        self._out: Path | None = None
        self._records: list[Record] = []
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Return once requests are on their way."""
        self._out = self._kept or Path(tempfile.mkdtemp(prefix="load-")) / "records.jsonl"
        self._out.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lab.load", *self._options, "--out", str(self._out)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        )
        self._wait_for_first_record(self._process, self._out)
        return self

    def stop(self) -> list[Record]:
        """Send no more, wait for the answers still out, and return all records."""
        if self._process is not None:
            self._process.terminate()
        return self.wait()

    def wait(self) -> list[Record]:
        """Let the run come to its own end, and return all records."""
        if message := self._end():
            raise LoadFailed(message)
        return self.records()

    def records(self) -> list[Record]:
        """Return what is known so far, also while it runs."""
        return self._records if self._out is None else read_records(self._out)

    def _wait_for_first_record(self, process: subprocess.Popen[str], out: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not (out.exists() and out.stat().st_size):
            if process.poll() is not None and not process.returncode:
                return  # a run that was over before anything was due
            if process.returncode or time.monotonic() > deadline:
                process.kill()
                raise LoadFailed(f"load did not start: {self._end()}")
            time.sleep(0.01)

    def _end(self) -> str:
        """Wait for the process and take in its records; say what it had to say if it failed, else nothing."""
        if self._process is None or self._out is None:
            return ""
        _, errors = self._process.communicate()
        failure = errors.strip() or f"exit status {self._process.returncode}"
        message = failure if self._process.returncode else ""
        self._records, out, self._out = self.records(), self._out, None
        self._process = None
        if self._kept is None:
            shutil.rmtree(out.parent)
        return message

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def read_records(path: Path) -> list[Record]:
    """Read PATH as far as it is written; a line being written is left for the next look."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [Record.from_line(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
