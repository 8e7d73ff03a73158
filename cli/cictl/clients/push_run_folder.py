"""The folder `cictl-runs` of one bare repository: what pushes asked for, what became of it, and who is at work.

A run is a folder, `runs/NUMBER`: the hook writes `request` into it, the worker `run.json`, `log` and `events.json`.
Locks are those of the kernel, which end with their holders; nothing else says that somebody is at work.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from cictl.clients.local_repository import acting_as_owner
from cictl.clients.private_file import write_private
from cictl.clients.push_run_files import is_locked, lock_file, not_read, not_written, read_result, writing
from cictl.core.push_run import PushRun, RunSettings, State, folder_name, parse_request
from cictl.errors import ConfigInvalid, NotAllowed, NotFound

FOLDER = "cictl-runs"
_PRIVATE = 0o700
_HALF_A_REQUEST_SECONDS = 3600.0  # how long a number may be taken without a request: its hook was killed
_LOG_BYTES = 100_000  # kept twice: the log and the one before
_SHOWN_COMPLAINTS = 5
_REQUEST_FIELDS = {"number", "branch", "commit", "pushed_at"}  # as the hook wrote them


class RunFolder:
    """The runs of the repository at REPOSITORY."""

    def __init__(self, repository: Path) -> None:
        """REPOSITORY holds HEAD; its folder of runs need not exist."""
        self.repository = repository
        self.root = repository / FOLDER
        self._runs = self.root / "runs"

    def prepare(self) -> None:
        """Have the folders there, for the repository's owner alone."""
        with acting_as_owner(self.repository), writing(self.root):
            for folder in (self.root, self._runs, self.root / "locks", self.root / "work"):
                folder.mkdir(mode=_PRIVATE, exist_ok=True)

    def settings(self) -> RunSettings | None:
        """Return what runs are started with, None where no such hook was installed."""
        path = self.root / "settings.json"
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            listed = {name: tuple(data[name]) for name in ("credentials", "libraries")}
            return RunSettings(**{**data, **listed})
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError as error:
            raise NotAllowed(f"{path} cannot be read", hint="be the user that the repository belongs to") from error
        except (ValueError, KeyError, TypeError) as error:
            message = f"{path} holds no settings: {error}"
            raise ConfigInvalid(message, hint="run 'cictl hook install --run' again") from error

    def keep_settings(self, settings: RunSettings) -> None:
        """Have SETTINGS on disk, in place of those before; they may hold secrets."""
        path = self.root / "settings.json"
        with acting_as_owner(self.repository), writing(path):
            write_private(path, json.dumps(asdict(settings), indent=1) + "\n")

    def forget_settings(self) -> None:
        """Take the settings away; runs stay to be read."""
        path = self.root / "settings.json"
        gone = contextlib.suppress(FileNotFoundError, NotADirectoryError)
        with acting_as_owner(self.repository), writing(path), gone:
            path.unlink()

    def runs(self) -> tuple[PushRun, ...]:
        """Return all runs by number; what is half written is not there yet."""
        try:
            numbers = sorted(int(path.name) for path in self._runs.iterdir() if path.name.isdecimal())
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise not_read(self._runs, error) from error
        return tuple(run for number in numbers if (run := self._read(number)))

    def run(self, number: int) -> PushRun:
        """Return run NUMBER."""
        if found := self._read(number):
            return found
        raise NotFound(f"there is no run {number} in {self.root}", hint=f"see 'cictl hook runs {self.repository}'")

    def seen(self, run: PushRun) -> PushRun:
        """Return RUN as it is: one that nobody is at although it was begun was broken off."""
        if run.state is not State.RUNNING or is_locked(self._lock_of(run.branch)):
            return run
        again = self.run(run.number)  # it may just have come to its end
        return replace(again, state=State.BROKEN_OFF) if again.state is State.RUNNING else again

    def _read(self, number: int) -> PushRun | None:
        request = self._text(self._runs / str(number) / "request")
        run = parse_request(number, request) if request is not None else None
        written = self._text(self._runs / str(number) / "run.json")
        if run is None or written is None:
            return run
        try:
            data: dict[str, Any] = json.loads(written)
            return replace(run, **{**data, "state": State(data["state"])})
        except (ValueError, KeyError, TypeError):
            return run  # begun again, as any that broke off

    def _text(self, path: Path) -> str | None:
        try:
            return path.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return None

    def keep(self, run: PushRun) -> None:
        """Have what is known of RUN on disk before this returns."""
        data = {name: value for name, value in asdict(run).items() if name not in _REQUEST_FIELDS}
        path = self.path(run.number) / "run.json"
        with writing(path):
            write_private(path, json.dumps(data) + "\n")

    def path(self, number: int) -> Path:
        """Return the folder of run NUMBER."""
        return self._runs / str(number)

    def log(self, number: int) -> Path:
        """Return where what run NUMBER says is written."""
        return self.path(number) / "log"

    def say(self, number: int, line: str) -> None:
        """Add LINE with the time to the log of run NUMBER."""
        path = self.log(number)
        with writing(path), path.open("a", encoding="utf-8", errors="surrogateescape") as log:
            log.write(f"{time.strftime('%H:%M:%S')} {line}\n")

    @contextmanager
    def outputs(self, number: int) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """Give the files in which run NUMBER writes, in its process: its log, to be continued, and its result."""
        with contextlib.ExitStack() as stack:
            with writing(self.path(number)):
                log = stack.enter_context(self.log(number).open("ab"))
                events = stack.enter_context((self.path(number) / "events.json").open("wb"))
            yield log, events

    def log_from(self, number: int, offset: int) -> bytes:
        """Return what stands in the log of run NUMBER from OFFSET bytes on; nothing where it has none yet."""
        try:
            with self.log(number).open("rb") as log:
                log.seek(offset)
                return log.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise not_read(self.log(number), error) from error

    def ask_to_stop(self, number: int) -> None:
        """Leave the wish for the worker that run NUMBER is stopped."""
        path = self._stop_of(number)
        with acting_as_owner(self.repository), writing(path):
            path.touch(mode=0o600)

    def is_asked_to_stop(self, number: int) -> bool:
        """Whether no worker has taken that wish."""
        return self._stop_of(number).exists()

    def takes_stop(self, number: int) -> bool:
        """Take that wish away; whether there was one."""
        path = self._stop_of(number)
        try:
            with acting_as_owner(self.repository):
                path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise not_written(path, error) from error
        return True

    def _stop_of(self, number: int) -> Path:
        return self.path(number) / "stop"

    def worker_log(self) -> tuple[str, ...]:
        """Return the last lines of what workers complained of."""
        text = self._text(self.root / "worker.log") or ""
        return tuple(text.splitlines()[-_SHOWN_COMPLAINTS:])

    def result(self, number: int) -> Mapping[str, Any] | None:
        """Return what `cictl pipeline run -o json` printed at its end, None where it has not come so far."""
        return read_result(self.path(number) / "events.json")

    def ended_at(self, number: int) -> float:
        """Return when the result of run NUMBER was written, as epoch seconds."""
        path = self.path(number) / "events.json"
        try:
            return path.stat().st_mtime
        except OSError as error:
            raise not_read(path, error) from error

    def delete(self, run: PushRun) -> None:
        """Forget RUN; what cannot be deleted stays until the next time."""
        shutil.rmtree(self.path(run.number), ignore_errors=True)

    def sweep(self, *, now: float) -> None:
        """Delete the numbers that a hook took and, killed, never used; put a long log of workers aside."""
        complaints = self.root / "worker.log"
        with writing(complaints), contextlib.suppress(FileNotFoundError):
            if complaints.stat().st_size > _LOG_BYTES:
                complaints.replace(self.root / "worker.log.1")
        for path in self._runs.iterdir():
            with contextlib.suppress(OSError):
                if not (path / "request").exists() and now - path.stat().st_mtime > _HALF_A_REQUEST_SECONDS:
                    shutil.rmtree(path)

    @contextmanager
    def workplace(self, branch: str) -> Iterator[Path]:
        """Give the empty folder in which BRANCH is checked out, the same one each time; it goes with the block."""
        path = self.root / "work" / folder_name(branch)
        shutil.rmtree(path, ignore_errors=True)
        if os.path.lexists(path):
            hint = "delete it as root: containers of a build leave files of other users"
            raise NotAllowed(f"{path} cannot be deleted", hint=hint)
        with writing(path):
            path.mkdir(parents=True, mode=_PRIVATE)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def only_worker(self) -> Iterator[bool]:
        """Give whether nobody else works on these runs; nobody can as long as the block lasts."""
        with lock_file(self.root / "locks" / "worker") as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @contextmanager
    def branch_lock(self, branch: str) -> Iterator[int]:
        """Give a descriptor that holds BRANCH; a child that inherits it and outlives us holds it on."""
        with lock_file(self._lock_of(branch)) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor

    def _lock_of(self, branch: str) -> Path:
        return self.root / "locks" / f"branch-{folder_name(branch)}"
