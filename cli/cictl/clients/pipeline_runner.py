"""The pipeline runner as a process: events come by a pipe of their own, answers go by its stdin."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from cictl.clients.java import UNICODE, find_java
from cictl.clients.pipeline_build import BuiltRunner, RunnerBuilds
from cictl.clients.pipeline_scratch import scratch_folder
from cictl.clients.queued_signals import QueuedSignals
from cictl.core.pipeline_request import PipelineRequest
from cictl.errors import FarSideFailed

_PATIENCE_SECONDS = 15.0
_LAST_CHARACTERS = 2000
_BROKEN_OFF_HINT = "run it again; where it was killed, see that the machine has memory for a JVM"


class PipelineRunner:
    """Starts one JVM for each run."""

    def __init__(self, cache: Path, *, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        """CACHE is a folder for what is built once; SAY is told of what takes long."""
        self._cache = cache
        self._environ = dict(environ)
        self._say = say
        self._built: BuiltRunner | None = None

    def build(self) -> BuiltRunner:
        """Return the runner, built if need be; NotFound without Java, or where Maven is needed and is not there."""
        if self._built is None:
            self._built = self._builds().runner()
        return self._built

    def require_tools(self) -> None:
        """Raise NotFound without Java, or without what builds the runner where that is still to be done."""
        self._builds().require_tools()

    def _builds(self) -> RunnerBuilds:
        java = find_java(self._environ)
        return RunnerBuilds(self._cache, java, environ={**self._environ, **UNICODE}, say=self._say)

    @contextmanager
    def session(self, request: PipelineRequest) -> Iterator[RunnerSession]:
        """Start what REQUEST asks for; at the end nothing that was started is left."""
        command, cookie = self.build().command, uuid.uuid4().hex
        own = {"cookie": cookie, "lcAll": self._environ.get("LC_ALL")}
        with scratch_folder() as (scratch, held), tempfile.TemporaryFile() as said:
            session = RunnerSession(command, {**self._environ, **UNICODE}, said, cookie=cookie, held=(held,))
            try:
                session.send({**request.message(scratch=scratch), **own})
                with session.signals.caught():
                    yield session
            finally:
                session.close()


class RunnerSession:
    """One process; a thread reads its events, and what interrupts waits among them, so that none is lost."""

    def __init__(
        self,
        command: tuple[str, ...],
        environ: Mapping[str, str],
        said: IO[bytes],
        *,
        cookie: str | None = None,
        held: tuple[int, ...] = (),
    ) -> None:
        """SAID gets what the JVM itself prints, which is nothing unless it breaks; COOKIE marks what it starts.

        The process holds the descriptors HELD as well, for as long as it lives.
        """
        self._said = said
        self._cookie = cookie
        self._queue: queue.SimpleQueue[str | int | None] = queue.SimpleQueue()
        self.signals = QueuedSignals(self._queue.put)
        self._sessions: set[int] = set()
        self._is_over = False
        read_end, write_end = os.pipe()
        try:
            self._process = _started([*command, f"/dev/fd/{write_end}"], environ, said, held=(write_end, *held))
        finally:
            os.close(write_end)
        self._reader = threading.Thread(target=self._read, args=(read_end,), daemon=True)
        self._reader.start()

    def _read(self, read_end: int) -> None:
        with open(read_end, encoding="utf-8") as events:
            for line in events:
                self._queue.put(line)
        self._queue.put(None)

    def send(self, message: Mapping[str, object]) -> None:
        """Send MESSAGE; to a process that is gone it need not go."""
        stdin = self._process.stdin
        if stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                stdin.write(json.dumps(message) + "\n")
                stdin.flush()

    def answer(self, question: str, *, approve: bool, values: Mapping[str, str]) -> None:
        """Answer the QUESTION of that id."""
        self.send({"answer": question, "approve": approve, "values": dict(values)})

    def abort(self, reason: str) -> None:
        """Have what runs stopped, and `post` run."""
        self.send({"abort": reason})

    def events(self) -> Iterator[Mapping[str, Any]]:
        """Yield the events to come, until the last; between two of them raise what a signal raises."""
        self.signals.is_direct = False
        while not self._is_over:
            line = self._queue.get()
            if isinstance(line, int):
                self.signals.raise_taken(line)
                continue
            if line is None:
                raise FarSideFailed(f"the pipeline runner broke off: {self._last_words()}", hint=_BROKEN_OFF_HINT)
            event = self._parsed(line)
            self._is_over = event.get("event") in {"finished", "checked"}
            self.signals.is_direct = event.get("event") == "input"
            yield event
            self.signals.is_direct = False

    def _parsed(self, line: str) -> dict[str, Any]:
        try:
            event: dict[str, Any] = json.loads(line)
        except ValueError as error:
            raise FarSideFailed(f"the pipeline runner broke off: {line[:200]!r}", hint=_BROKEN_OFF_HINT) from error
        if event.get("event") == "process":
            self._sessions.add(event["pid"])
        elif event.get("event") == "process-end":
            self._sessions.discard(event["pid"])
        return event

    def _last_words(self) -> str:
        self._said.seek(0)
        words = self._said.read().decode(errors="replace").strip()
        return words[-_LAST_CHARACTERS:] or f"exit status {self._process.wait()}"

    def close(self) -> None:
        """End the process, and what it started if it could not do so itself."""
        if not self._is_over:
            self._process.kill()
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(_PATIENCE_SECONDS)
        while not self._queue.empty() and (line := self._queue.get()) is not None:
            with contextlib.suppress(FarSideFailed):
                if isinstance(line, str):
                    self._parsed(line)
        for leader in self._sessions:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(leader, signal.SIGKILL)
        if self._sessions and self._cookie is not None:
            _kill_all_with(self._cookie)


def _started(
    command: Sequence[str], environ: Mapping[str, str], said: IO[bytes], *, held: tuple[int, ...]
) -> subprocess.Popen[str]:
    """Start COMMAND in a session of its own, so that Ctrl-C reaches cictl alone, which lets `post` run."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=said,
        stderr=said,
        env=dict(environ),
        pass_fds=held,
        start_new_session=True,
        text=True,
        encoding="utf-8",
    )


def _kill_all_with(cookie: str) -> None:
    """End what inherited COOKIE, also out of its session; where there is no /proc nothing is found."""
    mark = f"\0JENKINS_SERVER_COOKIE=durable-{cookie}-".encode()
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in b"\0" + environ.read_bytes():
                os.kill(int(environ.parent.name), signal.SIGKILL)
