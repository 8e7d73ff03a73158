"""Remembers the runs of each Jenkinsfile and branch: number, result, the commit that last went well, artefacts."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cictl.clients.whole_file import write_whole

_KEPT_ARCHIVES = 10
_SUCCESS = "SUCCESS"


class LastRun(NamedTuple):
    """The number of the run that began last, the result of the one that ended last, the COMMIT of the last success."""

    number: int
    result: str | None
    commit: str | None = None


class PipelineHistory:
    """One small file for each Jenkinsfile and branch; what cannot be read or written is as if it had never run."""

    def __init__(self, folder: Path) -> None:
        """FOLDER is made when the first run begins."""
        self._folder = folder

    def last(self, jenkinsfile: Path, branch: str | None) -> LastRun:
        """Return what is known of the runs before."""
        try:
            data = json.loads(self._path(jenkinsfile, branch).read_text(encoding="utf-8"))
            return LastRun(int(data["number"]), _text(data, "result"), _text(data, "commit"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return LastRun(0, None)

    def begin(self, jenkinsfile: Path, branch: str | None) -> int:
        """Return the number of a run that begins; of two at once, each gets its own, also after one was killed."""
        with self._locked(jenkinsfile, branch) as path:
            last = self.last(jenkinsfile, branch)
            _write(path, last._replace(number=last.number + 1))
        for old in self._archives(jenkinsfile, branch)[: -_KEPT_ARCHIVES + 1]:
            shutil.rmtree(old, ignore_errors=True)
        return last.number + 1

    def end(self, jenkinsfile: Path, branch: str | None, result: str, commit: str | None) -> None:
        """Keep how a run of COMMIT ended, None where it was not all of a commit."""
        with self._locked(jenkinsfile, branch) as path:
            last = self.last(jenkinsfile, branch)
            succeeded = commit if commit is not None and result == _SUCCESS else last.commit
            _write(path, LastRun(last.number, result, succeeded))

    def archive(self, jenkinsfile: Path, branch: str | None, number: int) -> Path:
        """Return the folder of the artefacts of run NUMBER, which need not exist; those of the last runs are kept."""
        return self._path(jenkinsfile, branch).with_suffix("") / str(number)

    def _archives(self, jenkinsfile: Path, branch: str | None) -> list[Path]:
        folder = self._path(jenkinsfile, branch).with_suffix("")
        numbered = [each for each in folder.glob("*") if each.name.isdecimal()]
        return sorted(numbered, key=lambda each: int(each.name))

    @contextmanager
    def _locked(self, jenkinsfile: Path, branch: str | None) -> Iterator[Path]:
        path = self._path(jenkinsfile, branch)
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                file = stack.enter_context(path.with_suffix(".lock").open("a"))
                fcntl.flock(file, fcntl.LOCK_EX)
            yield path

    def _path(self, jenkinsfile: Path, branch: str | None) -> Path:
        name = hashlib.sha256(f"{jenkinsfile}\0{branch}".encode()).hexdigest()[:24]
        return self._folder / f"{name}.json"


def _text(data: Mapping[str, object], key: str) -> str | None:
    return str(data[key]) if data.get(key) is not None else None


def _write(path: Path, last: LastRun) -> None:
    with contextlib.suppress(OSError):
        write_whole(path, json.dumps(last._asdict()).encode())
