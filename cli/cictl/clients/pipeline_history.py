"""Remembers the last run of each Jenkinsfile and branch: its number and result, which `post { fixed { … } }` needs."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import NamedTuple


class LastRun(NamedTuple):
    """The run before; number 0 and no result if there was none."""

    number: int
    result: str | None


class PipelineHistory:
    """One small file for each Jenkinsfile and branch; what cannot be read or written is as if it had never run."""

    def __init__(self, folder: Path) -> None:
        """FOLDER is made when the first run is kept."""
        self._folder = folder

    def last(self, jenkinsfile: Path, branch: str | None) -> LastRun:
        """Return the run before."""
        try:
            data = json.loads(self._path(jenkinsfile, branch).read_text(encoding="utf-8"))
            return LastRun(int(data["number"]), str(data["result"]))
        except (OSError, ValueError, KeyError, TypeError):
            return LastRun(0, None)

    def keep(self, jenkinsfile: Path, branch: str | None, run: LastRun) -> None:
        """Keep RUN as the last one."""
        path = self._path(jenkinsfile, branch)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(run._asdict()), encoding="utf-8")

    def _path(self, jenkinsfile: Path, branch: str | None) -> Path:
        name = hashlib.sha256(f"{jenkinsfile}\0{branch}".encode()).hexdigest()[:24]
        return self._folder / f"{name}.json"
