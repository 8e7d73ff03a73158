"""API tokens that `cictl login` made, each in a file of its owner alone; it keeps no password and sends nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cictl.clients.private_file import is_open_to_others, write_private
from cictl.core.jenkins_server import KeptToken
from cictl.errors import CictlError, NotAllowed
from cictl.redaction import redact
from cictl.user_folders import state_folder

_PRIVATE_FOLDER = 0o700


class TokenFiles:
    """The tokens below one folder, by Jenkins' address and user."""

    def __init__(self, folder: Path) -> None:
        """FOLDER need not exist."""
        self.folder = folder

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> TokenFiles:
        """Return the user's own, below XDG_STATE_HOME."""
        return cls(state_folder(environ) / "jenkins")

    def find(self, url: str, user: str | None = None) -> KeptToken | None:
        """Return the token for URL of USER; without USER the newest one for URL. None if there is none."""
        found = [kept for kept in self._all() if kept.url == _normal(url) and _is_user(kept, user)]
        return max(found, key=lambda kept: kept.made_at, default=None)

    def path(self, kept: KeptToken) -> Path:
        """Return the file that KEPT is in."""
        key = f"{_normal(kept.url)}\n{kept.user.lower()}"
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def keep(self, kept: KeptToken) -> None:
        """Have KEPT on disk before this returns, in place of what was kept for the same address and user."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
            self.folder.chmod(_PRIVATE_FOLDER)
            write_private(self.path(kept), json.dumps(_fields(kept)))
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def forget(self, kept: KeptToken) -> None:
        """Remove KEPT's file; one that is gone is no error."""
        try:
            self.path(kept).unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def _all(self) -> Iterator[KeptToken]:
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.glob("*.json")):
            if (kept := _read(path)) is not None:
                yield kept


def _read(path: Path) -> KeptToken | None:
    """Return the token in PATH, None where it holds none that can be read."""
    try:
        mode = path.stat().st_mode
        document: Any = json.loads(path.read_text(encoding="utf-8"))
        kept = KeptToken(
            url=str(document["url"]),
            user=str(document["user"]),
            value=redact(str(document["value"])),
            name=str(document["name"]),
            uuid=str(document["uuid"]),
            made_at=float(document["made_at"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if is_open_to_others(mode):
        raise NotAllowed(f"others may read the token in {path}", hint=f"chmod 600 {path}, and run 'cictl login' anew")
    return kept


def _fields(kept: KeptToken) -> dict[str, object]:
    return {
        "url": _normal(kept.url),
        "user": kept.user,
        "value": kept.value,
        "name": kept.name,
        "uuid": kept.uuid,
        "made_at": kept.made_at,
    }


def _normal(url: str) -> str:
    return url.rstrip("/")


def _is_user(kept: KeptToken, user: str | None) -> bool:
    """Whether KEPT is USER's; Jenkins tells no capitals from small letters there."""
    return user is None or kept.user.lower() == user.lower()


def _unwritable(folder: Path, error: OSError) -> CictlError:
    hint = "make that folder writable, or point XDG_STATE_HOME elsewhere"
    return NotAllowed(f"no token can be kept in {folder}: {error.strerror}", hint=hint)
