"""The folder `cictl-runs` of one bare repository: what pushes asked for, what became of it, and who is at work.

A run is a folder, `runs/NUMBER`: the hook writes `request` into it, the worker `run.json`, `log` and `events.json`.
Locks are those of the kernel, which end with their holders; nothing else says that somebody is at work.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from cictl.clients.private_file import write_private
from cictl.core.push_run import PushRun, RunSettings, State, folder_name, parse_request
from cictl.errors import ConfigInvalid, NotAllowed, NotFound

FOLDER = "cictl-runs"
_PRIVATE = 0o700
_HALF_A_REQUEST_SECONDS = 3600.0  # how long a number may be taken without a request: its hook was killed
_LOG_BYTES = 100_000  # kept twice: the log and the one before
_RESULT_BYTES = 64 * 1024 * 1024  # more than the log's limit leaves of a run; what is larger is not read whole
_HEAD_BYTES, _TAIL_BYTES = 65536, 16
_SHOWN_COMPLAINTS = 5
_REQUEST_FIELDS = {"number", "branch", "commit", "pushed_at"}  # as the hook wrote them


def find_repository(place: str) -> Path:
    """Return the repository that PLACE names as Git takes it: itself, its `.git`, or with `.git` behind it."""
    for path in (Path(place), Path(place, ".git"), Path(f"{place}.git")):
        if (path / "HEAD").exists() and (path / "objects").is_dir():
            return path.resolve()
    raise NotFound(f"there is no Git repository {place}", hint="name the folder that holds HEAD")


class RunFolder:
    """The runs of the repository at REPOSITORY."""

    def __init__(self, repository: Path) -> None:
        """REPOSITORY holds HEAD; its folder of runs need not exist."""
        self.repository = repository
        self.root = repository / FOLDER
        self._runs = self.root / "runs"

    def prepare(self) -> None:
        """Have the folders there, for the repository's owner alone."""
        with _writing(self.root):
            for folder in (self.root, self._runs, self.root / "locks", self.root / "work"):
                if folder.is_symlink() and os.geteuid() == 0 != self.repository.stat().st_uid:
                    message = f"{folder} is a link, and root follows none that somebody else can make"
                    raise NotAllowed(message, hint="do it as the user that the repository belongs to")
                folder.mkdir(mode=_PRIVATE, exist_ok=True)
                self._give_away(folder)

    def _give_away(self, path: Path) -> None:
        """Have PATH, which root may have made, belong to whom the repository belongs."""
        if os.geteuid() == 0:
            owner = self.repository.stat()
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)

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
        with _writing(path):
            write_private(path, json.dumps(asdict(settings), indent=1) + "\n")
            self._give_away(path)

    def forget_settings(self) -> None:
        """Take the settings away; runs stay to be read."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            (self.root / "settings.json").unlink()

    def runs(self) -> tuple[PushRun, ...]:
        """Return all runs by number; what is half written is not there yet."""
        try:
            numbers = sorted(int(path.name) for path in self._runs.iterdir() if path.name.isdecimal())
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise _not_read(self._runs, error) from error
        return tuple(run for number in numbers if (run := self._read(number)))

    def run(self, number: int) -> PushRun:
        """Return run NUMBER."""
        if found := self._read(number):
            return found
        raise NotFound(f"there is no run {number} in {self.root}", hint=f"see 'cictl hook runs {self.repository}'")

    def seen(self, run: PushRun) -> PushRun:
        """Return RUN as it is: one that nobody is at although it was begun was broken off."""
        if run.state is not State.RUNNING or self._is_held(run.branch):
            return run
        again = self.run(run.number)  # it may just have come to its end
        return replace(again, state=State.BROKEN_OFF) if again.state is State.RUNNING else again

    def _is_held(self, branch: str) -> bool:
        """Whether somebody runs BRANCH; who wants to meanwhile waits for this moment."""
        try:
            with self._lock_file(f"branch-{folder_name(branch)}") as descriptor:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False

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
        with _writing(path):
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
        with _writing(path), path.open("a", encoding="utf-8", errors="surrogateescape") as log:
            log.write(f"{time.strftime('%H:%M:%S')} {line}\n")

    @contextmanager
    def outputs(self, number: int) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """Give the files in which run NUMBER writes, in its process: its log, to be continued, and its result."""
        with contextlib.ExitStack() as stack:
            with _writing(self.path(number)):
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
            raise _not_read(self.log(number), error) from error

    def worker_log(self) -> tuple[str, ...]:
        """Return the last lines of what workers complained of."""
        text = self._text(self.root / "worker.log") or ""
        return tuple(text.splitlines()[-_SHOWN_COMPLAINTS:])

    def result(self, number: int) -> Mapping[str, Any] | None:
        """Return what `cictl pipeline run -o json` printed at its end, None where it has not come so far."""
        path = self.path(number) / "events.json"
        try:
            if path.stat().st_size > _RESULT_BYTES:
                return _head_of_result(path)
            data = json.loads(path.read_text(encoding="utf-8", errors="surrogateescape"))
        except (OSError, ValueError):
            return None
        return data if isinstance(data, dict) and data.get("result") else None

    def ended_at(self, number: int) -> float:
        """Return when the result of run NUMBER was written, as epoch seconds."""
        path = self.path(number) / "events.json"
        try:
            return path.stat().st_mtime
        except OSError as error:
            raise _not_read(path, error) from error

    def delete(self, run: PushRun) -> None:
        """Forget RUN; what cannot be deleted stays until the next time."""
        shutil.rmtree(self.path(run.number), ignore_errors=True)

    def sweep(self, *, now: float) -> None:
        """Delete the numbers that a hook took and, killed, never used; put a long log of workers aside."""
        complaints = self.root / "worker.log"
        with _writing(complaints), contextlib.suppress(FileNotFoundError):
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
        with _writing(path):
            path.mkdir(parents=True, mode=_PRIVATE)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def only_worker(self) -> Iterator[bool]:
        """Give whether nobody else works on these runs; nobody can as long as the block lasts."""
        with self._lock_file("worker") as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @contextmanager
    def branch_lock(self, branch: str) -> Iterator[int]:
        """Give a descriptor that holds BRANCH; a child that inherits it and outlives us holds it on."""
        with self._lock_file(f"branch-{folder_name(branch)}") as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor

    @contextmanager
    def _lock_file(self, name: str) -> Iterator[int]:
        path = self.root / "locks" / name
        with _writing(path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            self._give_away(path)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _head_of_result(path: Path) -> Mapping[str, Any] | None:
    """Return how a run ended of which there is too much at PATH to read it all; None where its end is missing."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        file.seek(-_TAIL_BYTES, os.SEEK_END)
        is_whole = file.read().rstrip().endswith(b"}")
    found = re.search(rb'^  "result": "([A-Z_]+)"', head, re.MULTILINE)
    return {"result": found[1].decode()} if found and is_whole else None


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Have what the system refuses at PATH be an error of this one thing, which stops no run of another branch."""
    try:
        yield
    except OSError as error:
        hint = "be the user that the repository belongs to, and see that the disk is not full"
        raise NotAllowed(f"{path} cannot be written: {error.strerror}", hint=hint) from error


def _not_read(path: Path, error: OSError) -> NotAllowed:
    return NotAllowed(f"{path} cannot be read: {error.strerror}", hint="be the user that the repository belongs to")
