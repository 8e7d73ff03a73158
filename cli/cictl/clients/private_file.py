"""Files with secrets, each for its owner alone: others may not read it, and a reader never sees half of it."""

from __future__ import annotations

from pathlib import Path

from cictl.clients.whole_file import write_whole
from cictl.errors import NotAllowed
from cictl.redaction import redact

_PRIVATE_FOLDER = 0o700
_OTHERS = 0o077


class PrivateFile:
    """The secret in the file at PATH, on one line."""

    def __init__(self, path: Path) -> None:
        """PATH need not exist."""
        self._path = path

    @property
    def path(self) -> str:
        """Where it is."""
        return str(self._path)

    def read(self) -> str | None:
        """Return the secret, None if there is none; NotAllowed where others may read it."""
        try:
            mode = self._path.stat().st_mode
            text = self._path.read_text(encoding="utf-8").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        except OSError as error:
            raise NotAllowed(
                f"{self._path} cannot be read: {error.strerror}", hint="check its owner and mode"
            ) from error
        if is_open_to_others(mode):
            raise NotAllowed(
                f"others may read the secret in {self._path}", hint=f"chmod 600 {self._path}, and renew it"
            )
        return redact(text) if text else None

    def keep(self, value: str) -> None:
        """Have VALUE on disk before this returns."""
        folder = self._path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
            write_private(self._path, f"{redact(value)}\n")
        except OSError as error:
            hint = "make that folder writable, or point XDG_STATE_HOME elsewhere"
            raise NotAllowed(f"no secret can be kept in {folder}: {error.strerror}", hint=hint) from error


def write_private(path: Path, text: str) -> None:
    """Have TEXT on disk as PATH, in place of what was there; its folder must exist. Raises OSError."""
    write_whole(path, text.encode(), is_private=True, is_synced=True)


def is_open_to_others(mode: int) -> bool:
    """Whether a file of MODE is not for its owner alone."""
    return bool(mode & _OTHERS)
