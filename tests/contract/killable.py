"""cictl in processes that may be killed: forked from one that has imported everything, so that each starts at once."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

_REPOSITORY = Path(__file__).parents[2]


class Killable:
    """Runs cictl one process at a time; `pid` is that of the one that runs."""

    def __init__(self, folder: Path, environ: Mapping[str, str], warm_by: Sequence[str] = ("jobs", "render")) -> None:
        """Have all imported that WARM_BY takes in FOLDER, by default rendering the platform."""
        self.pid: int | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.contract.killable"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=_REPOSITORY,
        )
        self.run(warm_by, folder, environ)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stdin.close()
        self._process.wait(60)
        self._stdout.close()

    def run(self, argv: Sequence[str], folder: Path, environ: Mapping[str, str]) -> int:
        """Return the exit status, negative for a signal; stdout and stderr are in FOLDER's `said`."""
        self._tell({"argv": list(argv), "folder": str(folder), "environ": dict(environ)})
        self.pid = int(self._stdout.readline())
        self._tell("go")
        status = int(self._stdout.readline())
        self.pid = None
        return status

    def kill(self) -> None:
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)

    @property
    def _stdin(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _stdout(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _tell(self, what: object) -> None:
        self._stdin.write(json.dumps(what) + "\n")
        self._stdin.flush()


def _line() -> bytes:
    """Read a line without taking more: the rest is for whoever reads next, in another process."""
    line = b""
    while (byte := os.read(0, 1)) not in {b"", b"\n"}:
        line += byte
    return line


def _child(asked: Mapping[str, object]) -> int:
    from cictl.root import main  # noqa: PLC0415 - imported before the fork
    from tests.contract.bootstrap_platform import brisk_app  # noqa: PLC0415 - as above

    _line()
    folder, environ = Path(str(asked["folder"])), dict(asked["environ"])  # type: ignore[call-overload]
    said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.environ.clear()
    os.environ.update(environ)
    return int(main([str(word) for word in asked["argv"]], app=brisk_app(folder, environ)))  # type: ignore[attr-defined]


def _warm(asked: Mapping[str, object]) -> None:
    """Do in this process what is asked for first, so that each process after it has its imports."""
    from cictl.root import main  # noqa: PLC0415 - as above
    from tests.contract.bootstrap_platform import brisk_app  # noqa: PLC0415 - as above

    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        main([str(word) for word in asked["argv"]], app=brisk_app(Path(str(asked["folder"])), asked["environ"]))  # type: ignore[attr-defined,arg-type]


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _serve() -> None:
    import cictl.commands.bootstrap_documents  # noqa: PLC0415 - what every child needs
    import cictl.wiring.bootstrap  # noqa: F401, PLC0415 - as above

    is_warm = False
    while line := _line():
        asked = json.loads(line)
        if not is_warm:
            is_warm = True
            _warm(asked)
            gc.collect()
            gc.freeze()  # else each child's collection copies every page that it shares with this process
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                status = _child(asked)
                sys.stdout.flush()
            finally:
                os._exit(status)
        _say(pid)
        _, wait_status = os.waitpid(pid, 0)
        _say(os.waitstatus_to_exitcode(wait_status))


if __name__ == "__main__":
    _serve()
