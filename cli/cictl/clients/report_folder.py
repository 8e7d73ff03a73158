"""Where reports are put on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cictl.clients.whole_file import write_output
from cictl.errors import NotAllowed

_IGNORE_ALL = "# Made by cictl; what is here changes no image's tag.\n*\n"


class ReportFolder:
    """A folder of JUnit XML."""

    def write(self, folder: Path, files: Sequence[tuple[str, bytes]]) -> None:
        """Put FILES, by name below FOLDER, there; a folder made here is one that Git ignores."""
        try:
            if not folder.exists():
                folder.mkdir(parents=True)
                (folder / ".gitignore").write_text(_IGNORE_ALL, encoding="utf-8")
            for name, content in files:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        except OSError as error:
            message = f"reports cannot be written to {folder}: {error.strerror}"
            raise NotAllowed(message, hint="name another folder with --junit-dir") from error

    def clear(self, folder: Path) -> None:
        """Forget the reports of an earlier run, which would tell of this one."""
        for path in folder.rglob("*.xml"):
            path.unlink(missing_ok=True)


def write_file(path: Path, text: str) -> None:
    """Write TEXT as PATH, in place of what was there; a reader never sees half of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_output(path, text.encode())
    except OSError as error:
        raise NotAllowed(f"{path} cannot be written: {error.strerror}", hint="name another file with --out") from error
