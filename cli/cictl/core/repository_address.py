"""Which addresses of Git repositories a Jenkins can check out, and what such a repository is called by everybody."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_SCHEMES = {"http", "https", "ssh", "git", "git+ssh", "ssh+git"}
_HELPER = re.compile(r"[a-z0-9+.-]+::", re.IGNORECASE)
_REMOTE = re.compile(r"(?:[^@/\s]+@)?(\[[^\]]+\]|[^:/\s]{2,}):(?!//)\S.*")


def repository_problem(address: str) -> str | None:
    """Return why Jenkins cannot check ADDRESS out, None if it can: a path on the controller's disk is refused."""
    if _HELPER.match(address):
        return f"{address} names a remote helper, which Jenkins does not run"
    try:
        parts = urlsplit(address if "://" in address else "")
    except ValueError as error:  # as of brackets that do not match
        return f"{address} is no address: {error}"
    scheme = parts.scheme.lower()
    if scheme in _SCHEMES and parts.hostname:
        return None
    if scheme == "file" or (not scheme and not _REMOTE.fullmatch(address)):
        return f"{address} is on a disk, and Jenkins checks out no local repository"
    return f"{address} is no address that Git knows" if scheme else None


def repository_name(address: str) -> str | None:
    """Return host and path of ADDRESS, the same however it is cloned: without scheme, user, port and `.git`.

    None for a repository on a disk, which is called otherwise on each machine. Two servers that only a port tells apart
    are one here: far more often a port is another door to the same server, as that of SSH.
    """
    if repository_problem(address) is not None:
        return None
    if "://" in address:
        parts = urlsplit(address)
        host, path = parts.hostname or "", parts.path
    else:
        found = _REMOTE.fullmatch(address)
        host, path = (found[1].strip("[]").lower() if found else "", address.partition("]")[2] or address)
        path = path.partition(":")[2]
    path = re.sub(r"/+", "/", unquote(path)).strip("/").removesuffix(".git").rstrip("/")
    return f"{host}/{path}" if path else host
