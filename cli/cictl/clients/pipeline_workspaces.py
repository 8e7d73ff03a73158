"""The folders that runs of pipelines may fill and empty: new ones, empty ones, and those that a run here has made."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cictl.clients.whole_file import write_whole
from cictl.errors import NotAllowed, UsageProblem

_HINT = "name a new or empty folder outside of the working tree"


class PipelineWorkspaces:
    """Remembers each workspace by path and by what the system calls it, so that another folder of its name is none."""

    def __init__(self, folder: Path) -> None:
        """FOLDER holds one small record for each workspace; it is made when the first is used."""
        self._folder = folder

    def checked(self, workspace: Path, tree: Path) -> Path:
        """Return WORKSPACE without links; UsageProblem where a run in it may harm TREE or what is not cictl's."""
        try:
            real, own = workspace.resolve(), tree.resolve()
            _refuse_near(workspace, real, own)
            if real.exists() and any(real.iterdir()) and not self._is_known(real):
                message = f"--workspace {workspace}: the folder is not empty, and no run of cictl has made it"
                raise UsageProblem(message, hint=_HINT)
        except (OSError, RuntimeError) as error:
            raise NotAllowed(f"--workspace {workspace} cannot be used: {error}", hint=_HINT) from error
        return real

    @contextmanager
    def used(self, workspace: Path) -> Iterator[None]:
        """Make WORKSPACE, which was checked, and know it again, also where the run replaces it by a new folder."""
        try:
            workspace.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NotAllowed(f"--workspace {workspace} cannot be made: {error.strerror}", hint=_HINT) from error
        self._remember(workspace)
        try:
            yield
        finally:
            self._remember(workspace)

    def _is_known(self, workspace: Path) -> bool:
        try:
            return bool(json.loads(self._record(workspace).read_text(encoding="utf-8")) == _identity(workspace))
        except (OSError, ValueError):
            return False

    def _remember(self, workspace: Path) -> None:
        """Without a record the next run refuses what this one leaves, which harms nobody."""
        with contextlib.suppress(OSError):
            record = self._record(workspace)
            record.parent.mkdir(parents=True, exist_ok=True)
            write_whole(record, json.dumps(_identity(workspace)).encode())

    def _record(self, workspace: Path) -> Path:
        return self._folder / f"{hashlib.sha256(str(workspace).encode()).hexdigest()[:24]}.json"


def _refuse_near(workspace: Path, real: Path, tree: Path) -> None:
    for inner, outer, how in ((tree, real, "is or holds"), (real, tree, "lies in")):
        if outer.exists() and _identity(outer) in [
            _identity(each) for each in (inner, *inner.parents) if each.exists()
        ]:
            message = f"--workspace {workspace}: the folder {how} the working tree {tree}, which a run must not empty"
            raise UsageProblem(message, hint=_HINT)


def _identity(folder: Path) -> list[int]:
    """Return what names a folder however its path is written: device and inode."""
    status = folder.stat()
    return [status.st_dev, status.st_ino]
