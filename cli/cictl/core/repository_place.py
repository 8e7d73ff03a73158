"""Where a Git repository is kept: a folder here, or one on a host that ssh reaches; written as Git takes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_SSH_SCHEMES = {"ssh", "git+ssh", "ssh+git"}
_HOST = r"[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.%]+\]"
_LOGIN = re.compile(rf"(?!-)((?P<user>[A-Za-z0-9_][\w.+-]*)@)?(?P<host>{_HOST})", re.ASCII)


@dataclass(frozen=True, slots=True)
class RepositoryPlace:
    """A repository's PATH, and how ssh gets to it: LOGIN is `user@host`, None for this machine."""

    path: str
    login: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        """Return it as people write it."""
        if self.login is None:
            return self.path
        if self.port is None:
            return f"{self.login}:{self.path}"
        return f"ssh://{self.login}:{self.port}/{self.path.removeprefix('/')}"


def parse_place(text: str) -> RepositoryPlace:
    """Return where TEXT points: a path, `user@host:path` or `ssh://user@host:port/path`; ValueError for all else."""
    if not text or any(ord(char) < ord(" ") for char in text):
        raise ValueError(f"{text!r} is no path of a repository")
    scheme, separator, _ = text.partition("://")
    if separator and "/" not in scheme:
        return _of_url(text, scheme.lower())
    login, colon, path = text.partition(":")
    if not colon or "/" in login:
        return RepositoryPlace(text)
    return RepositoryPlace(_path(path, text), _login(login, text))


def _of_url(text: str, scheme: str) -> RepositoryPlace:
    if scheme == "file":
        return RepositoryPlace(unquote(urlsplit(text).path))
    if scheme not in _SSH_SCHEMES:
        raise ValueError(f"{text!r} leads to no folder: hooks are written by ssh, or on this machine")
    authority, _, path = text.partition("://")[2].partition("/")
    login, port = _port(authority, text)
    return RepositoryPlace(_path("/" + unquote(path), text), _login(login, text), port)


def _port(authority: str, text: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"(.*[^:\]]|.*\]):(\d{1,5})", authority)
    if found is None:
        return authority, None
    if not 0 < int(found[2]) < 2**16:  # what TCP has
        raise ValueError(f"{text!r} has no possible port")
    return found[1], int(found[2])


def _login(login: str, text: str) -> str:
    found = _LOGIN.fullmatch(login)
    if found is None or found["host"].startswith("-"):
        raise ValueError(f"{text!r} names no host that ssh could reach; write user@host:path or ssh://user@host/path")
    user = f"{found['user']}@" if found["user"] else ""
    return user + found["host"].strip("[]")


def _path(path: str, text: str) -> str:
    """Return PATH, relative to the home folder where Git says `~/`."""
    path = path.removeprefix("/") if path.startswith("/~") else path
    if path.startswith("~/"):
        path = path.removeprefix("~/")
    elif path.startswith("~"):
        raise ValueError(f"{text!r} begins in somebody's home folder; write its whole path")
    if not path.strip("/"):
        raise ValueError(f"{text!r} names no repository on its host")
    return path
